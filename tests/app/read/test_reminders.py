"""Somebody is reminded of each renewal 90, 60 and 30 days ahead, once each."""

from dataclasses import replace
from datetime import date, timedelta

import stored_deals as stored
import worked_example as example

from models.reminder import note_reminders
from models.renewals.term import Kind, Term
from models.session import Store
from models.term import KnownTerm, write_terms

DUE = date(2026, 7, 31)
TERM = example.term("A", "2025-08-01", DUE.isoformat(), 100)


def keep(store: Store, *terms: Term) -> None:
    """Let these be the terms of the org."""
    known = [KnownTerm(term=each, deal_id="D", deal_ids=("D",), contract_id=None, why=()) for each in terms]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)


def reminded(store: Store, *, days_left: int, due: date = DUE) -> list[tuple[str, int]]:
    """Who is reminded on the day that is so far ahead of the last day."""
    with store.writing() as session:
        found = note_reminders(session, stored.ORG_ID, today=due - timedelta(days=days_left))
    return [(each["term_id"], each["days"]) for each in found]


def test_each_reminder_comes_once(store: Store):
    """Not on the day before, not twice on the day itself, and not again after a restart."""
    keep(store, TERM)
    told = {left: reminded(store, days_left=left) for left in (91, 90, 90, 89, 61, 60, 59, 31, 30, 1, 0, -1)}

    assert {left: [days for _, days in found] for left, found in told.items() if found} == {60: [60], 30: [30]}


def test_the_first_one_comes_ninety_days_ahead(store: Store):
    """That is when people begin to work on it."""
    keep(store, TERM)

    assert (reminded(store, days_left=91), reminded(store, days_left=90), reminded(store, days_left=90)) == (
        [], [("A", 90)], [],
    )  # fmt: skip


def test_a_term_that_is_seen_late_is_told_once_and_not_three_times(store: Store):
    """With 20 days left nobody needs to hear that there were 90."""
    keep(store, TERM)

    assert [reminded(store, days_left=left) for left in (20, 20, 5)] == [[("A", 30)], [], []]


def test_another_last_day_is_another_renewal(store: Store):
    """A contract that was prolonged by a year is told again in a year."""
    keep(store, TERM)
    assert reminded(store, days_left=30) == [("A", 30)]
    later = date(2027, 7, 31)
    keep(store, replace(TERM, due=later))

    assert reminded(store, days_left=90, due=later) == [("A", 90)]


def test_what_needs_no_reminder_gets_none(store: Store):
    """A renewal that is signed; what is in no rate; what makes no sense; what is not signed itself."""
    renewed = example.renewal("A2", TERM, 100, "2026-05-01")
    keep(
        store,
        TERM,
        renewed,
        replace(TERM, term_id="B", logo="B", kind=Kind.PILOT),
        replace(TERM, term_id="C", logo="C", start=date(2026, 8, 1)),
        replace(TERM, term_id="D", logo="D", signed_on=None),
    )

    assert reminded(store, days_left=60) == []
    keep(store, TERM, replace(renewed, signed_on=date(2026, 7, 1)))
    assert reminded(store, days_left=60) == [("A", 60)]
