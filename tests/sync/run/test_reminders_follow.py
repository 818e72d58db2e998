"""Reminders through the whole way: the clock of the org goes on, and each pass tells what has come near."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import worked_example as example
from followed_org import Followed, following
from renewing_org import RenewingOrg

from demo_org.clock import Clock
from demo_org.wire.settings import WireSettings
from models.session import Store
from models.term import read_terms


@pytest.fixture
def renewing(store: Store) -> Iterator[RenewingOrg]:
    """An org on the first of May, with terms that are due in summer and autumn; a store that has read it."""
    clock = Clock(frozen_at=datetime(2026, 5, 1, 18, tzinfo=UTC))
    with following(store, WireSettings(bulk_delay=0.0), clock=clock) as followed:
        made = RenewingOrg(followed)
        made.write([example.term("Near", "2025-06-01", "2026-05-31", 100), example.term("A", "2025-08-05", None, 100)])
        made.org.update("Contract", made.contracts["A"], {"ContractTerm": 12, "OwnerExpirationNotice": "60"})
        followed.sync(snapshot=True)
        yield made


def told(followed: Followed) -> list[Any]:
    """The reminders that were announced."""
    return [row[0] for row in followed.ask("SELECT data FROM cs.event WHERE type = 'renewal.upcoming' ORDER BY seq")]


def test_reminders_come_as_time_goes_by(renewing: RenewingOrg):
    """A first load tells nothing; then each term is told when it comes near, until it is renewed."""
    followed, clock = renewing.followed, renewing.org.clock
    assert told(followed) == []
    for day in (7, 8):
        clock.freeze(datetime(2026, 5, day, 18, tzinfo=UTC))
        followed.sync()
    [first] = told(followed)
    term = example.term("A-2", "2026-08-05", "2027-08-04", 100)
    renewing.sell(replace(term, logo="A", renews=("A",), signed_on=clock.today()))
    followed.sync()
    clock.freeze(datetime(2026, 6, 8, 18, tzinfo=UTC))
    followed.sync()

    assert first == {
        "term_id": renewing.contracts["A"], "due_on": "2026-08-04", "days": 90, "days_left": 89,
        "notice_by": "2026-06-05",
    }  # fmt: skip
    assert told(followed) == [first]


def test_the_last_day_for_notice_is_known_of_each_term(renewing: RenewingOrg):
    """From the notice of the contract; nothing where nothing tells."""
    [(org_id,)] = renewing.followed.ask("SELECT org_id FROM ops.org")
    with renewing.followed.store.reading() as session:
        found = {each.term.term_id: each.term.notice_by for each in read_terms(session, org_id)}

    assert found[renewing.contracts["Near"]] is None
    assert str(found[renewing.contracts["A"]]) == "2026-06-05"
