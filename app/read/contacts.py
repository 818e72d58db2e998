"""The customers' people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.read.encode import plain_row
from app.read.listing import Order, Page, Slice, any_of, between, read_page
from app.read.record_id import long_id
from app.read.sight import Sight
from app.read.views import CONTACT
from models.session import ReadSession

FIELDS = tuple(column.name for column in CONTACT.c)
SORTS = ("name", "customer_name", "title", "department", "last_activity_on", "modified_at")
_BY_NAME = (Order(column="name"),)
_TIE_BREAK = (Order(column="contact_id"), Order(column="org_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFilter:
    """Which contacts are asked for; what is None or empty restricts nothing."""

    q: str | None = None
    customer: Sequence[str] = ()
    updated_since: datetime | None = None
    org: Sequence[str] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        column = CONTACT.c
        texts = (column.name, column.title, column.email, column.customer_name)
        words = [or_(*(text.icontains(self.q, autoescape=True) for text in texts))] if self.q else []
        return [
            *words,
            *any_of(self.customer, column.customer_id, column.customer_name),
            *between(column.modified_at, self.updated_since, None),
            *any_of(self.org, column.org_id),
        ]


def list_contacts(session: ReadSession, wanted: ContactFilter, part: Slice, *, sight: Sight) -> Page:
    """Read one page of contacts, by name."""
    where = [*wanted.conditions(), *sight.of_customers(CONTACT)]
    order = [*(part.order or _BY_NAME), *_TIE_BREAK]
    return read_page(session, CONTACT, where=where, order=order, after=part.after, limit=part.limit)


def contact_rows(session: ReadSession, asked: str, *, sight: Sight, org: str | None) -> list[dict[str, Any]]:
    """Return the contacts of that id: one at most, unless several orgs have it and none is named."""
    where = [CONTACT.c.contact_id == (long_id(asked) or ""), *sight.of_customers(CONTACT)]
    where += [] if org is None else [CONTACT.c.org_id == org]
    rows = session.execute(select(CONTACT).where(*where).order_by(CONTACT.c.org_id)).mappings()
    return [plain_row(row) for row in rows]
