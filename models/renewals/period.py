"""Months, quarters and years in which terms are due, by the org's fiscal year."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


class Bucket(StrEnum):
    """How long the periods of a chart are."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


#: how many months each has
MONTHS = {Bucket.MONTH: 1, Bucket.QUARTER: 3, Bucket.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """Some days, both ends included."""

    name: str
    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last


def add_months(start: date, months: int) -> date:
    """The same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def period_of(day: date, bucket: Bucket, *, fiscal_start_month: int = 1) -> Period:
    """The period in which a day lies; a fiscal year is named after the calendar year in which it ends."""
    months = MONTHS[bucket]
    since = (day.month - fiscal_start_month) % 12
    year_start = add_months(day.replace(day=1), -since)
    first = add_months(year_start, since // months * months)
    last = add_months(first, months) - _DAY
    year = (add_months(year_start, 12) - _DAY).year
    names = {
        Bucket.MONTH: f"{first.year}-{first.month:02}",
        Bucket.QUARTER: f"{year}-Q{since // 3 + 1}",
        Bucket.YEAR: str(year),
    }
    return Period(names[bucket], first, last)


def periods_between(first: date, last: date, bucket: Bucket, *, fiscal_start_month: int = 1) -> Iterator[Period]:
    """The periods that hold the days from one to another, in order, whole."""
    day = first
    while day <= last:
        found = period_of(day, bucket, fiscal_start_month=fiscal_start_month)
        yield found
        day = found.last + _DAY
