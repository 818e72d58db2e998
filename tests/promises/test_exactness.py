"""After any sequence of what people do in an org, and one pass, the store is the closure: value by value."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import differences

from demo_org.errors import SalesforceFault
from demo_org.store import Org
from demo_org.wire.server import Running, running
from demo_org.wire.settings import WireSettings
from models.session import Store
from sync.prove import prove_once
from sync.run import run_once
from sync.settings import SalesforceSettings

_CHILDREN = ("OpportunityContactRole", "OpportunityLineItem", "Task", "Event", "Note", "Quote")
_PARENT = {"Task": "WhatId", "Event": "WhatId", "Note": "ParentId"}
_STAGES = ("Prospecting", "Closed Won", "Closed Lost")


class Sellers:
    """People at work in an org: every act is a small number, so that hypothesis can shrink what goes wrong."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.late: Any = None
        with org.reading() as connection:
            self.book = connection.execute("SELECT Id FROM Pricebook2").fetchone()[0]
        product = org.insert("Product2", {"Name": "Platform", "IsActive": True})
        self.price = org.insert(
            "PricebookEntry", {"Product2Id": product, "Pricebook2Id": self.book, "UnitPrice": 10, "IsActive": True}
        )
        for number in range(3):
            account = org.insert("Account", {"Name": f"Clinic {number}"})
            org.insert("Contact", {"LastName": f"Person {number}", "AccountId": account})
        for number in range(4):
            self.new_deal(number)

    def ids(self, name: str, *, deleted: bool = False) -> list[str]:
        """Return the ids of an object's records, the living or those in the recycle bin."""
        wanted = 1 if deleted else 0
        with self.org.reading() as connection:
            rows = connection.execute(f'SELECT Id FROM "{name}" WHERE IsDeleted = ? ORDER BY Id', (wanted,)).fetchall()
        return [row[0] for row in rows]

    def pick(self, name: str, number: int, *, deleted: bool = False) -> str | None:
        """Return one of the records, by number."""
        found = self.ids(name, deleted=deleted)
        return found[number % len(found)] if found else None

    def new_deal(self, number: int) -> None:
        """Open or win a deal with something of everything on it."""
        deal = self.org.insert(
            "Opportunity",
            {
                "Name": f"Deal {number}",
                "CloseDate": "2026-11-01",
                "StageName": _STAGES[number % 3],
                "AccountId": self.pick("Account", number),
            },
        )
        for name in _CHILDREN:
            self._child(name, deal, number)

    def add(self, number: int) -> None:
        """Add a child to a deal."""
        deal = self.pick("Opportunity", number)
        if deal is not None:
            self._child(_CHILDREN[number % len(_CHILDREN)], deal, number // 2)

    def _child(self, name: str, deal: str, number: int) -> None:
        contact = self.pick("Contact", number)
        values: dict[str, Any] = {_PARENT.get(name, "OpportunityId"): deal}
        values |= {
            "OpportunityContactRole": {"ContactId": contact, "Role": "Decision Maker"},
            "OpportunityLineItem": {"PricebookEntryId": self.price, "Quantity": number % 5 + 1, "UnitPrice": 10},
            "Task": {"WhoId": contact, "Subject": "Call", "Status": "Completed"},
            "Event": {
                "WhoId": contact,
                "Subject": "Demo",
                "DurationInMinutes": 30,
                "ActivityDateTime": "2026-11-02T10:00:00Z",
            },
            "Note": {"Title": "Promise", "Body": f'line\n"{number}"'},
            "Quote": {"Name": f"Offer {number}"},
        }[name]
        if name == "OpportunityContactRole" and contact is None:
            return
        self.org.insert(name, values)

    def stage(self, number: int) -> None:
        """Win, lose or reopen a deal; twice in a row when the number is odd."""
        deal = self.pick("Opportunity", number)
        if deal is not None:
            for turn in range(1 + number % 2):
                self.org.update("Opportunity", deal, {"StageName": _STAGES[(number // 3 + turn) % 3]})

    def rename(self, number: int) -> None:
        """Change something that a brief shows."""
        name = ("Account", "Contact", "Opportunity")[number % 3]
        record = self.pick(name, number // 3)
        if record is not None:
            self.org.update(name, record, {"LastName" if name == "Contact" else "Name": f"Renamed {number}"})

    def move(self, number: int) -> None:
        """Move a child, a contact, a deal or an account to another parent."""
        name, column, parent = (
            ("Task", "WhatId", "Opportunity"),
            ("Contact", "AccountId", "Account"),
            ("Opportunity", "AccountId", "Account"),
            ("Account", "ParentId", "Account"),
        )[number % 4]
        record, target = self.pick(name, number // 4), self.pick(parent, number // 8)
        if record is not None and target is not None and record != target:
            self.org.update(name, record, {column: target})

    def delete(self, number: int) -> None:
        """Delete a record, with what hangs on it."""
        name = ("Opportunity", "Contact", "Task", "OpportunityContactRole", "OpportunityLineItem", "Account", "Note")[
            number % 7
        ]
        record = self.pick(name, number // 7)
        if record is not None and len(self.ids("Account")) > 1:
            self.org.delete(name, record)

    def hard_delete(self, number: int) -> None:
        """Remove a record without a trace in the recycle bin."""
        name = _CHILDREN[number % len(_CHILDREN)]
        record = self.pick(name, number // len(_CHILDREN))
        if record is not None:
            self.org.hard_delete(name, record)

    def undelete(self, number: int) -> None:
        """Take a deal out of the recycle bin."""
        deal = self.pick("Opportunity", number, deleted=True)
        if deal is not None:
            self.org.undelete("Opportunity", deal)

    def begin(self, number: int) -> None:
        """Begin a long transaction that wins a deal."""
        deal = self.pick("Opportunity", number)
        if self.late is None and deal is not None:
            self.late = self.org.open_transaction()
            self.late.update("Opportunity", deal, {"StageName": "Closed Won"})

    def commit(self, _: int = 0) -> None:
        """Let the long transaction be seen."""
        if self.late is not None:
            late, self.late = self.late, None
            late.commit()


_ACTS = ("new_deal", "add", "stage", "rename", "move", "delete", "hard_delete", "undelete", "begin", "commit", "sync")
_PROGRAMS = st.lists(st.tuples(st.sampled_from(_ACTS), st.integers(0, 200)), min_size=1, max_size=14)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Org, Running, WireSettings]]:
    """One org for all programs; each program works on what the last one left."""
    org = Org.open()
    wire = WireSettings(bulk_delay=0.0)
    with running(org, settings=wire) as address:
        yield org, address, wire
    org.close()


def test_the_store_equals_the_org_after_any_program_of_changes(
    served: tuple[Org, Running, WireSettings], new_database: Callable[[], str], is_long: bool
) -> None:
    """Whatever people do, in whatever order, one pass later CS reads what the org has."""
    org, address, wire = served
    sellers = Sellers(org)
    store = Store(new_database())
    login = SalesforceSettings(
        url=address.url,
        auth="client_credentials",
        client_id=wire.credentials.client_id,
        client_secret=wire.credentials.client_secret,
    )

    # Programs follow each other on one org, so there is nothing to shrink by running one again.
    @settings(
        max_examples=600 if is_long else 40,
        deadline=None,
        derandomize=not is_long,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(program=_PROGRAMS)
    def check(program: list[tuple[str, int]]) -> None:
        for act, number in program:
            if act == "sync":
                run_once(store, login, snapshot=False)
                continue
            try:
                getattr(sellers, act)(number)
            except SalesforceFault:
                continue  # the org refuses it, as it would refuse a person
        sellers.commit()
        run_once(store, login, snapshot=False)

        assert differences(org, store) == [], program

    check()

    assert prove_once(store, login).drift_rows == 0
    store.close()
