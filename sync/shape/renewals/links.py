"""Which term continues which: by contract, by a lookup, else by the day on which another one ends."""

from collections.abc import Mapping
from datetime import timedelta

from models.renewals.term import Term
from sync.shape.renewals.book import Book
from sync.shape.renewals.commitment import Commitment

#: so far from the start of a renewal the term it continues may end, where nothing names it
_WITHIN = timedelta(days=90)


def links_of(
    book: Book, found: Mapping[str, Commitment], terms: Mapping[str, Term]
) -> dict[str, tuple[tuple[str, ...], bool]]:
    """Return what each renewal continues, and whether that is only inferred."""
    by_record = {each.term_id[:15]: each.term_id for each in found.values()}
    for each in found.values():
        by_record |= {deal["id"][:15]: each.term_id for deal in each.deals}
    links: dict[str, tuple[tuple[str, ...], bool]] = {}
    for key, commitment in found.items():
        named = _named(book, commitment, by_record)
        if named:
            links[key] = (named, False)
    taken = {before for named, _ in links.values() for before in named}
    for key, commitment in found.items():
        if key not in links and book.is_renewal(commitment.deal):
            near = _nearest(terms, key, taken)
            if near is not None:
                taken.add(near)
                links[key] = ((near,), True)
    return links


def _named(book: Book, commitment: Commitment, by_record: Mapping[str, str]) -> tuple[str, ...]:
    """What the records themselves say."""
    if commitment.prolongs is not None:
        return (commitment.prolongs,)
    fields = book.org.fields
    ids = [
        *fields.ids("renewed_contract", "Opportunity", commitment.deal),
        *fields.ids("renewed_contract", "Contract", commitment.contract),
        *fields.ids("renewed_deal", "Opportunity", commitment.deal),
    ]
    return tuple(sorted({by_record[key[:15]] for key in ids if key[:15] in by_record}))


def _nearest(terms: Mapping[str, Term], key: str, taken: set[str]) -> str | None:
    """The term of the customer that ends next to the start of this one, and that nothing continues yet."""
    start = terms[key].start
    near = [
        (abs(start - other.due), other.term_id)
        for other in terms.values()
        if start is not None
        and other.term_id not in taken | {key}
        and other.start is not None
        and other.due is not None
        and other.start < start
        and abs(start - other.due) <= _WITHIN
    ]
    return min(near)[1] if near else None
