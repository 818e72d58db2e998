"""What one caller sees of the store: whose deals, and which columns of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select, text, tuple_

from app.read.record_id import long_id
from app.read.views import deals
from models.session import ReadSession

#: columns that tell what a deal is worth, by the view they stand in
_COMMERCIAL: Mapping[str, frozenset[str]] = {
    "deal": frozenset({"amount", "arr"}),
    "handoff": frozenset({"amount"}),
    "customer": frozenset({"amount_by_currency"}),
    "item": frozenset({"list_price", "unit_price", "discount", "total"}),
    "stage_change": frozenset({"amount"}),
    "term": frozenset({"atr", "renewed_arr"}),
    "book": frozenset({"arr", "due_atr"}),
    "renewals": frozenset({"atr", "pending_atr", "renewed_arr", "capped_arr"}),
    "cohort": frozenset({"start_arr", "arr"}),
    "retention": frozenset(
        {
            "start_arr",
            "churned_arr",
            "contraction_arr",
            "expansion_arr",
            "kept_arr",
            "new_arr",
            "end_arr",
        }
    ),
}
#: columns that tell of persons at the customer
_PERSONAL: Mapping[str, frozenset[str]] = {
    "stakeholder": frozenset({"name", "title", "email", "phone"}),
    "timeline": frozenset({"who", "body"}),
    "survey": frozenset({"contact_id", "comment"}),
}

#: what hangs on a deal: where it stands in the answer
_PARTS = {"item": "items", "stakeholder": "stakeholders", "stage_change": "stage_changes", "timeline": "timeline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The deals of one CSM: who that is in each org, by user id and, where the field holds text, by name."""

    users: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Whose deals are seen (None: all), and whether amounts and persons in them are."""

    book: Book | None = None
    commercial: bool = True
    contacts: bool = True

    def hidden(self, view: str) -> frozenset[str]:
        """The columns of a view that this caller may not see."""
        hidden: frozenset[str] = frozenset()
        if not self.commercial:
            hidden |= _COMMERCIAL.get(view, frozenset())
        if not self.contacts:
            hidden |= _PERSONAL.get(view, frozenset())
        return hidden

    def hidden_of_deal(self) -> list[str]:
        """The same of a deal with what hangs on it, the latter as `items.total`."""
        parts = {
            "item": "items",
            "stakeholder": "stakeholders",
            "stage_change": "stage_changes",
            "timeline": "timeline",
        }
        within = [f"{part}.{name}" for view, part in parts.items() for name in sorted(self.hidden(view))]
        return [*sorted(self.hidden("deal")), *within]

    def cover(self, view: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows with null in what is hidden: a column never goes missing."""
        hidden = self.hidden(view)
        return [{**row, **dict.fromkeys(hidden & row.keys())} for row in rows] if hidden else list(rows)

    def of_deals(self, deal: FromClause) -> list[ColumnElement[bool]]:
        """The condition on deals."""
        if self.book is None:
            return []
        column = deal.c
        return [
            or_(
                tuple_(column.org_id, column.csm_id).in_(self.book.users),
                and_(column.csm_id.is_(None), tuple_(column.org_id, func.lower(column.csm_name)).in_(self.book.names)),
            )
        ]

    def of_customers(self, customer: FromClause) -> list[ColumnElement[bool]]:
        """The condition on customers: those with a deal in the book."""
        if self.book is None:
            return []
        deal = deals()
        owners = select(deal.c.org_id, deal.c.customer_id).where(*self.of_deals(deal))
        return [tuple_(customer.c.org_id, customer.c.customer_id).in_(owners)]


EVERYTHING = Sight()


def book_of(session: ReadSession, csm: str) -> Book:
    """Find a CSM by Salesforce user id, user name or e-mail address; whom no org knows has an empty book."""
    rows = session.execute(_USERS, {"id": long_id(csm) or "", "called": csm.strip().lower()}).all()
    names = {(row.org_id, name.lower()) for row in rows for name in (row.name, row.email) if name}
    return Book(users=tuple(sorted((row.org_id, row.id) for row in rows)), names=tuple(sorted(names)))


_USERS = text("""
    SELECT org_id, id, name, email FROM salesforce."user"
     WHERE tombstone IS NULL AND (id = :id OR lower(username) = :called OR lower(email) = :called)
""")
