"""The terms of one customer, out of its records."""

from dataclasses import replace
from typing import Any

from models.renewals.term import Confidence, Kind, Term
from models.term import KnownTerm
from sync.shape.renewals.book import Book
from sync.shape.renewals.commitment import Commitment, commitments
from sync.shape.renewals.dates import Dates, dates_of, ended_on, notice_by
from sync.shape.renewals.links import links_of
from sync.shape.renewals.values import Worth, currency_of, steps_of
from sync.shape.value import day

_PILOTS = ("pilot", "trial", "proof of concept", "poc")


def derive_terms(book: Book) -> list[KnownTerm]:
    """Return what a customer is committed to, each term with what it continues and how we know, by id."""
    found: dict[str, Commitment] = {each.term_id: each for each in commitments(book)}
    known = {key: _term(book, each, dates_of(book, each)) for key, each in found.items()}
    links = links_of(book, found, {key: each.term for key, each in known.items()})
    return [_linked(known[key], links.get(key)) for key in sorted(known)]


def _term(book: Book, commitment: Commitment, dates: Dates) -> KnownTerm:
    contract, fields = commitment.contract, book.org.fields
    kind = _kind(book, commitment)
    steps, worth = steps_of(book, commitment, dates)
    carriers = (("Contract", contract), ("Opportunity", commitment.deal))
    return KnownTerm(
        term=Term(
            term_id=commitment.term_id,
            logo=book.customer_id,
            kind=kind,
            start=dates.start,
            due=None if kind is Kind.EVERGREEN else dates.due,
            steps=steps,
            currency=currency_of(book, commitment),
            signed_on=_signed_on(book, commitment),
            notice_by=notice_by(book, commitment, None if kind is Kind.EVERGREEN else dates.due),
            notice_on=fields.day("notice_given_on", "Contract", contract),
            ended_on=ended_on(book, contract),
            auto_renews=any(fields.says_yes("auto_renew", name, row) for name, row in carriers),
            is_active=(contract or {}).get("statuscode", (contract or {}).get("status")) == "Activated",
            provenance=dates.provenance,
            confidence=dates.confidence,
        ),
        deal_id=commitment.deal["id"],
        deal_ids=tuple(sorted(deal["id"] for deal in commitment.deals)),
        contract_id=None if contract is None else contract["id"],
        why=_why(dates, worth),
    )


def _kind(book: Book, commitment: Commitment) -> Kind:
    words = book.words_of(commitment.deal)
    if any(word in words for word in _PILOTS):
        return Kind.PILOT
    if book.is_one_off(commitment.deal) and not commitment.changes:
        return Kind.ONE_OFF
    carriers = (("Contract", commitment.contract), ("Opportunity", commitment.deal))
    endless = any(book.org.fields.says_yes("is_evergreen", name, row) for name, row in carriers)
    return Kind.EVERGREEN if endless else Kind.FIXED


def _signed_on(book: Book, commitment: Commitment) -> Any:
    signed = None if commitment.contract is None else day(commitment.contract.get("customersigneddate"))
    return signed or book.won_on(commitment.deal)


def _why(dates: Dates, worth: Worth | None) -> tuple[dict[str, str], ...]:
    """The fields that the last day and the value are from."""
    told = []
    if dates.source is not None:
        source = dates.source
        told.append({"of": "due_on", "object": source.object, "field": source.field, "record_id": source.record_id})
    if worth is not None:
        told.append({"of": "atr", "object": worth.object, "field": worth.field, "record_id": worth.record_id})
    return tuple(told)


def _linked(known: KnownTerm, link: tuple[tuple[str, ...], bool] | None) -> KnownTerm:
    if link is None:
        return known
    renews, is_inferred = link
    sure = Confidence.LOW if is_inferred else known.term.confidence
    why = (*known.why, {"of": "renews", "object": "Opportunity", "field": "AccountId", "record_id": known.deal_id})
    term = replace(known.term, renews=renews, confidence=sure)
    return replace(known, term=term, why=why if is_inferred else known.why)
