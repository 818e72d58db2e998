"""What holds for the numbers whatever the terms are."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from worked_example import QUARTER

from models.renewals.ledger import Ledger, Outcome
from models.renewals.rates import Ratio, Renewals, renewals
from models.renewals.retention import retention
from models.renewals.term import Kind, Step, Term

_DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
_AMOUNTS = st.integers(0, 5).map(lambda units: Decimal(units * 100))
_NAMES = st.sampled_from("ABCDEFGH")


@st.composite
def terms(draw: Any) -> Term:
    """Any term, sensible or not, of one of three customers, that may renew any other."""
    start = draw(_DAYS)
    later = draw(st.lists(st.tuples(_DAYS, _AMOUNTS, st.booleans()), max_size=2))
    steps = [Step(start, draw(_AMOUNTS)), *(Step(max(day, start), arr, rises) for day, arr, rises in sorted(later))]
    return Term(
        term_id=draw(_NAMES),
        logo=draw(st.sampled_from("XYZ")),
        kind=draw(st.sampled_from([Kind.FIXED, Kind.FIXED, Kind.FIXED, Kind.EVERGREEN, Kind.PILOT])),
        start=start,
        due=start + timedelta(days=draw(st.integers(-20, 500))),
        steps=tuple(steps),
        currency="USD",
        signed_on=draw(st.none() | _DAYS),
        renews=tuple(draw(st.lists(_NAMES, max_size=3))),
        lost_on=draw(st.none() | _DAYS),
        auto_renews=draw(st.booleans()),
        is_active=draw(st.booleans()),
    )


_BOOKS = st.lists(terms(), max_size=8, unique_by=lambda each: each.term_id)


@settings(max_examples=150, deadline=None)
@given(_BOOKS, _DAYS, _DAYS, _DAYS)
def test_the_bridge_leads_from_the_start_to_the_end(book, one, other, as_of):
    """Start less churn less contraction plus expansion plus new is the end, whatever happened in between."""
    found = retention(Ledger(book), min(one, other), max(one, other), as_of)

    assert found.kept_arr + found.new_arr == found.end_arr
    assert min(found.churned_arr, found.contraction, found.expansion, found.new_arr) >= 0
    if found.start_arr:
        assert found.grr.part + found.churned_arr + found.contraction == found.start_arr
        assert (found.grr.rate or 0) <= min(Decimal(1), found.nrr.rate or Decimal(0))


@settings(max_examples=150, deadline=None)
@given(_BOOKS, _DAYS)
def test_every_rate_lies_between_its_floor_and_its_ceiling(book, as_of):
    """What is pending can only move a rate within what is shown."""
    found = renewals(Ledger(book), QUARTER, as_of)

    for low, rate, high in (
        (found.floor, found.term_renewal, found.ceiling),
        (found.logo_floor, found.logo_renewal, found.logo_ceiling),
    ):
        assert _rate(low) <= _rate(high) or low.whole == 0
        assert rate.whole == 0 or _rate(low) <= _rate(rate) <= _rate(high)
    assert found.gross_renewal.part <= min(found.net_renewal.part, found.atr)
    assert found.on_time_terms.part <= found.term_renewal.part
    assert found.terms_due == found.terms_settled + found.terms_pending


@settings(max_examples=150, deadline=None)
@given(_BOOKS, _DAYS)
def test_where_nothing_grew_the_gross_rate_is_the_net_rate(book, as_of):
    """The two differ by growth alone."""
    found = renewals(Ledger(book), QUARTER, as_of)
    grew = any(row.ending.renewed_arr > row.term.atr for row in found.rows if row.ending.outcome is not Outcome.PENDING)

    assert (found.gross_renewal == found.net_renewal) is not grew


@settings(max_examples=100, deadline=None)
@given(_BOOKS, _DAYS, st.randoms(use_true_random=False))
def test_the_order_of_the_terms_does_not_matter(book, as_of, chance: random.Random):
    """The same terms give the same numbers and problems, however they come out of a database."""
    shuffled = list(book)
    chance.shuffle(shuffled)
    one, other = Ledger(book), Ledger(shuffled)

    assert renewals(one, QUARTER, as_of) == renewals(other, QUARTER, as_of)
    assert one.problems == other.problems
    days = QUARTER.first, QUARTER.last, as_of
    assert retention(one, *days) == retention(other, *days)


@settings(max_examples=100, deadline=None)
@given(_BOOKS, _DAYS)
def test_what_nobody_has_signed_is_in_no_number(book, as_of):
    """An empty denominator gives no rate."""
    found = renewals(Ledger([replace(each, signed_on=None) for each in book]), QUARTER, as_of)

    assert _rates(found) == [None] * 10


def _rate(ratio: Ratio) -> Decimal:
    return Decimal(0) if ratio.rate is None else ratio.rate


def _rates(found: Renewals) -> list[Decimal | None]:
    ratios = [
        found.logo_renewal, found.term_renewal, found.gross_renewal, found.net_renewal, found.on_time_terms,
        found.on_time_logos, found.floor, found.ceiling, found.logo_floor, found.logo_ceiling,
    ]  # fmt: skip
    return [each.rate for each in ratios]
