"""A seller at work: wins deals, reopens them, renames accounts, all through the demo org's REST API like a client.

The demo lets one work live; the acceptance tests drive one. Only what no API can do (physical deletion, undeleting)
goes through the demo org's control plane.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

_API = "/services/data/v64.0"
_CONTROL = "/demo/records"
Record = dict[str, Any]


class RefusedError(Exception):
    """The org did not do what it was asked; the message carries its answer."""

    def __init__(self, answer: httpx.Response) -> None:
        request = answer.request
        super().__init__(
            f"{request.method} {request.url.path} was answered {answer.status_code}: {answer.text[:300]}; "
            "look whether the record still exists and the object is switched on"
        )
        self.status = answer.status_code


class Salesperson:
    """A logged-in seller."""

    def __init__(
        self, base_url: str, *, client_id: str = "demo-client", client_secret: str = "", token: str | None = None
    ) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=30)
        self._login = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        self._known: dict[str, frozenset[str]] = {}
        self._refused: set[str] = set()
        if token is not None:
            self._client.headers["Authorization"] = f"Bearer {token}"
        else:
            try:
                self.log_in()
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def log_in(self) -> None:
        """Begin a session by the client credentials."""
        answer = self._client.post("/services/oauth2/token", data=self._login, headers={"Authorization": ""})
        if answer.status_code != 200:
            raise RefusedError(answer)
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    # -- looking --------------------------------------------------------------------------------------------------

    def query(self, soql: str) -> list[Record]:
        """All records of a query."""
        page = self._call("GET", f"{_API}/query", params={"q": soql}).json()
        records: list[Record] = page["records"]
        while not page["done"]:
            page = self._call("GET", page["nextRecordsUrl"]).json()
            records += page["records"]
        return records

    def read(self, object_name: str, record_id: str) -> Record:
        """One record with all its fields."""
        record: Record = self._call("GET", f"{_API}/sobjects/{object_name}/{record_id}").json()
        return record

    def stalest_deals(self, limit: int = 10) -> list[Record]:
        """Open deals: those with an offer first, and of them the ones nobody has touched for longest."""
        return self.query(
            "SELECT Id, Name, AccountId, StageName, Probability, ContactId, Pricebook2Id FROM Opportunity "  # noqa: S608 - SOQL
            "WHERE IsClosed = false AND Account.Name != null "
            f"ORDER BY HasOpportunityLineItem DESC, LastModifiedDate, Id LIMIT {limit}"
        )

    def line_items(self, deal_id: str) -> list[Record]:
        """What is on the order form of a deal."""
        return self.query(
            "SELECT Id, PricebookEntryId, Quantity, UnitPrice, Discount FROM OpportunityLineItem "  # noqa: S608 - SOQL
            f"WHERE OpportunityId = '{deal_id}' ORDER BY SortOrder, Id"
        )

    # -- selling --------------------------------------------------------------------------------------------------

    def win(self, deal_id: str | None = None) -> str:
        """Lead an open deal (by default the stalest one) through its stages to the win, and return its id."""
        deal = self._open_deal(deal_id)
        try:
            return self._lead_to_win(deal)
        except RefusedError:
            # Not chosen again of our own accord: imported deals may point at records that do not exist.
            self._refused.add(deal["Id"])
            raise

    def _lead_to_win(self, deal: Record) -> str:
        open_stages, won_stage = self._stages(deal)
        for stage in open_stages:
            self.update("Opportunity", deal["Id"], StageName=stage)
        if not self.line_items(deal["Id"]):
            self._add_product(deal)
        contact = self._buyer(deal)
        if contact is not None:
            self._name_buyer(deal["Id"], contact)
        self.add_note(deal["Id"], "Agreed in the last call", _AGREED)
        self._accepted_quote(deal)
        contract = self._signed_contract(deal, contact)
        today = self.today()
        values: Record = {"StageName": won_stage, "CloseDate": today.isoformat()}
        values |= {"ContractId": contract} if contract else {}
        values |= self._handover(today)
        self.update("Opportunity", deal["Id"], **values)
        return str(deal["Id"])

    def reopen(self, deal_id: str, *, stage: str = "Negotiation/Review") -> None:
        """Take a won deal back into an open stage."""
        self.update("Opportunity", deal_id, StageName=stage)

    def rename_account(self, account_id: str, name: str) -> None:
        """Give an account another name."""
        self.update("Account", account_id, Name=name)

    def add_contact_role(self, deal_id: str, contact_id: str, *, role: str = "Evaluator", primary: bool = False) -> str:
        """Name one more person on a deal."""
        return self.create(
            "OpportunityContactRole", OpportunityId=deal_id, ContactId=contact_id, Role=role, IsPrimary=primary
        )

    def add_task(self, deal_id: str, subject: str, *, text: str = "", contact_id: str | None = None) -> str:
        """Log a call about a deal."""
        values = {"WhatId": deal_id, "Subject": subject, "Description": text or None, "WhoId": contact_id}
        return self.create(
            "Task", Status="Completed", Priority="Normal", ActivityDate=self.today().isoformat(),
            **{name: value for name, value in values.items() if value is not None},
        )  # fmt: skip

    def add_note(self, deal_id: str, title: str, body: str) -> str:
        """Attach a note to a deal."""
        return self.create("Note", ParentId=deal_id, Title=title, Body=body)

    def change_amount(self, deal_id: str, unit_price: float) -> None:
        """Change a deal's amount the only way a deal with products allows: by the price of a line item."""
        items = self.line_items(deal_id)
        if not items:
            self.update("Opportunity", deal_id, Amount=unit_price)
            return
        self.update("OpportunityLineItem", items[0]["Id"], UnitPrice=unit_price)

    # -- records --------------------------------------------------------------------------------------------------

    def create(self, object_name: str, **values: Any) -> str:
        """Make a record and return its id."""
        return str(self._call("POST", f"{_API}/sobjects/{object_name}", json=values).json()["id"])

    def update(self, object_name: str, record_id: str, **values: Any) -> None:
        """Change fields of a record."""
        self._call("PATCH", f"{_API}/sobjects/{object_name}/{record_id}", json=values)

    def delete(self, record_id: str, object_name: str = "Opportunity") -> None:
        """Put a record into the recycle bin."""
        self._call("DELETE", f"{_API}/sobjects/{object_name}/{record_id}")

    def undelete(self, record_id: str, object_name: str = "Opportunity") -> None:
        """Take a record out of the recycle bin (control plane: the REST API cannot)."""
        self._call("POST", f"{_CONTROL}/{object_name}/{record_id}/undelete")

    def hard_delete(self, record_id: str, object_name: str = "Opportunity") -> None:
        """Remove a record physically (control plane)."""
        self._call("POST", f"{_CONTROL}/{object_name}/{record_id}/hard_delete")

    def hard_delete_line_item(self, deal_id: str) -> str:
        """Physically remove a line item of a deal, as a synchronised quote does, and return its id."""
        items = self.line_items(deal_id)
        if not items:
            raise LookupError(f"the deal {deal_id} has no line items; choose one with products")
        item_id = str(items[-1]["Id"])
        self.hard_delete(item_id, "OpportunityLineItem")
        return item_id

    def today(self) -> date:
        """The day it is in the org, whose clock a test may have moved."""
        answer = self._call("GET", f"{_API}/limits")
        told = answer.headers.get("Date")
        now = datetime.strptime(told, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC) if told else datetime.now(UTC)
        return now.date()

    # -- inside ---------------------------------------------------------------------------------------------------

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        answer = self._client.request(method, path, **request)
        if answer.status_code == 401 and self._login["client_secret"]:
            self.log_in()
            answer = self._client.request(method, path, **request)
        if answer.status_code >= 300:
            raise RefusedError(answer)
        return answer

    def _open_deal(self, deal_id: str | None) -> Record:
        if deal_id is not None:
            return self.read("Opportunity", deal_id)
        found = [each for each in self.stalest_deals(len(self._refused) + 1) if each["Id"] not in self._refused]
        return found[0] if found else self._new_deal()

    def _new_deal(self) -> Record:
        """Everything is won: begin a deal with an account that has waited longest."""
        accounts = self.query("SELECT Id, Name FROM Account ORDER BY LastActivityDate NULLS FIRST, Id LIMIT 1")
        if not accounts:
            raise LookupError("the org has no account to sell to; fill it with the story or with --data")
        expected = self.today() + timedelta(days=30)
        stage = self.query("SELECT ApiName FROM OpportunityStage WHERE IsClosed = false ORDER BY SortOrder LIMIT 1")
        made = self.create(
            "Opportunity", Name=f"{accounts[0]['Name']} - new request", AccountId=accounts[0]["Id"],
            StageName=stage[0]["ApiName"], CloseDate=expected.isoformat(),
        )  # fmt: skip
        return self.read("Opportunity", made)

    def _stages(self, deal: Mapping[str, Any]) -> tuple[list[str], str]:
        """The open stages a deal still has before it, and the one that wins it."""
        stages = self.query(
            "SELECT ApiName, IsClosed, IsWon, DefaultProbability FROM OpportunityStage "
            "WHERE IsActive = true ORDER BY SortOrder"
        )
        chance = deal["Probability"] or 0
        before = [each["ApiName"] for each in stages if not each["IsClosed"] and each["DefaultProbability"] > chance]
        used = self.query("SELECT StageName FROM Opportunity WHERE IsWon = true ORDER BY CloseDate DESC LIMIT 1")
        won = [each["ApiName"] for each in stages if each["IsWon"]]
        if not won:
            raise LookupError("the org has no stage that means won; add one to OpportunityStage")
        return before, used[0]["StageName"] if used else won[0]

    def _buyer(self, deal: Mapping[str, Any]) -> str | None:
        found = self.query(
            f"SELECT Id FROM Contact WHERE AccountId = '{deal['AccountId']}' AND "  # noqa: S608 - SOQL with an id
            "(Title LIKE '%Officer%' OR Title LIKE '%Director%' OR Title LIKE 'VP%') ORDER BY Id LIMIT 1"
        )
        return str(found[0]["Id"]) if found else deal.get("ContactId")

    def _name_buyer(self, deal_id: str, contact_id: str) -> None:
        roles = self.query(f"SELECT ContactId, Role FROM OpportunityContactRole WHERE OpportunityId = '{deal_id}'")  # noqa: S608 - SOQL
        if not any(each["ContactId"] == contact_id or each["Role"] == "Economic Buyer" for each in roles):
            self.add_contact_role(deal_id, contact_id, role="Economic Buyer", primary=not roles)

    def _add_product(self, deal: Mapping[str, Any]) -> None:
        book = deal.get("Pricebook2Id")
        where = f"Pricebook2Id = '{book}'" if book else "Pricebook2.IsStandard = true"
        entries = self.query(f"SELECT Id FROM PricebookEntry WHERE IsActive = true AND {where} ORDER BY Id LIMIT 1")  # noqa: S608 - SOQL
        if entries:
            self.create("OpportunityLineItem", OpportunityId=deal["Id"], PricebookEntryId=entries[0]["Id"], Quantity=4)

    def _accepted_quote(self, deal: Mapping[str, Any]) -> None:
        if not self._fields("Quote"):
            return
        items = self.line_items(str(deal["Id"]))
        if not items:
            return
        book = self.read("Opportunity", str(deal["Id"])).get("Pricebook2Id")
        quote = self.create("Quote", OpportunityId=deal["Id"], Name=f"{deal['Name'][:60]} final", Status="Presented",
                            **({"Pricebook2Id": book} if book else {}))  # fmt: skip
        for item in items:
            values = {name: item[name] for name in ("PricebookEntryId", "Quantity", "UnitPrice", "Discount")}
            if values["PricebookEntryId"]:
                self.create("QuoteLineItem", QuoteId=quote, **{k: v for k, v in values.items() if v is not None})
        self.update("Quote", quote, Status="Accepted")

    def _signed_contract(self, deal: Mapping[str, Any], contact_id: str | None) -> str | None:
        if not self._fields("Contract"):
            return None
        today = self.today()
        start = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        signed = {"CustomerSignedId": contact_id, "CustomerSignedDate": today.isoformat()} if contact_id else {}
        contract = self.create("Contract", AccountId=deal["AccountId"], Status="Draft", StartDate=start.isoformat(),
                               ContractTerm=12, OwnerExpirationNotice="60", **signed)  # fmt: skip
        self.update("Contract", contract, Status="Activated")
        return contract

    def _handover(self, today: date) -> Record:
        """What the seller fills in at the end, as far as the org has fields for it."""
        told = {
            "Commitments__c": _AGREED,
            "Kickoff_Date__c": (today + timedelta(days=14)).isoformat(),
            "Go_Live_Date__c": (today + timedelta(days=75)).isoformat(),
            "Payment_Terms__c": "Annual in advance, net 30",
            "Notice_Period__c": "60 days",
        }
        known = self._fields("Opportunity")
        return {name: value for name, value in told.items() if name in known}

    def _fields(self, object_name: str) -> frozenset[str]:
        """The fields of an object; none if the org does not have it."""
        if object_name not in self._known:
            try:
                described = self._call("GET", f"{_API}/sobjects/{object_name}/describe").json()
            except RefusedError as error:
                if error.status != 404:
                    raise
                described = {"fields": []}
            self._known[object_name] = frozenset(field["name"] for field in described["fields"])
        return self._known[object_name]


_AGREED = (
    "Kickoff within two weeks of the signature, with the same people who were in the demo. "
    "Prices are fixed for the term. The first review takes place 60 days after go-live, with their own numbers."
)
