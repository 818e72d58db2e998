"""When a term runs: the first record that tells its last day wins, and the term says which it was."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from models.renewals.period import add_months
from models.renewals.term import Confidence, Provenance
from sync.shape.aggregate import Row
from sync.shape.notice import notice_deadline
from sync.shape.renewals.book import Book
from sync.shape.renewals.commitment import Commitment
from sync.shape.value import day

_DAY = timedelta(days=1)

#: in this order records are asked for the last day of a term
ORDER: tuple[Provenance, ...] = (
    Provenance.CONTRACT,
    Provenance.EXPLICIT_FIELDS,
    Provenance.ORDER,
    Provenance.START_AND_TERM,
    Provenance.RENEWAL_CLOSE_DATE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A day, and where it stands."""

    due: date
    object: str
    field: str
    record_id: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When a commitment runs, and how we know."""

    start: date | None
    due: date | None
    provenance: Provenance | None
    confidence: Confidence
    #: the field that tells the last day
    source: Told | None


def dates_of(book: Book, commitment: Commitment, *, order: Sequence[Provenance] = ORDER) -> Dates:
    """Work out the first and the last day; `order` says which records are asked first."""
    start = _start(book, commitment)
    for provenance in order:
        asked = _ASKED.get(provenance)
        told = None if asked is None else asked(book, commitment, start)
        if told is not None:
            confidence = Confidence.MEDIUM if commitment.is_guessed else told.confidence
            return Dates(start=start, due=told.due, provenance=provenance, confidence=confidence, source=told)
    return Dates(start=start, due=None, provenance=None, confidence=Confidence.LOW, source=None)


def months_of(book: Book, commitment: Commitment) -> int | None:
    """For how many months it was agreed."""
    contract, fields = commitment.contract, book.org.fields
    if contract is not None and (contract.get("contractterm") or 0) > 0:
        return int(contract["contractterm"])
    for object_name, row in (("Opportunity", commitment.deal), ("Contract", contract)):
        found = re.match(r"\s*(\d{1,3})(?:\.0+)?\s*([a-z]*)", str(fields.text("term_months", object_name, row)).lower())
        if found is not None and int(found[1]) > 0:
            return int(found[1]) * (12 if found[2].startswith("year") else 1)
    return None


def _start(book: Book, commitment: Commitment) -> date | None:
    if commitment.prolongs is not None:
        return commitment.begins
    contract, fields = commitment.contract, book.org.fields
    told = day((contract or {}).get("startdate")) or fields.day("start_on", "Opportunity", commitment.deal)
    return told or book.won_on(commitment.deal)


def _by_contract(book: Book, commitment: Commitment, start: date | None) -> Told | None:  # noqa: ARG001 - one of several
    contract = commitment.contract
    if commitment.ends is not None:
        return Told(commitment.ends, "Opportunity", "ContractId", commitment.deal["id"], Confidence.MEDIUM)
    if contract is None:
        return None
    end = day(contract.get("enddate"))
    if end is not None:
        return Told(end, "Contract", "EndDate", contract["id"], Confidence.HIGH)
    end = _last_day(day(contract.get("startdate")), contract.get("contractterm"))
    return None if end is None else Told(end, "Contract", "ContractTerm", contract["id"], Confidence.HIGH)


def _by_fields(book: Book, commitment: Commitment, start: date | None) -> Told | None:  # noqa: ARG001 - one of several
    for object_name, row in (("Opportunity", commitment.deal), ("Contract", commitment.contract)):
        end = book.org.fields.day("renewal_on", object_name, row)
        if row is not None and end is not None:
            field = book.org.fields.name_of("renewal_on", object_name, row)
            return Told(end, object_name, str(field), row["id"], Confidence.MEDIUM)
    return None


def _by_order(book: Book, commitment: Commitment, start: date | None) -> Told | None:  # noqa: ARG001 - one of several
    contract = commitment.contract
    orders = () if contract is None else book.orders.get(contract["id"], ())
    ends = [(end, order["id"]) for order in orders if (end := day(order.get("enddate")))]
    return Told(max(ends)[0], "Order", "EndDate", max(ends)[1], Confidence.MEDIUM) if ends else None


def _by_term(book: Book, commitment: Commitment, start: date | None) -> Told | None:
    end = _last_day(start, months_of(book, commitment))
    if end is None:
        return None
    is_told = book.org.fields.day("start_on", "Opportunity", commitment.deal) is not None
    confidence = Confidence.MEDIUM if is_told or commitment.contract is not None else Confidence.LOW
    field = book.org.fields.name_of("term_months", "Opportunity", commitment.deal) or "ContractTerm"
    return Told(end, "Opportunity", field, commitment.deal["id"], confidence)


def _by_renewal(book: Book, commitment: Commitment, start: date | None) -> Told | None:
    known = {key[:15] for each in commitment.deals for key in (each["id"], each.get("contractid")) if key}
    known.add(commitment.term_id[:15])
    ends: list[tuple[date, str]] = []
    for draft in book.drafts:
        named = {
            key[:15]
            for line in ("renewed_deal", "renewed_contract")
            for key in book.org.fields.ids(line, "Opportunity", draft)
        }
        end = day(draft.get("closedate"))
        if named & known and end is not None and (start is None or end > start):
            ends.append((end, draft["id"]))
    return Told(min(ends)[0], "Opportunity", "CloseDate", min(ends)[1], Confidence.LOW) if ends else None


_ASKED: Mapping[Provenance, Callable[[Book, Commitment, date | None], Told | None]] = {
    Provenance.CONTRACT: _by_contract,
    Provenance.EXPLICIT_FIELDS: _by_fields,
    Provenance.ORDER: _by_order,
    Provenance.START_AND_TERM: _by_term,
    Provenance.RENEWAL_CLOSE_DATE: _by_renewal,
}


def _last_day(start: date | None, months: Any) -> date | None:
    """The last day of so many months, as Salesforce computes Contract.EndDate.

    It is the day before the anniversary, or the last of that month where it has no such day.
    """
    try:
        if start is None or not months or int(months) <= 0:
            return None
        anniversary = add_months(start, int(months))
    except (ValueError, OverflowError):
        return None
    return anniversary if anniversary.day < start.day else anniversary - _DAY


def notice_by(book: Book, commitment: Commitment, due: date | None) -> date | None:
    """The last day on which the customer can give notice: as a field says, else so long before the last day."""
    carriers = (("Opportunity", commitment.deal), ("Contract", commitment.contract))
    explicit = [book.org.fields.day("opt_out_on", name, row) for name, row in carriers]
    told = [book.org.fields.text("notice_period", name, row) for name, row in carriers]
    # The owner's reminder is not the customer's notice period, but the best guess that a standard field allows.
    told.append((commitment.contract or {}).get("ownerexpirationnotice"))
    return next((day for day in explicit if day), None) or notice_deadline(
        next((each for each in told if each not in (None, "")), None), due
    )


def ended_on(book: Book, contract: Row | None) -> date | None:
    """The last day of a commitment without end, where the contract tells it."""
    return book.org.fields.day("ended_on", "Contract", contract)
