"""The views that CS people read, computed in plain Python from the closure."""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from oracle.closure import Closure
from oracle.tables import Row

#: what the store is told of the org's only currency
CURRENCY = "USD"
_MIDNIGHT = "T00:00:00.000+00:00"


@dataclass(frozen=True, slots=True)
class View:
    """One view: its rows by key, and how a row's key is read."""

    expected: Callable[[Closure], dict[Hashable, Row]]
    key: Callable[[Row], Hashable]
    #: whether several rows may have the same key
    numbered: bool = False

    def by_key(self, rows: Iterable[Row]) -> dict[Hashable, Row]:
        """Rows of the store by their keys."""
        found: dict[Hashable, Row] = {}
        numbers: Counter[Hashable] = Counter()
        for row in rows:
            key = self.key(row)
            numbers[key] += 1
            found[(key, numbers[key]) if self.numbered else key] = row
        return found


def _deals(closure: Closure) -> dict[Hashable, Row]:
    won = _won_at(closure)
    found: dict[Hashable, Row] = {}
    for key, deal in closure.rows["Opportunity"].items():
        contract = closure.rows["Contract"].get(deal["ContractId"])
        found[key] = {
            "name": deal["Name"],
            "customer_id": deal["AccountId"],
            "customer_name": _of(closure, "Account", deal["AccountId"], "Name"),
            "amount": deal["Amount"],
            "currency": deal.get("CurrencyIsoCode") or CURRENCY,
            "close_on": deal["CloseDate"],
            "won_at": won.get(key),
            "owner_id": deal["OwnerId"],
            "owner_name": _of(closure, "User", deal["OwnerId"], "Name"),
            "type": deal["Type"],
            "stage": deal["StageName"],
            "lead_source": deal["LeadSource"],
            "contract_id": contract["Id"] if contract else None,
            "due_on": _due_on(contract) if contract else None,
            "modified_at": deal["SystemModstamp"],
        }
    return found


def _won_at(closure: Closure) -> dict[str, str]:
    won = {
        each["ApiName"] or each["MasterLabel"] for each in closure.rows["OpportunityStage"].values() if each["IsWon"]
    }
    found: dict[str, str] = {}
    for change in closure.rows["OpportunityHistory"].values():
        if change["StageName"] in won:
            deal, at = change["OpportunityId"], change["CreatedDate"]
            found[deal] = min(at, found.get(deal, at))
    return found


def _due_on(contract: Row) -> str | None:
    if contract["EndDate"] or contract["StartDate"] is None or contract["ContractTerm"] is None:
        return contract["EndDate"]  # type: ignore[no-any-return]  # rows are untyped
    start = date.fromisoformat(contract["StartDate"])
    year, month = divmod(start.month - 1 + int(contract["ContractTerm"]), 12)
    year, month = start.year + year, month + 1
    end = date(year, month, min(start.day, monthrange(year, month)[1])) - timedelta(days=1)
    return end.isoformat()


def _customers(closure: Closure) -> dict[Hashable, Row]:
    theirs = defaultdict(list)
    for deal in closure.rows["Opportunity"].values():
        theirs[deal["AccountId"]].append(deal)
    found: dict[Hashable, Row] = {}
    for key, deals in theirs.items():
        account = closure.rows["Account"].get(key)
        if account is None:
            continue
        amounts: dict[str, Decimal] = {}
        for deal in deals:
            if deal["Amount"] is not None:
                code = deal.get("CurrencyIsoCode") or CURRENCY
                amounts[code] = amounts.get(code, Decimal()) + Decimal(str(deal["Amount"]))
        found[key] = {
            "name": account["Name"],
            "industry": account["Industry"],
            "website": account["Website"],
            "employees": account["NumberOfEmployees"],
            "country": account["BillingCountry"],
            "parent_id": account["ParentId"],
            "parent_name": _of(closure, "Account", account["ParentId"], "Name"),
            "owner_id": account["OwnerId"],
            "owner_name": _of(closure, "User", account["OwnerId"], "Name"),
            "deals": len(deals),
            "amount_by_currency": {code: float(amount) for code, amount in amounts.items()},
            "first_won_on": min(deal["CloseDate"] for deal in deals),
            "last_won_on": max(deal["CloseDate"] for deal in deals),
            "modified_at": account["SystemModstamp"],
        }
    return found


