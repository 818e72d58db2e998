"""Terms that nobody should trust without looking, each with what is wrong and what to do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from app.read.renewals import Terms
from app.read.term_rows import term_rows
from models.renewals.problem import MEANINGS
from models.renewals.term import Confidence, Kind, Provenance
from models.session import ReadSession
from models.term import KnownTerm

_UNSIGNED = "Nothing tells that it was signed. It counts nowhere until the deal or the contract has a day for it."
_INFERRED = "Nothing names the term that it continues; it was found by its dates. Name it in the renewal, or check it."
_LOW: Mapping[Provenance | None, str] = {
    Provenance.START_AND_TERM: "Its last day follows from the day of winning. Give the deal a start date.",
    Provenance.RENEWAL_CLOSE_DATE: "Its last day is the close date of an open renewal. Give it a contract with an end.",
}
_ANY_LOW = "Its last day is of low confidence. Give it a contract with an end."


def doubtful_terms(session: ReadSession, terms: Terms) -> list[dict[str, Any]]:
    """Return every term with a doubt, the one that is due first at the top."""
    doubts: dict[str, list[dict[str, str]]] = defaultdict(list)
    for each in terms.problems:
        if each.term_id in terms.known:
            doubts[each.term_id].append({"code": each.fault.value, "detail": MEANINGS[each.fault]})
    for key, known in terms.known.items():
        if known.term.kind in {Kind.FIXED, Kind.EVERGREEN}:
            doubts[key] += [{"code": code, "detail": detail} for code, detail in _of(known)]
    keys = sorted((key for key in doubts if doubts[key]), key=lambda key: _place(terms, key))
    return [{**row, "doubts": doubts[key]} for key, row in zip(keys, term_rows(session, terms, keys), strict=True)]


def _of(known: KnownTerm) -> Iterator[tuple[str, str]]:
    term = known.term
    if term.signed_on is None:
        yield "not_signed", _UNSIGNED
    if term.confidence is Confidence.LOW and term.due is not None:
        inferred = any(each["of"] == "renews" for each in known.why)
        if inferred:
            yield "renewal_inferred", _INFERRED
        if not inferred or term.provenance in _LOW:
            yield "low_confidence", _LOW.get(term.provenance, _ANY_LOW)


def _place(terms: Terms, key: str) -> tuple[bool, int, str]:
    due = terms.known[key].term.due
    return due is None, due.toordinal() if due else 0, key
