"""Terms as a list: which run out when and how far each is, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.read.encode import plain_value
from app.read.listing import Order, Page, Position
from app.read.renewals import Terms
from app.read.sight import Sight
from app.read.term_rows import term_rows
from models.renewals.term import Confidence, Kind
from models.session import ReadSession

SORTS = ("due_on", "atr")
EARLIEST_FIRST = (Order(column="due_on"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalFilter:
    """Which terms are asked for; what is None or empty restricts nothing."""

    status: Sequence[str] = ()
    due_from: date | None = None
    due_to: date | None = None
    csm: Sequence[str] = ()
    confidence: Sequence[Confidence] = ()

    def wants(self, terms: Terms, key: str) -> bool:
        """Whether a term is among those, as far as it tells by itself."""
        term = terms.known[key].term
        within = term.due is not None or (self.due_from is None and self.due_to is None)
        if term.due is not None:
            within = (self.due_from or term.due) <= term.due <= (self.due_to or term.due)
        if not within or (self.confidence and term.confidence not in self.confidence):
            return False
        return not self.status or _status(terms, key) in self.status


def list_renewals(
    session: ReadSession, terms: Terms, wanted: RenewalFilter, *, order: Sequence[Order], after: Position | None,
    limit: int, sight: Sight,
) -> Page:  # fmt: skip
    """Read one page of terms; those without a value in the sort column come last."""
    by = (order or EARLIEST_FIRST)[0]
    keys = sorted(matching(session, terms, wanted), key=lambda key: _place(terms, key, by))
    if after is not None:
        behind = _place_of(after, by)
        keys = [key for key in keys if _place(terms, key, by) > behind]
    rows = sight.cover("term", term_rows(session, terms, keys[:limit]))
    last = keys[limit - 1] if len(keys) > limit else None
    return Page(rows=rows, next_position=None if last is None else _position(terms, last, by))


def matching(session: ReadSession, terms: Terms, wanted: RenewalFilter) -> list[str]:
    """Return the keys of the terms that are asked for."""
    keys = [key for key in terms.known if wanted.wants(terms, key)]
    if not wanted.csm:
        return keys
    called = {each.casefold() for each in wanted.csm}
    rows = zip(keys, term_rows(session, terms, keys), strict=True)
    return [key for key, row in rows if called & {str(row[name]).casefold() for name in ("csm_id", "csm_name")}]


def renewal_totals(terms: Terms, keys: Sequence[str], *, sight: Sight) -> dict[str, Any]:
    """How many terms match, and what is up for renewal in them."""
    total = sum((terms.ledger.terms[key].atr for key in keys if key in terms.ledger.terms), Decimal(0))
    shown = {terms.currency or "unknown": plain_value(total)} if keys else {}
    return {"count": len(keys), "amount_by_currency": shown if sight.commercial else None}


def _status(terms: Terms, key: str) -> str | None:
    term = terms.ledger.terms.get(key)
    if term is None or term.due is None or term.kind is not Kind.FIXED:
        return None
    return terms.ledger.ending(term, terms.as_of).outcome.value


def _value(terms: Terms, key: str, column: str) -> Decimal | None:
    term = terms.ledger.terms.get(key, terms.known[key].term)
    if column == "due_on":
        return None if term.due is None else Decimal(term.due.toordinal())
    return term.atr if term.steps else None


def _place(terms: Terms, key: str, by: Order) -> tuple[bool, Decimal, str]:
    return _ranked(_value(terms, key, by.column), key, by)


def _ranked(value: Decimal | None, key: str, by: Order) -> tuple[bool, Decimal, str]:
    number = value or Decimal(0)
    return value is None, -number if by.descending else number, key


def _position(terms: Terms, key: str, by: Order) -> list[str | None]:
    value = _value(terms, key, by.column)
    return [None if value is None else str(value), key]


def _place_of(position: Position, by: Order) -> tuple[bool, Decimal, str]:
    value, key = position
    return _ranked(None if value is None else Decimal(value), key or "", by)
