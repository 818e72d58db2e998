"""Random books of business go through org, sync, store and API, and come out as a second calculator works them out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from followed_org import following
from random_books import Writer, add_fields
from renewals_by_hand import Calculator

from app.read.figures import Question, renewal_figures, retention_figures, term_figures
from app.read.renewals import Standpoint
from app.read.sight import EVERYTHING
from demo_org.clock import Clock
from demo_org.wire.settings import WireSettings
from models.renewals.period import Bucket
from models.session import Store

TODAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEEN = [date(2026, 11, 23), date(2026, 3, 31), date(2025, 9, 5)]


@pytest.fixture(scope="module")
def books(new_database: Any, is_long: bool) -> Iterator[tuple[Store, Calculator]]:
    """A store that has read an org full of random books, and the calculator that has read the org itself."""
    store = Store(new_database())
    with following(store, WireSettings(bulk_delay=0.0), clock=Clock(frozen_at=TODAY)) as followed:
        add_fields(followed.org)
        for deal in followed.deals:
            followed.org.update("Opportunity", deal, {"StageName": "Prospecting"})
        Writer(followed.org, seed=11).write(500 if is_long else 40)
        followed.org.clock.freeze(TODAY)
        followed.sync(snapshot=True)
        yield store, Calculator(followed.org)
    store.close()


def figures(store: Store, of: Any, **asked: Any) -> list[dict[str, Any]]:
    """The rows of a table of ours."""
    with store.reading() as session:
        rows: list[dict[str, Any]] = of(session, Question(**asked), sight=EVERYTHING).rows
        return rows


@pytest.mark.parametrize("seen", SEEN)
def test_each_term_is_what_the_records_say(books, seen: date):
    """Last day, value, outcome and what was renewed, term by term."""
    store, calculator = books
    days = {"first": date(2024, 1, 1), "last": seen}
    rows = figures(store, term_figures, where=Standpoint(as_of=seen), **days)
    found = {row["term_id"]: (row["due_on"], row["atr"], row["status"], row["renewed_arr"]) for row in rows}
    expected = {
        each.id: (each.due, each.worth_on(each.due), *calculator.outcome(each, seen))
        for each in calculator.counted
        if each.kind == "fixed" and each.due <= seen and each.signed <= seen
    }

    assert expected
    assert {key: (found.get(key), expected.get(key)) for key in found.keys() | expected.keys()
            if found.get(key) != expected.get(key)} == {}  # fmt: skip


@pytest.mark.parametrize("seen", SEEN)
def test_the_rates_of_each_quarter_agree(books, seen: date):
    """All columns of the table, for every quarter of three years."""
    store, calculator = books
    days = {"first": date(2024, 1, 1), "last": date(2026, 12, 31)}
    rows = figures(store, renewal_figures, where=Standpoint(as_of=seen), bucket=Bucket.QUARTER, **days)
    firsts = [row["time"] for row in rows] + [date(2027, 1, 1)]
    expected = [calculator.rates(first, following - timedelta(days=1), seen) for first, following in pairwise(firsts)]

    assert sum(row["terms_due"] for row in rows) > 10
    assert [{name: row[name] for name in expected[0]} for row in rows] == expected


@pytest.mark.parametrize("seen", SEEN)
def test_the_bridges_agree(books, seen: date):
    """Churn, contraction, expansion and new business through each half of the years, and over the whole."""
    store, calculator = books
    days = [date(2025, 1, 1), date(2025, 7, 1), date(2026, 1, 1), date(2026, 7, 1)]
    for since, until in [*pairwise(days), (days[0], days[-1])]:
        [row] = figures(store, retention_figures, where=Standpoint(as_of=seen), first=since, last=until)
        expected = calculator.bridge(since, until, seen)

        assert {name: row[name] for name in expected} == expected, (since, until)


def test_the_books_hold_what_can_go_wrong(books):
    """The agreement is about something: every outcome, every kind, winnings back and shared renewals occur."""
    _, calculator = books
    outcomes = {
        calculator.outcome(each, seen)[0] for each in calculator.counted if each.kind == "fixed" for seen in SEEN
    }

    assert outcomes == {"open", "secured", "pending", "on_time", "late", "lost"}
    assert {each.kind for each in calculator.all} == {"fixed", "evergreen", "pilot", "one_off"}
    assert any(len(each.continues) > 1 for each in calculator.counted)
    assert any(calculator.is_return(before, each) for before in calculator.all for each in before.followed_by)
    assert any(not each.counts for each in calculator.all)
