"""How far the passing of each deal to CS is, and how long each step took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from app.read.encode import plain_row
from app.read.listing import Order, Page, Slice, any_of, between, read_page
from app.read.sight import Sight
from app.read.views import HANDOFF
from models.session import ReadSession

FIELDS = tuple(column.name for column in HANDOFF.c)
SORTS = (
    "won_at", "readable_at", "acknowledged_at", "kickoff_on", "first_value_on", "name", "customer_name", "csm_name",
    "completeness", "amount", "state", "seconds_to_acknowledge", "updated_at",
)  # fmt: skip
_NEWEST_FIRST = (Order(column="readable_at", descending=True),)
_TIE_BREAK = (Order(column="deal_id"), Order(column="org_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffFilter:
    """Which handoffs are asked for; what is None or empty restricts nothing."""

    state: Sequence[str] = ()
    csm: Sequence[str] = ()
    owner: Sequence[str] = ()
    customer: Sequence[str] = ()
    won_from: date | None = None
    won_to: date | None = None
    unassigned: bool | None = None
    org: Sequence[str] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        column = HANDOFF.c
        assigned = [] if self.unassigned is None else [column.csm_name.is_(None) == self.unassigned]
        return [
            *any_of(self.state, column.state),
            *any_of(self.csm, column.csm_id, column.csm_name),
            *any_of(self.owner, column.owner_id, column.owner_name),
            *any_of(self.customer, column.customer_id, column.customer_name),
            *between(column.won_at, self.won_from, None),
            *([] if self.won_to is None else [column.won_at < self.won_to + timedelta(days=1)]),
            *assigned,
            *any_of(self.org, column.org_id),
        ]


def list_handoffs(session: ReadSession, wanted: HandoffFilter, part: Slice, *, sight: Sight) -> Page:
    """Read one page of handoffs, the newest first."""
    where = [*wanted.conditions(), *sight.of_deals(HANDOFF)]
    order = [*(part.order or _NEWEST_FIRST), *_TIE_BREAK]
    page = read_page(session, HANDOFF, where=where, order=order, after=part.after, limit=part.limit)
    return Page(rows=sight.cover("handoff", page.rows), next_position=page.next_position)


def handoff_of(session: ReadSession, deal: dict[str, Any], *, sight: Sight) -> dict[str, Any] | None:
    """Return the handoff of a deal; a draft has none."""
    statement = select(HANDOFF).where(HANDOFF.c.org_id == deal["org_id"], HANDOFF.c.deal_id == deal["deal_id"])
    row = session.execute(statement).mappings().one_or_none()
    return None if row is None else sight.cover("handoff", [plain_row(row)])[0]
