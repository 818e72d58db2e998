"""The worked example as an org has it: contracts, won deals with a few fields of the org's own, an upsell, services."""

from dataclasses import replace
from typing import Any

from followed_org import Followed

from models.renewals.ledger import Ledger
from models.renewals.term import Kind, Term
from models.term import read_terms

_FIELDS = (
    ("Opportunity", "ARR__c", "currency"),
    ("Opportunity", "Start_Date__c", "date"),
    ("Opportunity", "Renewed_Opportunities__c", "string"),
    ("Contract", "Evergreen__c", "boolean"),
    ("Contract", "Annual_Uplift__c", "percent"),
)


class RenewingOrg:
    """Writes terms into a demo org as people would."""

    def __init__(self, followed: Followed) -> None:
        """Add the fields, and leave out the deals that the org comes with."""
        self.followed, self.org = followed, followed.org
        for object_name, name, kind in _FIELDS:
            extra = {"precision": 18, "scale": 2} if kind in {"currency", "percent"} else {}
            self.org.catalog.add_field(object_name, name, kind, **extra)
        for deal in followed.deals:
            self.org.update("Opportunity", deal, {"StageName": "Prospecting"})
        self.accounts: dict[str, str] = {}
        #: by the name of the term
        self.deals: dict[str, str] = {}
        self.contracts: dict[str, str] = {}

    def write(self, terms: list[Term]) -> None:
        """Write each term; those that renew others name their deals."""
        for term in terms:
            self.sell(term)
            match term.term_id:
                case "S6" | "E1":
                    change = term.steps[1].arr - term.steps[0].arr
                    self.change(term.term_id, arr=change, start=term.steps[1].on.isoformat())

    def sell(self, term: Term, **values: Any) -> None:
        """Win a deal, with a contract unless it is for services."""
        assert term.start is not None
        account = self._account(term.logo)
        deal: dict[str, Any] = {
            "Name": term.term_id,
            "AccountId": account,
            "StageName": "Closed Won",
            "CloseDate": term.start.isoformat(),
            "ARR__c": str(term.steps[0].arr),
            "Type": {Kind.PILOT: "Pilot"}.get(term.kind, "Renewal" if term.renews else "New Business"),
            "Renewed_Opportunities__c": ";".join(self.deals[name] for name in term.renews) or None,
        }
        if term.kind is not Kind.ONE_OFF:
            self.contracts[term.term_id] = deal["ContractId"] = self._contract(term, account)
        self.deals[term.term_id] = self.org.insert("Opportunity", {**deal, **values})
        if term.kind is Kind.ONE_OFF:
            self._sell_services(self.deals[term.term_id])

    def change(self, name: str, *, arr: Any, start: str) -> None:
        """Sell more, or less, under the contract of a term."""
        with self.org.reading() as connection:
            account = connection.execute(
                "SELECT AccountId FROM Opportunity WHERE Id = ?", (self.deals[name],)
            ).fetchone()[0]
        values = {
            "Name": f"{name} change", "AccountId": account, "StageName": "Closed Won", "CloseDate": start,
            "Type": "Upsell", "ARR__c": str(arr), "Start_Date__c": start, "ContractId": self.contracts[name],
        }  # fmt: skip
        self.org.insert("Opportunity", values)

    def ledger(self, **known: Any) -> Ledger:
        """What the store knows, under the names of the example."""
        names = {org_id: name for name, org_id in (*self.contracts.items(), *self.deals.items())}
        customers = {org_id: name for name, org_id in self.accounts.items()}
        [(org_id,)] = self.followed.ask("SELECT org_id FROM ops.org")
        with self.followed.store.reading() as session:
            found = [each.term for each in read_terms(session, org_id, **known)]
        return Ledger(_renamed(term, names, customers) for term in found)

    def _account(self, logo: str) -> str:
        if logo not in self.accounts:
            self.accounts[logo] = self.org.insert("Account", {"Name": logo})
        return self.accounts[logo]

    def _contract(self, term: Term, account: str) -> str:
        assert term.start is not None
        values: dict[str, Any] = {
            "AccountId": account,
            "Status": "Draft",
            "StartDate": term.start.isoformat(),
            "CustomerSignedDate": None if term.signed_on is None else term.signed_on.isoformat(),
            "Evergreen__c": term.kind is Kind.EVERGREEN,
            "Annual_Uplift__c": 5 if term.term_id == "M1" else None,
        }
        if term.due is not None:
            days = (term.due - term.start).days + 1
            values["ContractTerm"] = round(days / 30.44)
        contract = self.org.insert("Contract", values)
        self.org.update("Contract", contract, {"Status": "Activated"})
        return contract

    def _sell_services(self, deal: str) -> None:
        product = self.org.insert("Product2", {"Name": "Training", "IsActive": True, "Family": "Services"})
        with self.org.reading() as connection:
            book = connection.execute("SELECT Id FROM Pricebook2").fetchone()[0]
        price = self.org.insert(
            "PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 9000, "IsActive": True}
        )
        self.org.insert(
            "OpportunityLineItem",
            {"OpportunityId": deal, "PricebookEntryId": price, "Quantity": 1, "UnitPrice": 9000},
        )


def _renamed(term: Term, names: dict[str, str], customers: dict[str, str]) -> Term:
    renews = tuple(names[each] for each in term.renews)
    return replace(term, term_id=names[term.term_id], logo=customers[term.logo], renews=renews)
