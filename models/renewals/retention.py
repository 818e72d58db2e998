"""Retention: what became of the whole base between two days, whether or not anything was up for renewal."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models.renewals.ledger import Ledger
from models.renewals.rates import Ratio
from models.renewals.term import Term

_DAY = timedelta(days=1)
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Span:
    """Two days whose bases are compared, and whether rises count that contracts foresee."""

    since: date
    until: date
    exclude_escalators: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """From the base of one day to that of another: start - churn - contraction + expansion + new = end."""

    since: date
    until: date
    start_arr: Decimal
    churned_arr: Decimal
    contraction: Decimal
    expansion: Decimal
    new_arr: Decimal
    end_arr: Decimal
    start_logos: int
    lost_logos: int
    new_logos: int
    #: new ones that had been customers before and were away for too long
    won_back_logos: int

    @property
    def kept_arr(self) -> Decimal:
        """What those who were there at the start are worth at the end."""
        return self.start_arr - self.churned_arr - self.contraction + self.expansion

    @property
    def grr(self) -> Ratio:
        """Gross retention: without what anybody bought more."""
        return Ratio(self.start_arr - self.churned_arr - self.contraction, self.start_arr)

    @property
    def nrr(self) -> Ratio:
        """Net retention: with it."""
        return Ratio(self.kept_arr, self.start_arr)

    @property
    def logo_retention(self) -> Ratio:
        """How many of the customers stayed."""
        return Ratio(Decimal(self.start_logos - self.lost_logos), Decimal(self.start_logos))

    @property
    def logo_churn(self) -> Ratio:
        """How many of the customers left."""
        return Ratio(Decimal(self.lost_logos), Decimal(self.start_logos))

    @property
    def arr_churn(self) -> Ratio:
        """What those who left had been worth."""
        return Ratio(self.churned_arr, self.start_arr)

    @property
    def contraction_rate(self) -> Ratio:
        """What those who stayed are worth less."""
        return Ratio(self.contraction, self.start_arr)


def retention(
    ledger: Ledger,
    since: date,
    until: date,
    as_of: date,
    *,
    exclude_escalators: bool = False,
    only: Collection[str] | None = None,
) -> Retention:
    """Compare the base of two days, customer by customer, as seen on a third.

    What a customer gained in one term and lost in another is netted. A customer that was away for longer than the
    policy allows has churned, and is a new one since.
    """
    span = Span(since, until, exclude_escalators=exclude_escalators)
    if only is None:
        return _retention(ledger, ledger.by_logo, span, as_of)
    by_logo = {logo: [term for term in terms if term.term_id in only] for logo, terms in ledger.by_logo.items()}
    return _retention(ledger, by_logo, span, as_of)


def retention_by(
    ledger: Ledger, spans: Sequence[Span], as_of: date, *, groups: Mapping[str, str] | None = None
) -> list[tuple[str | None, Retention]]:
    """Compare the base over many spans in one go, of each group by itself where terms are in groups.

    What a customer moves from one group to another has left the one and is new in the other. A group that has nothing
    at either end of a span is left out.
    """
    if groups is None:
        return [(None, _retention(ledger, ledger.by_logo, span, as_of)) for span in spans]
    parts: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for logo, terms in ledger.by_logo.items():
        for term in terms:
            parts[groups[term.term_id]][logo].append(term)
    found = [(group, _retention(ledger, parts[group], span, as_of)) for span in spans for group in sorted(parts)]
    return [(group, each) for group, each in found if each.start_arr or each.end_arr]


def _retention(ledger: Ledger, by_logo: Mapping[str, list[Term]], span: Span, as_of: date) -> Retention:
    since, until = span.since, span.until
    sums = dict.fromkeys(("start", "churned", "contraction", "expansion", "new", "end"), _NONE)
    start_logos = lost_logos = new_logos = won_back = 0
    for terms in by_logo.values():
        then, now = (arr_of(ledger, terms, day, as_of, exclude=span.exclude_escalators) for day in (since, until))
        sums["start"] += then
        sums["end"] += now
        stayed = then > 0 and now > 0 and not was_away(ledger, terms, since, until, as_of)
        start_logos += then > 0
        lost_logos += then > 0 and not stayed
        if stayed:
            sums["contraction"] += max(then - now, _NONE)
            sums["expansion"] += max(now - then, _NONE)
        else:
            sums["churned"] += then
            sums["new"] += now
            new_logos += now > 0
            won_back += now > 0 and _was_there(terms, until, ledger.policy.returns_within)
    return Retention(
        since=since, until=until, start_arr=sums["start"], churned_arr=sums["churned"],
        contraction=sums["contraction"], expansion=sums["expansion"], new_arr=sums["new"], end_arr=sums["end"],
        start_logos=start_logos, lost_logos=lost_logos, new_logos=new_logos, won_back_logos=won_back,
    )  # fmt: skip


def arr_of(ledger: Ledger, terms: list[Term], day: date, as_of: date, *, exclude: bool = False) -> Decimal:
    """What a year of some terms is worth on a day."""
    running = (term for term in terms if ledger.in_force(term, day, as_of))
    return sum((term.arr_on(day, exclude_escalators=exclude) for term in running), _NONE)


def _spans(ledger: Ledger, terms: list[Term], as_of: date) -> list[tuple[date, date]]:
    """When each signed term was in force."""
    return sorted(
        (term.start, ledger.last_day(term, as_of) or date.max)
        for term in terms
        if term.start is not None and term.signed_on is not None and term.signed_on <= as_of
    )


def was_away(ledger: Ledger, terms: list[Term], since: date, until: date, as_of: date) -> bool:
    """Whether nothing of a customer was in force for longer than the policy allows, between two days."""
    covered = since
    for first, last in _spans(ledger, terms, as_of):
        if first > until:
            break
        if last < since:
            continue
        if first > covered and first - covered - _DAY > ledger.policy.returns_within:
            return True
        covered = max(covered, last)
    return False


def _was_there(terms: list[Term], until: date, returns_within: timedelta) -> bool:
    """Whether a customer had a term that ended long before the one it has now began."""
    starts = [term.start for term in terms if term.start is not None and term.start <= until]
    ends = [term.due for term in terms if term.due is not None]
    return any(start - end - _DAY > returns_within for start in starts for end in ends)
