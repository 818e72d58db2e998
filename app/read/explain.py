"""Why a term stands as it does, in sentences: its last day, its value, what it continues, and how it ended."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.read.renewals import Terms
from models.renewals.ledger import Ending, Outcome
from models.renewals.problem import MEANINGS
from models.renewals.term import Confidence, Kind, Provenance, Term

_BY = {
    Provenance.CPQ: "Salesforce CPQ tells it",
    Provenance.ASSET: "an asset tells it",
    Provenance.CONTRACT: "the contract tells it",
    Provenance.EXPLICIT_FIELDS: "a field for it tells it",
    Provenance.ORDER: "the orders under the contract tell it",
    Provenance.START_AND_TERM: "it follows from the start and the months that were agreed",
    Provenance.RENEWAL_CLOSE_DATE: "it is the close date of an open renewal, for want of anything better",
}
_KINDS = {
    Kind.FIXED: "It has a last day and is up for renewal then.",
    Kind.EVERGREEN: "It runs until somebody ends it, so it is in the base and in no renewal rate.",
    Kind.PILOT: "It is a pilot and counts nowhere.",
    Kind.ONE_OFF: "It is paid once and counts nowhere.",
}
_SURE = {
    Confidence.HIGH: "That is sure.",
    Confidence.MEDIUM: "That is likely.",
    Confidence.LOW: "Nobody should trust that without looking.",
}


def explain(terms: Terms, key: str, *, with_amounts: bool) -> list[str]:
    """Say why a term stands as it does, one sentence or two for each question; without what it is worth on demand."""
    known = terms.known[key]
    term = terms.ledger.terms.get(key, known.term)
    told = {each["of"]: each for each in known.why}
    said = [_KINDS[term.kind], *_day(term, told.get("due_on"))]
    said += _value(term, told.get("atr")) if with_amounts else []
    said += _before(known.term, told)
    if key in terms.ledger.terms and term.kind is Kind.FIXED:
        said.append(_ending(term, terms.ledger.ending(term, terms.as_of), terms))
    said += [MEANINGS[each.fault] for each in terms.problems if each.term_id == key]
    return said


def _day(term: Term, source: Mapping[str, Any] | None) -> Iterator[str]:
    if term.due is None:
        if term.kind is Kind.FIXED:
            yield "Nothing tells its last day."
        return
    how = "" if term.provenance is None else f": {_BY[term.provenance]}"
    yield f"The last day is {term.due}{how}{_at(source)}. {_SURE[term.confidence]}"
    if term.notice_by is not None:
        yield f"Notice can be given until {term.notice_by}."


def _value(term: Term, source: Mapping[str, Any] | None) -> Iterator[str]:
    if not term.steps:
        return
    when = "on its last day" if term.due is not None else "now"
    count = len(term.steps) - 1
    steps = f", after {count} change{'s' if count > 1 else ''} since it began" if count else ""
    yield f"A year of it is worth {term.atr:.2f} {term.currency or ''}".rstrip() + f" {when}{steps}{_at(source)}."


def _before(term: Term, told: Mapping[str, Any]) -> Iterator[str]:
    if term.renews:
        how = "which nothing names: it ended nearest to its start" if "renews" in told else "which its records name"
        yield f"It continues {' and '.join(term.renews)}, {how}."


def _ending(term: Term, ending: Ending, terms: Terms) -> str:
    assert term.due is not None
    seen, grace = f"As seen on {terms.as_of} it is {ending.outcome.value}", terms.ledger.policy.grace.days
    match ending.outcome:
        case Outcome.OPEN:
            why = "it is not due yet, and nobody has signed what comes after"
        case Outcome.SECURED:
            why = f"what comes after was signed on {ending.signed_on}, and it is not due yet"
        case Outcome.PENDING:
            why = f"nobody has signed what comes after, and the {grace} days of grace have not passed"
        case Outcome.LOST if term.lost_on is not None and term.lost_on <= terms.as_of:
            why = f"sales closed its renewal as lost on {term.lost_on}, and the last day has passed"
        case Outcome.LOST:
            why = f"nobody has signed what comes after within {grace} days"
        case _ if ending.is_auto:
            why = "the contract renews itself and is still activated"
        case _:
            why = f"what comes after was signed on {ending.signed_on}"
    return f"{seen}: {why}."


def _at(source: Mapping[str, Any] | None) -> str:
    return "" if source is None else f" ({source['field']} of {source['object']} {source['record_id']})"
