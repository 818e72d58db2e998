"""The ledger and the database add up the same figures, whatever terms there are and in whatever currencies."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import stored_deals as stored
from any_terms import FIRST, any_book
from test_terms_in_sql import keep

from app.read.renewals import Standpoint, read_ledger
from app.read.sight import Sight
from app.read.standing import standing
from app.read.standing_figures import renewals_in, retention_in
from models.renewals.columns import columns_of_renewals, columns_of_retention
from models.renewals.period import Bucket, periods_between
from models.renewals.rates import renewals_by
from models.renewals.retention import Span, retention_by
from models.session import Store

_RATES = {"USD": Decimal(1), "EUR": Decimal("0.9132"), "JPY": Decimal("149.37")}
_LAST = date(2027, 12, 31)


@pytest.fixture
def of_all_sorts(store: Store, is_long: bool) -> Store:
    """A store whose customers have signed in three currencies, and some in one that has no rate."""
    chance = random.Random(11)
    stored.fill(store)
    with store.writing() as session:
        stored.put(
            session, "currencytype",
            [{"id": f"01L{number:012d}AAA", "isocode": code, "conversionrate": rate, "iscorporate": code == "USD"}
             for number, (code, rate) in enumerate(_RATES.items())],
        )  # fmt: skip
    books = [any_book(chance, f"c{number}-") for number in range(5_000 if is_long else 400)]
    keep(store, [replace(each, currency=_any_currency(chance)) for book in books for each in book])
    return store


def _any_currency(chance: random.Random) -> str:
    return chance.choice([*_RATES, *_RATES, "XTS"] if chance.random() < 0.5 else ["USD"])


@pytest.mark.parametrize("as_of", [date(2025, 6, 30), date(2026, 2, 28), date(2027, 1, 15)])
def test_rates_are_the_same(of_all_sorts: Store, as_of: date):
    """Which way a rate was worked out can't be told from it."""
    periods = list(periods_between(FIRST, _LAST, Bucket.QUARTER))
    where, sight = Standpoint(as_of=as_of), Sight()
    with of_all_sorts.reading() as session:
        by_database = renewals_in(standing(session, where, sight=sight), periods)
        ledger = read_ledger(session, where, sight=sight).ledger
    by_ledger = [each for _, each in renewals_by(ledger, periods, as_of)]

    assert sum(each.terms_due for each in by_ledger) > 20
    assert [columns_of_renewals(each) for each in by_database] == [columns_of_renewals(each) for each in by_ledger]


@pytest.mark.parametrize("as_of", [date(2026, 2, 28), date(2027, 1, 15)])
def test_bridges_are_the_same(of_all_sorts: Store, as_of: date):
    """Nor whether a bridge was."""
    spans = [Span(date(2025, 3, 1), date(2026, 3, 1)), Span(date(2026, 1, 1), date(2026, 7, 1))]
    where, sight = Standpoint(as_of=as_of), Sight()
    with of_all_sorts.reading() as session:
        by_database = retention_in(standing(session, where, sight=sight), spans)
        ledger = read_ledger(session, where, sight=sight).ledger
    by_ledger = [each for _, each in retention_by(ledger, spans, as_of)]

    assert [columns_of_retention(each) for each in by_database] == [columns_of_retention(each) for each in by_ledger]
