"""Cohorts: what became of the customers that came in one period, so and so many months after each of them came."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.renewals.ledger import Ledger
from models.renewals.period import Period, add_months
from models.renewals.rates import Ratio
from models.renewals.retention import arr_of, was_away
from models.renewals.term import Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """The customers of one period, so many months after each of them came."""

    period: Period
    months: int
    logos_at_start: int
    logos: int
    start_arr: Decimal
    arr: Decimal

    @property
    def logo_retention(self) -> Ratio:
        """How many of them are still there."""
        return Ratio(Decimal(self.logos), Decimal(self.logos_at_start))

    @property
    def arr_retention(self) -> Ratio:
        """What they are worth, of what they were worth when they came; above 1 where they bought more."""
        return Ratio(self.arr, self.start_arr)


def cohorts(
    ledger: Ledger, periods: Sequence[Period], as_of: date, *, step: int, groups: Mapping[str, str] | None = None
) -> list[tuple[str | None, Cohort]]:
    """Follow the customers of each period, in steps of so many months.

    A point is shown only when all of the period have come that far by `as_of`: otherwise those who came last would
    look as if they had left. Who was away for longer than the policy allows has left for good.

    Args:
        ledger: all terms.
        periods: in which customers came, i.e. in which their first term began.
        as_of: what was signed later is not seen.
        step: months from one point to the next.
        groups: the group of each term; a customer is in the group of its first one.
    """
    came: dict[tuple[str | None, Period], list[tuple[date, list[Term]]]] = defaultdict(list)
    for terms in ledger.by_logo.values():
        seen = [term for term in terms if term.signed_on is not None and term.signed_on <= as_of and term.start]
        if seen:
            first = min(seen, key=lambda term: (term.start or as_of, term.term_id))
            assert first.start is not None
            period = next((each for each in periods if first.start in each), None)
            if period is not None:
                came[None if groups is None else groups[first.term_id], period].append((first.start, seen))
    found: list[tuple[str | None, Cohort]] = []
    for (group, period), members in sorted(came.items(), key=lambda each: (each[0][1].first, str(each[0][0]))):
        months = 0
        while add_months(period.last, months) <= as_of:
            found.append((group, _point(ledger, period, members, as_of, months=months)))
            months += step
    return found


def _point(
    ledger: Ledger, period: Period, members: Sequence[tuple[date, list[Term]]], as_of: date, *, months: int
) -> Cohort:
    logos = 0
    start_arr = arr = Decimal(0)
    for first, terms in members:
        day = add_months(first, months)
        start_arr += arr_of(ledger, terms, first, as_of)
        if months and was_away(ledger, terms, first, day, as_of):
            continue
        worth = arr_of(ledger, terms, day, as_of)
        logos += worth > 0
        arr += worth
    return Cohort(period=period, months=months, logos_at_start=len(members), logos=logos, start_arr=start_arr, arr=arr)
