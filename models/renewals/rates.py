"""The renewal rates of a period: of what was up for renewal, how much was renewed, and how soon."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from models.renewals.ledger import RENEWED, SETTLED, Ending, Ledger, Outcome
from models.renewals.period import Period
from models.renewals.term import Kind, Term

_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A part of a whole; the rate of nothing is no rate."""

    part: Decimal
    whole: Decimal

    @property
    def rate(self) -> Decimal | None:
        """The rate with four decimals, such as 0.9524; None where there is nothing to divide by."""
        return (self.part / self.whole).quantize(_PLACES, ROUND_HALF_UP) if self.whole else None


@dataclass(frozen=True, slots=True)
class Row:
    """One term of a cohort with how it ended: what a number is made of."""

    term: Term
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewals:
    """The numbers of one period, as seen on one day. `due` counts what is pending, `settled` does not."""

    period: Period
    as_of: date
    rows: tuple[Row, ...]
    terms_due: int
    terms_settled: int
    terms_pending: int
    atr: Decimal
    pending_atr: Decimal
    renewed_arr: Decimal
    capped_arr: Decimal
    logos_due: int
    logos_settled: int
    logos_renewed: int
    logo_renewal: Ratio
    term_renewal: Ratio
    gross_renewal: Ratio
    net_renewal: Ratio
    on_time_terms: Ratio
    on_time_logos: Ratio
    #: the term rate if everything that is pending is lost, and if all of it is renewed
    floor: Ratio
    ceiling: Ratio
    logo_floor: Ratio
    logo_ceiling: Ratio


def cohort(ledger: Ledger, period: Period, as_of: date, *, only: Collection[str] | None = None) -> list[Row]:
    """The terms whose last day lies in the period and has come, with how each ended."""
    return [
        Row(term, ledger.ending(term, as_of))
        for term in ledger.of_kind(Kind.FIXED)
        if term.due is not None
        and term.due in period
        and term.due <= as_of
        and _was_signed(term, as_of)
        and (only is None or term.term_id in only)
    ]


def renewals(ledger: Ledger, period: Period, as_of: date, *, only: Collection[str] | None = None) -> Renewals:
    """Compute all rates of a period as seen on a day.

    Args:
        ledger: all terms.
        period: when terms have their last day.
        as_of: what was signed later is not seen.
        only: ids of the terms to look at, for a group of them; others still tell who is a customer.
    """
    return rates_of(ledger, period, as_of, cohort(ledger, period, as_of, only=only))


def renewals_by(
    ledger: Ledger, periods: Sequence[Period], as_of: date, *, groups: Mapping[str, str] | None = None
) -> list[tuple[str | None, Renewals]]:
    """Compute the rates of many periods in one go, of each group by itself where terms are in groups.

    Args:
        ledger: all terms.
        periods: in order, without overlap.
        as_of: what was signed later is not seen.
        groups: the group of each term, by its id; None makes one row per period, also where nothing was due.

    Returns:
        Groups with their rates, by period and then by group. A group in which nothing was due is left out.
    """
    firsts = [period.first for period in periods]
    rows: dict[tuple[int, str | None], list[Row]] = defaultdict(list)
    for term in ledger.of_kind(Kind.FIXED):
        if term.due is None or term.due > as_of or not _was_signed(term, as_of):
            continue
        place = bisect_right(firsts, term.due) - 1
        if place >= 0 and term.due in periods[place]:
            group = None if groups is None else groups[term.term_id]
            rows[place, group].append(Row(term, ledger.ending(term, as_of)))
    if groups is None:
        keys: list[tuple[int, str | None]] = [(place, None) for place in range(len(periods))]
    else:
        keys = sorted(rows, key=lambda key: (key[0], str(key[1])))
    return [(group, rates_of(ledger, periods[place], as_of, rows.get((place, group), []))) for place, group in keys]


def rates_of(ledger: Ledger, period: Period, as_of: date, rows: Sequence[Row]) -> Renewals:
    """The rates of some terms that were due in a period."""
    settled = [row for row in rows if row.ending.outcome in SETTLED]
    pending = [row for row in rows if row.ending.outcome is Outcome.PENDING]
    renewed = [row for row in settled if row.ending.outcome in RENEWED]
    on_time = [row for row in settled if row.ending.outcome is Outcome.ON_TIME]
    atr = _sum(row.term.atr for row in settled)
    renewed_arr = _sum(row.ending.renewed_arr for row in settled)
    capped_arr = _sum(min(row.ending.renewed_arr, row.term.atr) for row in settled)
    logos = _Logos(ledger, period, as_of, rows)
    return Renewals(
        period=period,
        as_of=as_of,
        rows=tuple(rows),
        terms_due=len(rows),
        terms_settled=len(settled),
        terms_pending=len(pending),
        atr=atr,
        pending_atr=_sum(row.term.atr for row in pending),
        renewed_arr=renewed_arr,
        capped_arr=capped_arr,
        logos_due=logos.due,
        logos_settled=logos.settled,
        logos_renewed=logos.renewed,
        logo_renewal=_ratio(logos.renewed, logos.settled),
        term_renewal=_ratio(len(renewed), len(settled)),
        gross_renewal=Ratio(capped_arr, atr),
        net_renewal=Ratio(renewed_arr, atr),
        on_time_terms=_ratio(len(on_time), len(settled)),
        on_time_logos=_ratio(logos.on_time, logos.settled),
        floor=_ratio(len(renewed), len(rows)),
        ceiling=_ratio(len(renewed) + len(pending), len(rows)),
        logo_floor=_ratio(logos.surely_renewed, logos.due),
        logo_ceiling=_ratio(logos.renewed + logos.due - logos.settled, logos.due),
    )


class _Logos:
    """The same by customer: one with several terms counts once, and is lost only when nothing of it goes on."""

    def __init__(self, ledger: Ledger, period: Period, as_of: date, rows: Iterable[Row]) -> None:
        by_logo: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_logo[row.term.logo].append(row)
        self.due = len(by_logo)
        self.settled = self.renewed = self.surely_renewed = self.on_time = 0
        day = min(as_of, period.last)
        for logo, own in by_logo.items():
            ended = [row for row in own if row.ending.outcome in SETTLED]
            if not ended:
                continue
            self.settled += 1
            self.on_time += all(row.ending.outcome is Outcome.ON_TIME for row in ended)
            latest = max(row.term.due for row in ended if row.term.due is not None)
            goes_on = any(_goes_on(ledger, term, day, as_of, latest) for term in ledger.by_logo[logo])
            self.surely_renewed += goes_on
            self.renewed += goes_on or len(ended) < len(own)


def _goes_on(ledger: Ledger, term: Term, day: date, as_of: date, latest: date) -> bool:
    """Whether a term keeps its customer a customer beyond a day; one that was signed much later is a new beginning."""
    if term.signed_on is None or term.signed_on > as_of or term.signed_on - latest > ledger.policy.returns_within:
        return False
    last = ledger.last_day(term, as_of)
    return last is None or last > day


def _was_signed(term: Term, as_of: date) -> bool:
    return term.signed_on is not None and term.signed_on <= as_of


def _ratio(part: int, whole: int) -> Ratio:
    return Ratio(Decimal(part), Decimal(whole))


def _sum(values: Iterable[Decimal]) -> Decimal:
    return sum(values, Decimal(0))
