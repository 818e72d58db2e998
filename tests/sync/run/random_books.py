"""Random books of business, written into a demo org as people would: contracts, deals, upsells and renewals."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from demo_org.store import Org

FIELDS = (
    ("Opportunity", "ARR__c", "currency"),
    ("Opportunity", "MRR__c", "currency"),
    ("Opportunity", "TCV__c", "currency"),
    ("Opportunity", "Start_Date__c", "date"),
    ("Opportunity", "Term_Months__c", "double"),
    ("Opportunity", "Renewal_Date__c", "date"),
    ("Opportunity", "ARR_Up_For_Renewal__c", "currency"),
    ("Opportunity", "Renewed_Opportunities__c", "string"),
    ("Contract", "Evergreen__c", "boolean"),
    ("Contract", "Auto_Renew__c", "boolean"),
    ("Contract", "Annual_Uplift__c", "percent"),
    ("Contract", "Ended_On__c", "date"),
)
_DAY = timedelta(days=1)
_EARLIEST, _LATEST = date(2024, 1, 10), date(2026, 11, 1)


@dataclass
class _Sold:
    """A deal that a later one may renew."""

    deal: str
    last: date


def add_fields(org: Org) -> None:
    """Give the org the fields that the books use."""
    for object_name, name, kind in FIELDS:
        sizes = {"precision": 18, "scale": 2} if kind in {"currency", "percent", "double"} else {}
        org.catalog.add_field(object_name, name, kind, **sizes)


class Writer:
    """Writes one customer after the other; the same seed gives the same books."""

    def __init__(self, org: Org, seed: int) -> None:
        """Begin with nothing."""
        self._org, self._chance = org, random.Random(seed)
        with org.reading() as connection:
            self._pricebook = connection.execute("SELECT Id FROM Pricebook2").fetchone()[0]
        self._services = self._price_of_services()

    def write(self, customers: int) -> None:
        """Write so many customers; everything is won on its own day, in order, by the clock of the org."""
        for number in range(customers):
            self._customer(f"Book {number}")

    def _customer(self, name: str) -> None:
        chance = self._chance
        account = self._org.insert("Account", {"Name": name})
        sold: list[_Sold] = []
        for _ in range(chance.choice([1, 1, 2, 2, 3])):
            start = _EARLIEST + timedelta(days=chance.randrange(700))
            sold.append(self._begin(account, start))
        unnamed = False
        for _ in range(chance.choice([0, 1, 2, 3, 4])):
            count = 2 if len(sold) > 1 and chance.random() < 0.2 else 1
            before = chance.sample(sold, count)
            start = max(each.last for each in before) + _DAY * chance.choice([1, 1, 1, 1, -30, -100, 20, 60, 130])
            if start >= _LATEST:
                continue
            is_named = unnamed or chance.random() < 0.8
            unnamed = unnamed or not is_named
            named = ";".join(each.deal for each in before) if is_named else None
            sold.append(self._begin(account, start, kind="Renewal", renewed=named))
        if chance.random() < 0.2:
            self._sell_services(account)

    def _begin(self, account: str, start: date, *, kind: str | None = None, renewed: str | None = None) -> _Sold:
        chance = self._chance
        months = chance.choice([3, 6, 12, 12, 12, 12, 24, 36])
        values = {"AccountId": account, "Renewed_Opportunities__c": renewed, **self._worth(months)}
        values["Type"] = kind or chance.choice(["New Business"] * 9 + ["Pilot"])
        won = start - timedelta(days=chance.choice([60, 20, 5, 5, 5, 0, -1, -10, -40, -95]))
        if chance.random() < 0.7:
            return self._under_contract(values, start, months=months, won=won)
        values |= {"Start_Date__c": start.isoformat()}
        told = chance.random()
        if told < 0.5:
            values["Term_Months__c"] = months
        elif told < 0.9:
            values["Renewal_Date__c"] = (start + timedelta(days=months * 30)).isoformat()
        deal = self._win(values, won)
        return _Sold(deal, start + timedelta(days=months * 30))

    def _worth(self, months: int) -> dict[str, Any]:
        chance = self._chance
        amount = chance.randrange(100, 20_000)
        told = chance.random()
        more = {"ARR_Up_For_Renewal__c": amount + 111} if chance.random() < 0.1 else {}
        if told < 0.75:
            return {"ARR__c": amount, **more}
        return {**({"MRR__c": amount / 10} if told < 0.85 else {"TCV__c": amount * months / 12}), **more}

    def _under_contract(self, values: dict[str, Any], start: date, *, months: int, won: date) -> _Sold:
        chance, org = self._chance, self._org
        contract = org.insert("Contract", {
            "AccountId": values["AccountId"], "Status": "Draft", "StartDate": start.isoformat(), "ContractTerm": months,
            "CustomerSignedDate": (won - _DAY).isoformat() if chance.random() < 0.7 else None,
            "Evergreen__c": chance.random() < 0.06, "Auto_Renew__c": chance.random() < 0.12,
            "Annual_Uplift__c": chance.choice([None, None, None, 3, 7.5]),
            "Ended_On__c": (start + timedelta(days=400)).isoformat() if chance.random() < 0.3 else None,
        })  # fmt: skip
        if chance.random() < 0.9:
            org.update("Contract", contract, {"Status": "Activated"})
        deal = self._win({**values, "ContractId": contract}, won)
        for _ in range(chance.choice([0, 0, 0, 1, 2])):
            on = start + timedelta(days=chance.randrange(3, 25) + 31 * chance.randrange(months))
            change = {
                "AccountId": values["AccountId"], "ContractId": contract, "Start_Date__c": on.isoformat(),
                "ARR__c": chance.choice([500, 250.5, -20]), "Type": chance.choice(["Upsell", "Expansion", "Downgrade"]),
            }  # fmt: skip
            self._win(change, max(on, won) + _DAY)
        last = start + timedelta(days=round(months * 30.4))
        if chance.random() < 0.15:
            last = self._prolong(values["AccountId"], contract, start, months=months, won=won)
        return _Sold(deal, last)

    def _prolong(self, account: str, contract: str, start: date, *, months: int, won: date) -> date:
        """Renew under the same contract, whose end is moved or not."""
        follows = start + timedelta(days=round(months * 30.44) + self._chance.choice([-20, 0, 1, 30]))
        renewal = {"AccountId": account, "ContractId": contract, "ARR__c": 4321, "Type": "Renewal",
                   "Start_Date__c": follows.isoformat(), "Term_Months__c": 12}  # fmt: skip
        self._win(renewal, max(follows - timedelta(days=7), won + 2 * _DAY))
        if self._chance.random() < 0.5:
            self._org.update("Contract", contract, {"ContractTerm": months + 12})
        return follows + timedelta(days=365)

    def _win(self, values: dict[str, Any], on: date) -> str:
        """Win a deal on a day: its history says so, whatever its close date."""
        self._org.clock.freeze(datetime(on.year, on.month, on.day, 18, tzinfo=UTC))
        return self._org.insert(
            "Opportunity", {"Name": "A deal", "StageName": "Closed Won", "CloseDate": on.isoformat(), **values}
        )

    def _price_of_services(self) -> str:
        product = self._org.insert("Product2", {"Name": "Training", "IsActive": True, "Family": "Services"})
        values = {"Product2Id": product, "Pricebook2Id": self._pricebook, "UnitPrice": 900, "IsActive": True}
        return self._org.insert("PricebookEntry", values)

    def _sell_services(self, account: str) -> None:
        deal = self._win({"AccountId": account, "Type": "New Business", "ARR__c": 900}, _EARLIEST)
        values = {"OpportunityId": deal, "PricebookEntryId": self._services, "Quantity": 1, "UnitPrice": 900}
        self._org.insert("OpportunityLineItem", values)
