"""All terms of a store together: what continues what, how each ended as seen on a day, and what was in force then."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from models.renewals.problem import Fault, Problem, faults_of
from models.renewals.term import Kind, Term

_DAY = timedelta(days=1)
_CENT = Decimal("0.01")


class Outcome(StrEnum):
    """How a term ended, or how far it is, as seen on a day."""

    OPEN = "open"  # not due yet, and nobody has signed
    SECURED = "secured"  # not due yet, and what comes after is signed
    PENDING = "pending"  # due, nobody has signed, and it is too early to call it lost
    ON_TIME = "on_time"
    LATE = "late"
    LOST = "lost"


RENEWED = frozenset({Outcome.ON_TIME, Outcome.LATE})
SETTLED = RENEWED | {Outcome.LOST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an org may decide about its numbers."""

    #: how long after its last day a term that nobody renewed is called pending and not lost
    grace: timedelta = timedelta(days=30)
    #: who signs later than this after the last day is a new customer that was won back
    returns_within: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a term ended as seen on a day, and why."""

    outcome: Outcome
    #: when what comes after was signed
    signed_on: date | None
    #: a year's worth of what comes after, as far as it continues this term
    renewed_arr: Decimal
    #: the contract went on by itself
    is_auto: bool
    #: what comes after replaced it before its last day; it keeps its place in the rates
    is_early_replace: bool


class Ledger:
    """Terms that hold together. What does not is in `problems`, and in no number."""

    def __init__(self, terms: Iterable[Term], *, policy: Policy | None = None) -> None:
        """Leave out what is wrong and link the rest; the order of the terms does not matter."""
        self.policy = policy or Policy()
        ordered = sorted(terms, key=lambda term: term.term_id)
        times = Counter(term.term_id for term in ordered)
        problems = {Problem(term_id, Fault.SAME_ID) for term_id, count in times.items() if count > 1}
        self.terms: dict[str, Term] = {}
        for term in ordered:
            faults = list(faults_of(term))
            problems |= {Problem(term.term_id, fault) for fault in faults}
            if not faults and times[term.term_id] == 1:
                self.terms[term.term_id] = term
        self._after: dict[str, list[Term]] = defaultdict(list)
        self._before: dict[str, list[Term]] = defaultdict(list)
        for term in self.terms.values():
            problems |= set(self._link(term))
        problems |= {Problem(key, Fault.SEVERAL_SUCCESSORS) for key, after in self._after.items() if len(after) > 1}
        #: the terms that keep somebody a customer, by who is counted
        self.by_logo: dict[str, list[Term]] = defaultdict(list)
        for term in self.of_kind(Kind.FIXED, Kind.EVERGREEN):
            self.by_logo[term.logo].append(term)
        self.problems: tuple[Problem, ...] = tuple(sorted(problems, key=lambda each: (each.term_id, each.fault)))

    def of_kind(self, *kinds: Kind) -> list[Term]:
        """The terms of some kinds, by id."""
        return [term for term in self.terms.values() if term.kind in kinds]

    def successors(self, term: Term, as_of: date) -> list[Term]:
        """What continues a term and was signed by that day, in time to be no new beginning."""
        return [
            after
            for after in self._after.get(term.term_id, ())
            if after.signed_on is not None and after.signed_on <= as_of and self._continues(term, after)
        ]

    def ending(self, term: Term, as_of: date) -> Ending:
        """How a term that has a last day ended, as seen on a day."""
        assert term.due is not None
        successors = self.successors(term, as_of)
        signed_on = min((each.signed_on for each in successors if each.signed_on is not None), default=None)
        is_auto = signed_on is None and term.auto_renews and term.is_active and as_of > term.due
        is_auto = is_auto and term.lost_on is None
        renewed = sum((self._share(term, each) for each in successors), Decimal(0))
        early = any(each.start is not None and each.start <= term.due for each in successors)
        return Ending(
            outcome=self._outcome(term, as_of, signed_on, is_auto=is_auto),
            signed_on=signed_on,
            renewed_arr=term.atr if is_auto else renewed,
            is_auto=is_auto,
            is_early_replace=early,
        )

    def last_day(self, term: Term, as_of: date) -> date | None:
        """The last day on which a term is in force, as seen on a day; None for one without end."""
        starts = [each.start for each in self.successors(term, as_of) if each.start is not None]
        replaced = min(starts) - _DAY if starts else None
        if term.due is None:
            return min((day for day in (term.ended_on, replaced) if day is not None), default=None)
        if self.ending(term, as_of).is_auto:
            return None
        return term.due if replaced is None else min(term.due, replaced)

    def in_force(self, term: Term, day: date, as_of: date) -> bool:
        """Whether a term was in force on a day, as seen on another."""
        if term.start is None or term.signed_on is None or term.signed_on > as_of or term.start > day:
            return False
        last = self.last_day(term, as_of)
        return last is None or day <= last

    def is_win_back(self, term: Term) -> bool:
        """Whether it brings back a customer that had been away for too long to be the same one."""
        signed_on = term.signed_on
        return signed_on is not None and any(
            not self._continues(before, term) for before in self._before.get(term.term_id, ())
        )

    def _continues(self, term: Term, after: Term) -> bool:
        """Whether a term was signed soon enough after another one to go on with it."""
        if term.due is None or after.signed_on is None:
            return True
        return after.signed_on - term.due <= self.policy.returns_within

    def _outcome(self, term: Term, as_of: date, signed_on: date | None, *, is_auto: bool) -> Outcome:
        assert term.due is not None
        if as_of < term.due:
            return Outcome.OPEN if signed_on is None else Outcome.SECURED
        if signed_on is not None:
            return Outcome.ON_TIME if signed_on <= term.due else Outcome.LATE
        if is_auto:
            return Outcome.ON_TIME
        told_lost = term.lost_on is not None and term.lost_on <= as_of and as_of > term.due
        return Outcome.LOST if told_lost or as_of - term.due > self.policy.grace else Outcome.PENDING

    def _share(self, term: Term, after: Term) -> Decimal:
        """What of a new term continues this one: all of it, or by what each was worth where it continues several."""
        before = [each for each in self._before[after.term_id] if self._continues(each, after)]
        if len(before) == 1:
            return after.first_arr
        worth = {each.term_id: each.atr for each in before}
        total = sum(worth.values())
        shares: dict[str, Decimal] = {}
        for key, value in worth.items():
            share = after.first_arr * value / total if total else after.first_arr / len(worth)
            shares[key] = share.quantize(_CENT, ROUND_HALF_UP)
        shares[before[-1].term_id] = after.first_arr - sum(shares[each.term_id] for each in before[:-1])
        return shares[term.term_id]

    def _link(self, term: Term) -> Iterable[Problem]:
        for key in sorted(set(term.renews)):
            before = self.terms.get(key)
            if before is None or term.kind in {Kind.PILOT, Kind.ONE_OFF}:
                continue
            if key == term.term_id:
                yield Problem(key, Fault.RENEWS_ITSELF)
            elif before.start is not None and term.start is not None and term.start <= before.start:
                circle = _renews(before, term.term_id, self.terms)
                yield Problem(
                    term.term_id, Fault.RENEWS_IN_A_CIRCLE if circle else Fault.RENEWAL_STARTS_FIRST, other_id=key
                )
            else:
                self._after[key].append(term)
                self._before[term.term_id].append(before)


def _renews(term: Term, wanted: str, terms: Mapping[str, Term]) -> bool:
    """Whether a term continues another one, over however many between."""
    seen: set[str] = set()
    ahead = list(term.renews)
    while ahead:
        key = ahead.pop()
        if key == wanted:
            return True
        if key not in seen and key in terms:
            seen.add(key)
            ahead += terms[key].renews
    return False
