"""What was said and done about a customer's deals, and what CS wrote down about the customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, select

from app.read.encode import plain_row
from app.read.listing import Order, Page, Slice, any_of, between, read_page
from app.read.sight import Sight
from app.read.views import NOTE, TIMELINE_ENTRY, deals
from models.session import ReadSession

ENTRY_FIELDS = ("deal_id", "entry_id", "kind", "at", "title", "body", "who", "owner", "status", "is_erased")
ENTRY_SORTS = ("at", "kind", "title", "owner")
NOTE_FIELDS = tuple(column.name for column in NOTE.c)
NOTE_SORTS = ("created_at", "kind", "author")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are asked for; what is None or empty restricts nothing."""

    kind: Sequence[str] = ()
    at_from: datetime | None = None
    at_to: datetime | None = None

    def conditions(self, entry: FromClause) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        return [*any_of(self.kind, entry.c.kind), *between(entry.c.at, self.at_from, self.at_to)]


def list_timeline(
    session: ReadSession, customer: dict[str, Any], wanted: EntryFilter, part: Slice, *, sight: Sight
) -> Page:
    """Read one page of what was said and done about the deals of a customer, the latest first."""
    columns = [TIMELINE_ENTRY.c[name] for name in ENTRY_FIELDS]
    among = TIMELINE_ENTRY.c.deal_id.in_(_deals_of(customer, sight))
    entry = select(*columns).where(TIMELINE_ENTRY.c.org_id == customer["org_id"], among).subquery("entry")
    order = [*(part.order or [Order(column="at", descending=True)]), Order(column="entry_id"), Order(column="deal_id")]
    page = read_page(session, entry, where=wanted.conditions(entry), order=order, after=part.after, limit=part.limit)
    return Page(rows=sight.cover("timeline", page.rows), next_position=page.next_position)


def list_notes(session: ReadSession, customer: dict[str, Any], part: Slice, *, kind: Sequence[str]) -> Page:
    """Read one page of what CS wrote down about a customer, the latest first."""
    column = NOTE.c
    where = [
        column.org_id == customer["org_id"],
        column.customer_id == customer["customer_id"],
        *any_of(kind, column.kind),
    ]
    order = [*(part.order or [Order(column="created_at", descending=True)]), Order(column="note_id")]
    return read_page(session, NOTE, where=where, order=order, after=part.after, limit=part.limit)


def _deals_of(customer: dict[str, Any], sight: Sight) -> Select[Any]:
    deal = deals()
    return select(deal.c.deal_id).where(
        deal.c.org_id == customer["org_id"], deal.c.customer_id == customer["customer_id"], *sight.of_deals(deal)
    )


def note_of(session: ReadSession, note_id: str) -> dict[str, Any]:
    """Return one note."""
    return plain_row(session.execute(select(NOTE).where(NOTE.c.note_id == note_id)).mappings().one())
