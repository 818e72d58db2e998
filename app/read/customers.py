"""Which customers are there, and their deals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, Numeric, Text, cast, func, literal, or_, select, true

from app.read.encode import plain_row, plain_value
from app.read.listing import Order, Page, Position, amounts, one_of, read_page
from app.read.record_id import long_id
from app.read.views import customers, deals
from models.session import ReadSession

SORTS = (
    "name", "industry", "country", "employees", "owner_name", "deals", "first_won_on", "last_won_on", "modified_at",
)  # fmt: skip
FIELDS = tuple(column.name for column in customers().c)
BY_NAME = (Order(column="name"),)
_TIE_BREAK = (Order(column="customer_id"), Order(column="org_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers are asked for; what is None or empty restricts nothing."""

    q: str | None = None
    industry: Sequence[str] = ()
    country: Sequence[str] = ()
    owner: Sequence[str] = ()
    updated_since: datetime | None = None
    org: Sequence[str] = ()

    def conditions(self, customer: FromClause) -> list[ColumnElement[bool]]:
        """The filter as SQL."""
        column = customer.c
        wanted: list[ColumnElement[bool] | None] = [
            _found(self.q, column) if self.q else None,
            one_of([column.industry], self.industry) if self.industry else None,
            one_of([column.country], self.country) if self.country else None,
            one_of([column.owner_id, column.owner_name], self.owner) if self.owner else None,
            None if self.updated_since is None else column.modified_at >= self.updated_since,
            one_of([column.org_id], self.org) if self.org else None,
        ]
        return [condition for condition in wanted if condition is not None]


def list_customers(
    session: ReadSession, wanted: CustomerFilter, *, order: Sequence[Order], after: Position | None, limit: int
) -> Page:
    """Read one page of customers."""
    customer = customers_exact()
    by = complete_order(order)
    page = read_page(session, customer, where=wanted.conditions(customer), order=by, after=after, limit=limit)
    return Page(rows=[_exact(row) for row in page.rows], next_position=page.next_position)


def complete_order(order: Sequence[Order]) -> list[Order]:
    """The order with the columns that decide between customers that tie in it."""
    return [*(order or BY_NAME), *_TIE_BREAK]


def customer_totals(session: ReadSession, wanted: CustomerFilter) -> dict[str, Any]:
    """How many customers match, and what their deals are worth, by currency."""
    customer = customers()
    where = wanted.conditions(customer)
    count = session.execute(select(func.count()).select_from(customer).where(*where)).scalar_one()
    each = func.jsonb_each_text(customer.c.amount_by_currency).table_valued("key", "value").lateral()
    sums = (
        select(each.c.key, func.sum(cast(each.c.value, Numeric)))
        .select_from(customer.join(each, true()))
        .where(*where)
        .group_by(each.c.key)
        .order_by(each.c.key)
    )
    return {"count": count, "amount_by_currency": amounts(session.execute(sums).all())}


def customer_rows(session: ReadSession, customer_id: str, *, org: str | None = None) -> list[dict[str, Any]]:
    """Return the customers of that 18-character id: one at most, unless several orgs have it and none is named."""
    customer = customers_exact()
    statement = select(customer).where(customer.c.customer_id == customer_id).order_by(customer.c.org_id)
    if org is not None:
        statement = statement.where(customer.c.org_id == org)
    return [_exact(plain_row(row)) for row in session.execute(statement).mappings()]


def deals_of(session: ReadSession, customer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the deals of a customer, the newest first."""
    deal = deals()
    statement = (
        select(deal)
        .where(deal.c.org_id == customer["org_id"], deal.c.customer_id == customer["customer_id"], ~deal.c.is_draft)
        .order_by(deal.c.won_on.desc().nulls_last(), deal.c.deal_id)
    )
    return [plain_row(row) for row in session.execute(statement).mappings()]


def customers_exact() -> FromClause:
    """The customers with their amounts as text: JSON read by Python would make floats of them."""
    customer = customers()
    columns = [
        cast(column, Text).label(column.name) if column.name == "amount_by_currency" else column
        for column in customer.c
    ]
    return select(*columns).subquery("customer")


def _exact(row: dict[str, Any]) -> dict[str, Any]:
    by_currency = msgspec.json.decode(row["amount_by_currency"], type=dict[str, Decimal])
    return {**row, "amount_by_currency": {currency: plain_value(amount) for currency, amount in by_currency.items()}}


def _found(words: str, column: Any) -> ColumnElement[bool]:
    named = [name.icontains(words, autoescape=True) for name in (column.name, column.parent_name, column.website)]
    return or_(*named, column.customer_id == literal(long_id(words) or ""))
