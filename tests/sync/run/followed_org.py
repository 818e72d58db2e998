"""Small orgs with won and open deals, served over real sockets, and a store that follows them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.store.snapshot import restore, save
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from models.session import Store
from sync.prove import ProofReport, prove_once
from sync.run import PassReport, run_once
from sync.settings import SalesforceSettings


@dataclass
class Followed:
    """An org and the store that follows it."""

    org: Org
    store: Store
    settings: SalesforceSettings
    deals: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    #: begins every text of this org
    word: str = ""

    def sync(self, *, snapshot: bool = False) -> PassReport:
        """Do one complete pass by hand."""
        return run_once(self.store, self.settings, snapshot=snapshot)

    def proof(self) -> ProofReport:
        """Compare the store with the org."""
        return prove_once(self.store, self.settings)

    def ask(self, sql: str, **values: Any) -> list[Any]:
        """Return the rows of a query of the store."""
        with self.store.reading() as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def one(self, object_name: str, field_name: str, parent_id: str) -> str:
        """Return the id of a record of the org by its parent."""
        with self.org.reading() as connection:
            row = connection.execute(f'SELECT Id FROM "{object_name}" WHERE {field_name} = ?', (parent_id,)).fetchone()
        return str(row[0])

    def deal(self, *, won: bool, account: int = 0, **values: Any) -> str:
        """Make an opportunity with a role, a line item, a task, an event and a note."""
        stage = "Closed Won" if won else "Prospecting"
        given = {
            "Name": f"{self.word}Deal {len(self.deals)}",
            "CloseDate": "2026-11-01",
            "AccountId": self.accounts[account],
            **values,
        }
        deal = self.org.insert("Opportunity", {"StageName": stage, **given})
        contact = self.contacts[len(self.deals) % len(self.contacts)]
        self.org.insert(
            "OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "Role": "Decision Maker"}
        )
        self.org.insert(
            "OpportunityLineItem",
            {"OpportunityId": deal, "PricebookEntryId": self.price, "Quantity": 2, "UnitPrice": 10},
        )
        self.org.insert(
            "Task", {"WhatId": deal, "WhoId": contact, "Subject": f"{self.word}Call", "Status": "Completed"}
        )
        self.org.insert(
            "Note", {"ParentId": deal, "Title": f"{self.word}Promise", "Body": f'{self.word}a "quoted"\nline'}
        )
        self.deals.append(deal)
        return deal

    @property
    def price(self) -> str:
        """The only price book entry."""
        with self.org.reading() as connection:
            return str(connection.execute("SELECT Id FROM PricebookEntry").fetchone()[0])


@contextmanager
def following(
    store: Store, wire: WireSettings, *, word: str = "", number: int = 1, clock: Clock | None = None
) -> Iterator[Followed]:
    """The same for as many orgs as a test needs: their records have equal ids, and texts that begin with a word."""
    org = Org.open(clock=clock)
    if number > 1:
        _let_be_another(org, number)
    with _served(org, store, wire, word=word) as made:
        made.accounts = [org.insert("Account", {"Name": f"{word}Clinic {n}"}) for n in range(6)]
        org.update("Account", made.accounts[0], {"ParentId": made.accounts[5]})
        made.contacts = [
            org.insert("Contact", {"LastName": f"{word}Person {n}", "AccountId": made.accounts[n]}) for n in range(6)
        ]
        product = org.insert("Product2", {"Name": f"{word}Platform", "IsActive": True, "Family": "Subscription"})
        with org.reading() as connection:
            book = connection.execute("SELECT Id FROM Pricebook2").fetchone()[0]
        org.insert("PricebookEntry", {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 10, "IsActive": True})
        for turn in range(6):
            made.deal(won=turn % 2 == 0, account=turn % 3)
        yield made


@dataclass(frozen=True)
class Kept:
    """An org that a store follows already, to be taken up again by many tests."""

    database: str
    file: Path
    deals: list[str]
    accounts: list[str]
    contacts: list[str]


def kept(database_url: str, file: Path) -> Kept:
    """Make such an org, let a store follow it, and keep both."""
    store = Store(database_url)
    with following(store, WireSettings(bulk_delay=0.0)) as made:
        made.sync()
        save(made.org, file)
    store.close()
    return Kept(str(make_url(database_url).database), file, made.deals, made.accounts, made.contacts)


@contextmanager
def following_again(store: Store, kept_org: Kept, wire: WireSettings) -> Iterator[Followed]:
    """A copy of the kept org, and a store that is a copy of the one that followed it."""
    org = Org.open()
    restore(org, kept_org.file)
    with _served(org, store, wire) as made:
        made.deals, made.accounts, made.contacts = kept_org.deals[:], kept_org.accounts[:], kept_org.contacts[:]
        yield made


@contextmanager
def _served(org: Org, store: Store, wire: WireSettings, *, word: str = "") -> Iterator[Followed]:
    with closing(org), running(org, settings=wire) as served:
        settings = SalesforceSettings(
            url=served.url,
            auth="client_credentials",
            client_id=wire.credentials.client_id,
            client_secret=wire.credentials.client_secret,
            currency="USD",
        )
        yield Followed(org=org, store=store, settings=settings, word=word)


def _let_be_another(org: Org, number: int) -> None:
    """Give a new org another id; all its records keep theirs."""
    org_id = org.org_id
    for _ in range(number - 1):
        org_id = org.new_id("Organization")
    with org.writing() as connection:
        connection.execute("UPDATE Organization SET Id = ?, Name = ?", (org_id, f"Demo Org {number}"))
    org.keep("org_id", org_id)
    org.org_id = org_id