def _stakeholders(closure: Closure) -> dict[Hashable, Row]:
    touches: Counter[tuple[Any, Any]] = Counter()
    last: dict[tuple[Any, Any], str] = {}
    for name in ("Task", "Event"):
        for activity in closure.rows[name].values():
            pair, day = (activity["WhatId"], activity["WhoId"]), activity["ActivityDate"]
            touches[pair] += 1
            if day is not None:
                last[pair] = max(day, last.get(pair, day))
    found: dict[Hashable, Row] = {}
    for key, role in closure.rows["OpportunityContactRole"].items():
        contact = closure.rows["Contact"].get(role["ContactId"]) or {}
        pair = (role["OpportunityId"], role["ContactId"])
        found[key] = {
            "deal_id": role["OpportunityId"],
            "contact_id": contact.get("Id"),
            "name": contact.get("Name"),
            "title": contact.get("Title"),
            "email": contact.get("Email"),
            "phone": contact.get("Phone"),
            "role": role["Role"],
            "is_primary": bool(role["IsPrimary"]),
            "last_touch_on": last.get(pair),
            "touches": touches[pair],
        }
    return found


def _items(closure: Closure) -> dict[Hashable, Row]:
    found: dict[Hashable, Row] = {}
    for key, item in closure.rows["OpportunityLineItem"].items():
        product = closure.rows["Product2"].get(item["Product2Id"]) or {}
        found[key] = {
            "deal_id": item["OpportunityId"],
            "product_id": item["Product2Id"],
            "product": product.get("Name") or item["Name"],
            "product_code": product.get("ProductCode") or item["ProductCode"],
            "family": product.get("Family"),
            "quantity": item["Quantity"],
            "list_price": item["ListPrice"],
            "unit_price": item["UnitPrice"],
            "discount": item["Discount"],
            "total": item["TotalPrice"],
            "service_on": item["ServiceDate"],
            "description": item["Description"],
        }
    return found


def _stage_changes(closure: Closure) -> dict[Hashable, Row]:
    """The view shows no ids, so a change is known by what it says, and equal ones are numbered."""
    numbers: Counter[Hashable] = Counter()
    found: dict[Hashable, Row] = {}
    for change in closure.rows["OpportunityHistory"].values():
        row = {
            "deal_id": change["OpportunityId"],
            "changed_at": change["CreatedDate"],
            "stage": change["StageName"],
            "amount": change["Amount"],
            "close_on": change["CloseDate"],
            "probability": change["Probability"],
            "changed_by_id": change["CreatedById"],
            "changed_by": _of(closure, "User", change["CreatedById"], "Name"),
        }
        key = _change_key(row)
        numbers[key] += 1
        found[key, numbers[key]] = row
    return found


def _change_key(row: Row) -> Hashable:
    at = row["changed_at"]
    shown = at if isinstance(at, str) else at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    numbers = tuple(None if row[name] is None else float(row[name]) for name in ("amount", "probability"))
    return row["deal_id"], shown, row["stage"], str(row["close_on"]), *numbers, row["changed_by_id"]


def _timeline(closure: Closure) -> dict[Hashable, Row]:
    found: dict[Hashable, Row] = {}
    for name, (parent, at, title, body, who) in _ENTRIES.items():
        for key, record in closure.rows[name].items():
            found[name.lower(), key] = {
                "deal_id": record[parent],
                "at": at(record),
                "title": record[title],
                "body": record[body],
                "who": _of(closure, "Contact", record.get(who), "Name"),
                "owner": _of(closure, "User", record["OwnerId"], "Name"),
                "status": record["Status"] if name in {"Task", "Quote"} else None,
            }
    return found


def _day(day: str | None) -> str | None:
    return None if day is None else day + _MIDNIGHT


_ENTRIES: dict[str, tuple[str, Callable[[Row], Any], str, str, str]] = {
    "Task": ("WhatId", lambda row: row["CompletedDateTime"] or _day(row["ActivityDate"]) or row["CreatedDate"],
             "Subject", "Description", "WhoId"),
    "Event": ("WhatId", lambda row: row["StartDateTime"] or row["ActivityDateTime"] or _day(row["ActivityDate"]),
              "Subject", "Description", "WhoId"),
    "Note": ("ParentId", lambda row: row["CreatedDate"], "Title", "Body", ""),
    "Quote": ("OpportunityId", lambda row: row["CreatedDate"], "Name", "Description", "ContactId"),
}  # fmt: skip


def _of(closure: Closure, name: str, key: Any, column: str) -> Any:
    row = closure.rows[name].get(key)
    return None if row is None else row[column]


def _by(column: str) -> Callable[[Row], Hashable]:
    return lambda row: row[column]


VIEWS: dict[str, View] = {
    "deal": View(_deals, _by("deal_id")),
    "customer": View(_customers, _by("customer_id")),
    "stakeholder": View(_stakeholders, _by("stakeholder_id")),
    "deal_item": View(_items, _by("item_id")),
    "stage_change": View(_stage_changes, _change_key, numbered=True),
    "timeline_entry": View(_timeline, lambda row: (row["kind"], row["entry_id"])),
}
