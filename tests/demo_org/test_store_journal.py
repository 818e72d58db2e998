"""The journal of a transaction: what its commit tells those who listen."""

import pytest

from demo_org.errors import SalesforceFault
from demo_org.store import Org, Unit
from demo_org.store.journal import Act

DEAL = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-30"}


class Listener:
    """Keeps what each commit told."""

    def __init__(self) -> None:
        self.told: list[list[tuple[Act, str, bool]]] = []
        self.commits = 0

    def committing(self, unit: Unit) -> None:
        """Keep the changes."""
        self.told.append([(each.act, each.object_name, each.by_user) for each in unit.journal.changes])

    def committed(self) -> None:
        """Count the commits."""
        self.commits += 1


@pytest.fixture
def heard(org: Org) -> Listener:
    """A listener of the org."""
    listener = Listener()
    org.on_commit(listener)
    return listener


@pytest.fixture
def org():
    """An empty org."""
    with Org.open() as opened:
        yield opened


def test_a_commit_tells_what_it_did_in_order(org: Org, heard: Listener):
    """Change events follow the order of the writes, derived ones included."""
    with org.transaction() as unit:
        account = unit.insert("Account", {"Name": "Ada's"})
        unit.update("Account", account, {"Name": "Ada's Clinic"})
        unit.delete("Account", account)

    assert heard.told == [[(act, "Account", True) for act in (Act.CREATE, Act.UPDATE, Act.DELETE)]]
    assert heard.commits == 1


def test_a_statement_that_was_refused_is_not_told(org: Org, heard: Listener):
    """What was rolled back never happened."""
    with org.transaction() as unit:
        account = unit.insert("Account", {"Name": "Ada's"})
        with pytest.raises(SalesforceFault):
            _rename_and_fail(unit, account)

    assert heard.told == [[(Act.CREATE, "Account", True)]]


def test_a_transaction_that_fails_tells_nothing(org: Org, heard: Listener):
    """No event precedes its commit."""
    with pytest.raises(SalesforceFault), org.transaction() as unit:
        _rename_and_fail(unit, unit.insert("Account", {"Name": "Ada's"}))

    assert (heard.told, heard.commits) == ([], 0)


def test_a_late_transaction_is_told_at_its_commit_alone(org: Org, heard: Listener):
    """While it is open, nobody hears of it, however often its statements are tried."""
    late = org.open_transaction()
    late.insert("Account", {"Name": "Late"})
    late.insert("Account", {"Name": "Later"})
    before = len(heard.told)
    late.commit()

    assert before == 0
    assert heard.told == [[(Act.CREATE, "Account", True)] * 2]


def test_a_merge_is_silent_about_the_children(org: Org, heard: Listener):
    """Children of a merge's loser change their parent without an event; only losers and the winner are told."""
    winner, loser = (org.insert("Account", {"Name": name}) for name in ("Winner", "Loser"))
    org.insert("Opportunity", DEAL | {"AccountId": loser})
    heard.told.clear()
    org.merge("Account", winner, [loser])

    assert heard.told == [[(Act.DELETE, "Account", True), (Act.UPDATE, "Account", True)]]


def test_what_left_the_bin_is_not_told_twice(org: Org, heard: Listener):
    """A deletion is told once, when users lose the record."""
    account = org.insert("Account", {"Name": "Ada's"})
    org.delete("Account", account)
    heard.told.clear()
    org.hard_delete("Account", account)

    assert heard.told == [[]]


def _rename_and_fail(unit: Unit, account: str) -> None:
    with unit.statement():
        unit.update("Account", account, {"Name": "Other"})
        unit.insert("Opportunity", DEAL | {"AccountId": "001000000000000AAA"})
