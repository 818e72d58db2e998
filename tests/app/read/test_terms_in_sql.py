"""The views of terms say what the ledger says: dashboards and the API can't disagree."""

import random
from datetime import date
from typing import Any

import stored_deals as stored
import worked_example as example
from any_terms import any_book, any_day
from sqlalchemy import text

from models.renewals.ledger import Ledger
from models.renewals.period import Period
from models.renewals.rates import cohort
from models.renewals.term import Kind, Term
from models.session import Store
from models.term import KnownTerm, write_terms

_ALWAYS = Period("always", date.min, date.max)


def keep(store: Store, terms: list[Term]) -> None:
    """Let these be the terms of the org."""
    known = [
        KnownTerm(term=each, deal_id=each.term_id, deal_ids=(each.term_id,), contract_id=None, why=()) for each in terms
    ]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)


def asked(store: Store, statement: str, **values: Any) -> list[Any]:
    """The rows of a query."""
    with store.reading() as session:
        return list(session.execute(text(statement), values))


def by_ledger(ledger: Ledger, as_of: date, day: date) -> dict[str, Any]:
    """How each term stands, and what it is worth on a day."""
    in_cohort = {row.term.term_id for row in cohort(ledger, _ALWAYS, as_of)}
    found: dict[str, Any] = {}
    for key, term in ledger.terms.items():
        worth = term.arr_on(day) if ledger.in_force(term, day, as_of) else 0
        if term.kind is Kind.FIXED:
            ending = ledger.ending(term, as_of)
            how = (ending.outcome.value, ending.signed_on, ending.renewed_arr, ending.is_auto, ending.is_early_replace)
            found[key] = (*how, ledger.last_day(term, as_of), key in in_cohort, worth)
        elif term.kind is Kind.EVERGREEN:
            found[key] = (None, ledger.last_day(term, as_of), worth)
    return found


def by_view(store: Store, as_of: date, day: date) -> dict[str, Any]:
    """The same as SQL tells it."""
    rows = asked(
        store,
        """SELECT *, CASE WHEN signed_on <= :as_of AND start_on <= :day AND (last_on IS NULL OR last_on >= :day)
                          THEN cs_v1.arr_on(steps, :day) ELSE 0 END AS worth
             FROM cs_v1.terms_on(:as_of) WHERE kind IN ('fixed', 'evergreen')""",
        as_of=as_of, day=day,
    )  # fmt: skip
    return {
        row.term_id: (row.status, row.renewal_signed_on, row.renewed_arr, row.is_auto, row.is_early_replace,
                      row.last_on, row.counts, row.worth)
        if row.kind == "fixed" else (row.status, row.last_on, row.worth)
        for row in rows
    }  # fmt: skip


def test_sql_and_ledger_agree_on_terms_of_all_sorts(store: Store, is_long: bool):
    """Which terms hold together, how each ended, until when it was in force and what it was worth."""
    chance = random.Random(7)
    books = [any_book(chance, f"c{number}-") for number in range(5_000 if is_long else 400)]
    terms = [term for book in books for term in book]
    stored.fill(store)
    keep(store, terms)
    ledger = Ledger(terms)

    assert len(ledger.terms) > len(books)
    for as_of, day in [(any_day(chance), any_day(chance)) for _ in range(4)]:
        assert by_view(store, as_of, day) == by_ledger(ledger, as_of, day)


def test_the_views_read_as_the_example_was_worked_out(store: Store):
    """95 % of the customers, and the terms behind them, in a query that a dashboard would send."""
    stored.fill(store)
    keep(store, example.terms())
    [row] = asked(
        store,
        """SELECT count(*) FILTER (WHERE status IN ('on_time', 'late')) AS renewed, count(*) AS due, sum(atr) AS atr,
                  sum(renewed_arr) AS renewed_arr, sum(least(renewed_arr, atr)) AS capped
             FROM cs_v1.terms_on('2026-11-23')
            WHERE counts AND due_on BETWEEN '2026-07-01' AND '2026-09-30' AND status <> 'pending'""",
    )

    assert tuple(row) == (20, 21, 330_000, 311_000, 299_000)


def test_what_a_view_shows_is_seen_from_the_day_of_the_org(store: Store):
    """The watermark tells the day, in the time zone of the org; one that is no zone is taken for UTC."""
    stored.fill(store)
    keep(store, example.terms())
    days = asked(
        store,
        """SELECT cs_v1.day_of('2026-07-01T03:00Z', 'America/New_York'), cs_v1.day_of('2026-07-01T03:00Z', 'Nowhere'),
                  (SELECT min(as_of) FROM cs_v1.renewal_outcome)""",
    )
    rows = asked(store, "SELECT term_id, status FROM cs_v1.renewal_outcome WHERE due_on < '2026-08-01' ORDER BY 1")
    worth = asked(store, "SELECT first_on, sum(arr) FROM cs_v1.arr_monthly GROUP BY 1 ORDER BY 1 DESC LIMIT 2")

    assert tuple(days[0]) == (date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 1))
    assert {row.status for row in rows} == {"open", "secured"}
    assert [tuple(row) for row in worth] == [(date(2026, 7, 1), 397_000), (date(2026, 6, 1), 394_000)]
