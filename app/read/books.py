"""What each CSM looks after: customers, what they are worth a year, what is due soon, and what waits to be begun."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.read.encode import plain_row
from app.read.renewals import Terms, deal_of
from app.read.sight import Sight
from app.read.term_rows import deals_of
from app.read.views import HANDOFF
from models.renewals.term import Kind, Term
from models.session import ReadSession

#: how far ahead a book looks
SOON = timedelta(days=90)
#: a CSM: id, and name; both None where nobody looks after a deal
_Csm = tuple[str | None, str | None]


@dataclass(slots=True)
class _Book:
    """The sums of one CSM."""

    arr: Decimal = Decimal(0)
    due: int = 0
    due_atr: Decimal = Decimal(0)
    #: what is counted of the deals
    counted: Mapping[str, Any] = field(default_factory=dict)


def books(session: ReadSession, terms: Terms, *, org: Sequence[str], sight: Sight) -> list[dict[str, Any]]:
    """One row per CSM by name, and a last one for what nobody looks after."""
    found: dict[_Csm, _Book] = defaultdict(_Book)
    keys = running(terms)
    of_deal = deals_of(session, terms, keys)
    for key in keys:
        deal = of_deal.get(deal_of(terms, key), {})
        term, book = terms.ledger.terms[key], found[deal.get("csm_id"), deal.get("csm_name")]
        book.arr += term.arr_on(terms.as_of) if _in_force(terms, term) else 0
        if _is_due(term, terms.as_of):
            book.due += 1
            book.due_atr += term.atr
    for row in _by_csm(session, org=org, sight=sight):
        found[row["csm_id"], row["csm_name"]].counted = row
    return [_row(csm, found[csm]) for csm in sorted(found, key=_by_name)]


def running(terms: Terms) -> list[str]:
    """The terms that a book is made of, the earliest due first: in force, or due soon."""
    kept = {
        key: term
        for key, term in terms.ledger.terms.items()
        if term.kind in {Kind.FIXED, Kind.EVERGREEN} and (_in_force(terms, term) or _is_due(term, terms.as_of))
    }
    return sorted(kept, key=lambda key: (kept[key].due or date.max, key))


def _by_name(csm: _Csm) -> tuple[bool, str, str]:
    return csm == (None, None), csm[1] or "", csm[0] or ""


def _in_force(terms: Terms, term: Term) -> bool:
    return terms.ledger.in_force(term, terms.as_of, terms.as_of)


def _is_due(term: Term, as_of: date) -> bool:
    return term.kind is Kind.FIXED and term.due is not None and as_of <= term.due <= as_of + SOON


def _by_csm(session: ReadSession, *, org: Sequence[str], sight: Sight) -> list[dict[str, Any]]:
    """What is counted of deals, with how far their handoffs are, by CSM."""
    column = HANDOFF.c
    among = [column.org_id.in_(list(org))] if org else []
    statement = (
        select(
            column.csm_id,
            column.csm_name,
            func.count(func.distinct(func.concat(column.org_id, column.customer_id))).label("customers"),
            func.count().label("deals"),
            func.count().filter(column.state == "waiting").label("handoffs_waiting"),
            func.count().filter(column.state != "first_value").label("handoffs_open"),
            func.round(func.avg(column.completeness), 2).label("completeness_average"),
        )
        .where(*among, *sight.of_deals(HANDOFF))
        .group_by(column.csm_id, column.csm_name)
    )
    return [plain_row(row) for row in session.execute(statement).mappings()]


def _row(csm: _Csm, book: _Book) -> dict[str, Any]:
    return plain_row({
        "csm_id": csm[0],
        "csm_name": csm[1],
        "customers": book.counted.get("customers", 0),
        "deals": book.counted.get("deals", 0),
        "arr": book.arr,
        "due_in_90_days": book.due,
        "due_atr": book.due_atr,
        "handoffs_waiting": book.counted.get("handoffs_waiting", 0),
        "handoffs_open": book.counted.get("handoffs_open", 0),
        "completeness_average": book.counted.get("completeness_average"),
    })  # fmt: skip
