"""A world: an org behind a socket, a store that follows it, and what is known of both."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from oracle import Memory, Oracle

from demo_org.clock import Clock
from demo_org.errors import SalesforceFault
from demo_org.store import LateTransaction, Org
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from machine.ledger import Ledger
from machine.onlooker import Onlooker
from models.session import Store
from sync.settings import SalesforceSettings

#: a step: its name, and the numbers that say what exactly
Step = tuple[Any, ...]

_BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: fields that admins hide and show, add and remove
WATCHED = (
    ("Opportunity", "NextStep"),
    ("Opportunity", "Why__c"),
    ("Account", "Industry"),
    ("Contact", "Title"),
    ("Task", "Description"),
    ("OpportunityLineItem", "Description"),
)
DAYS = timedelta(days=1)


class World:
    """One org and the store that follows it; steps are done by name."""

    def __init__(self, store_url: str) -> None:
        self._open = ExitStack()
        # Time stands still between steps: what they do is the same whenever they are done again.
        self.org = Org.open(clock=Clock(frozen_at=_BEGIN))
        self._open.callback(self.org.close)
        wire = WireSettings(bulk_delay=0.0)
        self.served = self._open.enter_context(running(self.org, settings=wire))
        self.store = Store(store_url)
        self._open.callback(self.store.close)
        self.login = SalesforceSettings(
            url=self.served.url,
            auth="client_credentials",
            client_id=wire.credentials.client_id,
            client_secret=wire.credentials.client_secret,
            currency="USD",
        )
        self.memory = Memory(WATCHED)
        self.oracle = Oracle(self.org, self.memory)
        self.late: LateTransaction | None = None
        self.steps: list[Step] = []
        self.did: Counter[str] = Counter()
        #: whether what the org shows has changed since the last look at all of it
        self.reshaped = False
        #: faults that have struck and were counted
        self.struck = 0
        _found(self)
        self.ledger = Ledger(self.store)
        self.onlooker = self._open.enter_context(Onlooker(store_url))

    def close(self) -> None:
        """End the org and give the store back."""
        self._open.close()

    # -- looking around -----------------------------------------------------------------------------------------------

    def ids(self, name: str, where: str = "", *values: Any) -> list[str]:
        """Ids of an object's live records, oldest first."""
        described = self.org.catalog.stored_object(name)
        conditions = [each for each in (where, "NOT IsDeleted" if "IsDeleted" in described.fields else "") if each]
        sql = f'SELECT Id FROM "{name}" WHERE {" AND ".join(conditions) or "1"} ORDER BY Id'
        with self.org.reading() as connection:
            return [row[0] for row in connection.execute(sql, values)]

    def pick(self, name: str, number: int, where: str = "", *values: Any) -> str | None:
        """One of an object's live records, by number."""
        found = self.ids(name, where, *values)
        return found[number % len(found)] if found else None

    def must_pick(self, name: str, number: int) -> str:
        """The same where there must be one; without one the act is not possible."""
        found = self.pick(name, number)
        if found is None:
            raise Impossible
        return found

    # -- doing --------------------------------------------------------------------------------------------------------

    def act(self, name: str, act: Callable[["World", int], object], number: int) -> None:
        """Let somebody do something; what the org refuses, or what can't be done, is left undone."""
        try:
            act(self, number)
        except (SalesforceFault, Impossible):
            self.did["refused"] += 1
        else:
            self.did[name] += 1
        self.memory.look(self.org)

    def move_clock(self, seconds: int) -> None:
        """Let time pass in the org."""
        self.org.clock.move(by=timedelta(seconds=seconds))

    def end_transaction(self, *, commit: bool = True) -> None:
        """Let the long transaction be seen, if there is one."""
        late, self.late = self.late, None
        if late is not None:
            try:
                late.commit() if commit else late.rollback()
            except SalesforceFault:  # what it writes is not possible any more
                self.did["refused"] += 1


class Impossible(Exception):
    """There is no record to do it to."""


def _found(world: World) -> None:
    """A small company: products, users, a campaign, accounts with people, and custom fields and objects."""
    org = world.org
    org.catalog.add_field("Opportunity", "Why__c", "string", label="Why us")
    org.catalog.add_object("Renewal__c")
    org.catalog.add_field("Renewal__c", "Deal__c", "reference", reference_to=("Opportunity",), children="Renewals")
    org.catalog.add_field("Renewal__c", "Customer__c", "reference", reference_to=("Account",), children="Upgrades")
    org.catalog.add_object("Ticket__c")
    org.catalog.add_field("Ticket__c", "Customer__c", "reference", reference_to=("Account",), children="Tickets")
    org.catalog.add_field("Ticket__c", "Urgent__c", "boolean", default=False)
    org.catalog.add_field("Renewal__c", "Worth__c", "currency", precision=18, scale=2)
    org.catalog.add_field("Renewal__c", "Due__c", "datetime")
    for feature in ("team_selling", "contacts_to_multiple_accounts"):
        org.switch_feature(feature, on=True)
    with org.reading() as connection:
        book = connection.execute("SELECT Id FROM Pricebook2").fetchone()[0]
        profile = connection.execute("SELECT Id FROM Profile").fetchone()[0]
    for number in range(3):
        product = org.insert("Product2", {"Name": f"Product {number}", "IsActive": True, "Family": "Subscription"})
        entry = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10 + number, "IsActive": True}
        org.insert("PricebookEntry", entry)
        name = f"seller{number}"
        org.insert("User", {
            "Username": f"{name}@demo.example", "LastName": f"Seller {number}", "Email": f"{name}@demo.example",
            "Alias": name, "CommunityNickname": name, "ProfileId": profile, "TimeZoneSidKey": "UTC",
            "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8", "IsActive": True,
        })  # fmt: skip
    for number in range(2):
        org.insert("Campaign", {"Name": f"Campaign {number}"})
        org.insert("RecordType", {
            "Name": f"Kind {number}", "DeveloperName": f"Kind_{number}", "SobjectType": "Opportunity", "IsActive": True,
        })  # fmt: skip
    for number in range(4):
        account = org.insert("Account", {"Name": f"Clinic {number}", "Industry": "Healthcare"})
        for person in range(2):
            org.insert("Contact", {"LastName": f"Person {number}{person}", "AccountId": account, "Title": "Nurse"})
        org.insert("Lead", {"LastName": f"Lead {number}", "Company": f"New {number}"})
    org.clock.move(by=timedelta(hours=1))
