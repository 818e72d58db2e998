"""What keeps a term out of the numbers, or a link between two: listed for people, never guessed around."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from models.renewals.term import Kind, Term


class Fault(StrEnum):
    """What is wrong, as a stable code."""

    NO_START = "no_start"
    NO_DUE_DAY = "no_due_day"
    DUE_BEFORE_START = "due_before_start"
    NEGATIVE_VALUE = "negative_value"
    NO_VALUE = "no_value"
    UNKNOWN_CURRENCY = "unknown_currency"
    SAME_ID = "same_id"
    RENEWS_ITSELF = "renews_itself"
    RENEWS_IN_A_CIRCLE = "renews_in_a_circle"
    RENEWAL_STARTS_FIRST = "renewal_starts_first"
    SEVERAL_SUCCESSORS = "several_successors"


#: what each means, and what to do
MEANINGS: Mapping[Fault, str] = {
    Fault.NO_START: "Nothing tells when it starts. It counts nowhere until the contract or the deal has a start date.",
    Fault.NO_DUE_DAY: "Nothing tells its last day. It counts nowhere until the contract has an end date or a term.",
    Fault.DUE_BEFORE_START: "Its last day is before its first. It counts nowhere until one of the dates is corrected.",
    Fault.NEGATIVE_VALUE: "A year of it is worth less than nothing. It counts nowhere until the amounts are corrected.",
    Fault.NO_VALUE: "Nothing tells what a year of it is worth. It counts nowhere until the deal has an ARR or amount.",
    Fault.UNKNOWN_CURRENCY: "There is no rate for its currency. It counts nowhere until the org has one.",
    Fault.SAME_ID: "Two terms have the same id. Neither counts.",
    Fault.RENEWS_ITSELF: "It is said to renew itself. The link is left out.",
    Fault.RENEWS_IN_A_CIRCLE: "It renews what renews it. The link that goes back in time is left out.",
    Fault.RENEWAL_STARTS_FIRST: "It starts no later than what it is said to renew. The link is left out.",
    Fault.SEVERAL_SUCCESSORS: "Several terms renew it. Their values are added up; check that none is there twice.",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a term."""

    term_id: str
    fault: Fault
    #: the other term, where it is about two
    other_id: str | None = None


def in_currency(
    terms: Iterable[Term], currency: str | None, rates: Mapping[str, Decimal]
) -> tuple[list[Term], list[Problem]]:
    """Return the terms with values in one currency, and a problem for each that has no rate.

    Args:
        terms: in any currencies.
        currency: the one to show; None where the org does not tell its only one.
        rates: how much of `currency` one unit of another is worth.
    """
    converted: list[Term] = []
    problems: list[Problem] = []
    for term in terms:
        rate = Decimal(1) if term.currency == currency else rates.get(term.currency or "")
        if rate is None or not rate.is_finite() or rate <= 0:
            problems.append(Problem(term.term_id, Fault.UNKNOWN_CURRENCY))
        else:
            converted.append(term if term.currency == currency else term.at_rate(rate, currency))
    return converted, problems


def faults_of(term: Term) -> Iterator[Fault]:
    """What keeps a term out of all numbers."""
    if term.kind in {Kind.PILOT, Kind.ONE_OFF}:
        return  # they count nowhere anyway
    if term.start is None:
        yield Fault.NO_START
    if term.kind is Kind.FIXED and term.due is None:
        yield Fault.NO_DUE_DAY
    if term.start is not None and term.due is not None and term.due < term.start:
        yield Fault.DUE_BEFORE_START
    if not term.steps:
        yield Fault.NO_VALUE
    if any(not step.arr.is_finite() or step.arr < 0 for step in term.steps):
        yield Fault.NEGATIVE_VALUE
