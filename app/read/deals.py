"""Which deals are there, and what hangs on one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, exists, func, literal, or_, select, text

from app.read.encode import plain_row
from app.read.listing import Order, Page, Position, amounts, one_of, read_page
from app.read.record_id import long_id
from app.read.sight import EVERYTHING, Sight
from app.read.views import DEAL_ITEM, STAGE_CHANGE, STAKEHOLDER, TIMELINE_ENTRY, deals
from models.session import ReadSession

SORTS = (
    "name", "customer_name", "amount", "close_on", "won_on", "won_at", "due_on", "owner_name", "type", "stage",
    "completeness", "synced_at", "modified_at", "csm_name", "arr",
)  # fmt: skip
FIELDS = tuple(column.name for column in deals().c)
NEWEST_FIRST = (Order(column="won_on", descending=True), Order(column="won_at", descending=True))
_TIE_BREAK = (Order(column="deal_id"), Order(column="org_id"))


class Drafts(StrEnum):
    """Whether drafts stand in a list: deals that are not won yet, but expected to close soon."""

    WITHOUT = "without"
    WITH = "with"
    ONLY = "only"


@dataclass(frozen=True, slots=True, kw_only=True)
class DealFilter:
    """Which deals are asked for; what is None or empty restricts nothing."""

    drafts: Drafts = Drafts.WITHOUT
    won_from: date | None = None
    won_to: date | None = None
    customer: Sequence[str] = ()
    owner: Sequence[str] = ()
    csm: Sequence[str] = ()
    product: Sequence[str] = ()
    type: Sequence[str] = ()
    q: str | None = None
    completeness_lt: int | None = None
    min_amount: Decimal | None = None
    min_arr: Decimal | None = None
    acknowledged: bool | None = None
    updated_since: datetime | None = None
    org: Sequence[str] = ()

    def conditions(self, deal: FromClause) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        column = deal.c
        wanted: list[ColumnElement[bool] | None] = [
            None if self.drafts is Drafts.WITH else column.is_draft == (self.drafts is Drafts.ONLY),
            None if self.won_from is None else column.won_on >= self.won_from,
            None if self.won_to is None else column.won_on <= self.won_to,
            _named(self.customer, column.customer_id, column.customer_name),
            _named(self.owner, column.owner_id, column.owner_name),
            _named(self.csm, column.csm_id, column.csm_name),
            _sold(self.product, column) if self.product else None,
            one_of([column.type], self.type) if self.type else None,
            _found(self.q, column) if self.q else None,
            None if self.completeness_lt is None else column.completeness < self.completeness_lt,
            None if self.min_amount is None else column.amount >= self.min_amount,
            None if self.min_arr is None else column.arr >= self.min_arr,
            None
            if self.acknowledged is None
            else (func.coalesce(column.handoff_state, "waiting") != "waiting") == self.acknowledged,
            None if self.updated_since is None else column.modified_at >= self.updated_since,
            one_of([column.org_id], self.org) if self.org else None,
        ]
        return [condition for condition in wanted if condition is not None]


def list_deals(
    session: ReadSession,
    wanted: DealFilter,
    *,
    sight: Sight,
    order: Sequence[Order],
    after: Position | None,
    limit: int,
) -> Page:
    """Read one page of deals."""
    deal = deals()
    where = [*wanted.conditions(deal), *sight.of_deals(deal)]
    page = read_page(session, deal, where=where, order=complete_order(order), after=after, limit=limit)
    return Page(rows=sight.cover("deal", page.rows), next_position=page.next_position)


def complete_order(order: Sequence[Order]) -> list[Order]:
    """The order with the columns that decide between deals that tie in it."""
    return [*(order or NEWEST_FIRST), *_TIE_BREAK]


def deal_totals(session: ReadSession, wanted: DealFilter, *, sight: Sight) -> dict[str, Any]:
    """How many deals match, and what they are worth, by currency."""
    deal = deals()
    statement = (
        select(deal.c.currency, func.sum(deal.c.amount), func.count())
        .where(*wanted.conditions(deal), *sight.of_deals(deal))
        .group_by(deal.c.currency)
        .order_by(deal.c.currency)
    )
    rows = session.execute(statement).all()
    sums = amounts(rows) if sight.commercial else None
    return {"count": sum(row[2] for row in rows), "amount_by_currency": sums}


def deal_rows(
    session: ReadSession, deal_id: str, *, sight: Sight = EVERYTHING, org: str | None = None
) -> list[dict[str, Any]]:
    """Return the deals of that 18-character id: one at most, unless several orgs have it and none is named."""
    deal = deals()
    statement = select(deal).where(deal.c.deal_id == deal_id, *sight.of_deals(deal)).order_by(deal.c.org_id)
    if org is not None:
        statement = statement.where(deal.c.org_id == org)
    return [plain_row(row) for row in session.execute(statement).mappings()]


def deal_details(session: ReadSession, deal: dict[str, Any], *, sight: Sight) -> dict[str, Any]:
    """What hangs on a deal: products, people, stages, and what was said and done."""
    return {
        "items": sight.cover("item", _children(session, DEAL_ITEM, deal, "item_id")),
        "stakeholders": sight.cover("stakeholder", _children(session, STAKEHOLDER, deal, "stakeholder_id")),
        "stage_changes": stage_changes(session, deal, sight=sight),
        "timeline": sight.cover("timeline", _children(session, TIMELINE_ENTRY, deal, "at", "entry_id")),
    }


def stage_changes(session: ReadSession, deal: dict[str, Any], *, sight: Sight) -> list[dict[str, Any]]:
    """The stages of a deal, with the amount and the close date at that time, the oldest first."""
    return sight.cover("stage_change", _children(session, STAGE_CHANGE, deal, "changed_at"))


def why_absent(session: ReadSession, deal_id: str, *, org: str | None = None) -> str | None:
    """Say why an opportunity that once was a deal is none now, or None when it never was one."""
    row = session.execute(
        text("""
            SELECT reason, left_at FROM ops.scope_member
             WHERE opportunity_id = :deal_id AND state = 'out' AND (org_id = :org OR CAST(:org AS text) IS NULL)
             ORDER BY left_at DESC LIMIT 1
        """),
        {"deal_id": deal_id, "org": org},
    ).one_or_none()
    if row is None:
        return None
    words = {
        "reopened": "it was reopened in Salesforce",
        "recycle_bin": "it was deleted in Salesforce and lies in the recycle bin",
        "deleted": "it was deleted in Salesforce",
        "not_visible": "the sync user may not see it any more",
        "scope_changed": "the scope was changed and no longer means it",
        "out_of_scope": "it was edited in Salesforce and is outside the scope now",
        "lost": "it was lost before it was won",
        "not_closing_soon": "it is no longer expected to close soon",
    }.get(row.reason, row.reason)
    return f"It left on {row.left_at:%Y-%m-%d}: {words}." if row.left_at else f"It left: {words}."


def _children(session: ReadSession, view: Table, deal: dict[str, Any], *order: str) -> list[dict[str, Any]]:
    hidden = {"org_id", "deal_id"}
    columns = [column for column in view.c if column.name not in hidden]
    statement = (
        select(*columns)
        .where(view.c.org_id == deal["org_id"], view.c.deal_id == deal["deal_id"])
        .order_by(*(view.c[name] for name in order))
    )
    return [plain_row(row) for row in session.execute(statement).mappings()]


def _named(
    values: Sequence[str], id_column: ColumnElement[Any], name_column: ColumnElement[Any]
) -> ColumnElement[bool] | None:
    """Rows whose id or name is one of the values; names without regard to case."""
    if not values:
        return None
    ids = [found for value in values if (found := long_id(value))]
    return or_(id_column.in_(ids), func.lower(name_column).in_([value.lower() for value in values]))


def _sold(products: Sequence[str], deal: Any) -> ColumnElement[bool]:
    """Deals with one of the products among what was sold."""
    item = DEAL_ITEM.c
    of_deal = select(literal(1)).where(item.org_id == deal.org_id, item.deal_id == deal.deal_id)
    named = _named(products, item.product_id, item.product)
    return exists(of_deal if named is None else of_deal.where(named))


def _found(words: str, column: Any) -> ColumnElement[bool]:
    """Deals whose name, customer or owner contains the words, or whose id they are."""
    named = [name.icontains(words, autoescape=True) for name in (column.name, column.customer_name, column.owner_name)]
    return or_(*named, column.deal_id == literal(long_id(words) or ""))
