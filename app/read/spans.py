"""Which days a table of figures is about, and the periods they lie in."""

from datetime import date

from models.renewals.period import Bucket, Period, add_months, period_of, periods_between

FIRST, LAST = date(1990, 1, 1), date(2199, 12, 31)
_MOST_PERIODS = 400


class Unanswerable(Exception):
    """A question that makes no sense; the message says why, and what to ask instead."""


def span_asked(first: date | None, last: date | None, as_of: date) -> tuple[date, date]:
    """The days from one to another: a year up to the day from which things are seen unless said otherwise."""
    last = last or as_of
    first = first or add_months(last, -12)
    if first > last:
        raise Unanswerable("`from` is after `to`. Exchange them.")
    return first, last


def periods_asked(first: date, last: date, bucket: Bucket, *, fiscal_start_month: int) -> list[Period]:
    """The periods that hold these days, whole."""
    whole = period_of(first, bucket, fiscal_start_month=fiscal_start_month)
    if (last - first).days > _MOST_PERIODS * (whole.last - whole.first).days:
        raise Unanswerable(f"These are more than {_MOST_PERIODS} periods. Ask for fewer.")
    return list(periods_between(first, last, bucket, fiscal_start_month=fiscal_start_month))
