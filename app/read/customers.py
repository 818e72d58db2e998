"""Which customers are there, and their deals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, Numeric, Text, cast, func, literal, or_, select, true, tuple_

from app.read.calendar import known_day, orgs_asked
from app.read.encode import plain_row, plain_value
from app.read.health import CustomerHealth, customer_health
from app.read.listing import Order, Page, Position, amounts, any_of, between, one_of, read_page
from app.read.record_id import long_id
from app.read.sight import Sight
from app.read.views import RENEWAL_OUTCOME, customers, deals
from models.health import HealthBand
from models.session import ReadSession

SORTS = (
    "name", "industry", "country", "employees", "owner_name", "deals", "first_won_on", "last_won_on", "modified_at",
)  # fmt: skip
#: what is worked out of deals, touches, surveys and what other tools measure, for the customers that are shown
OF_HEALTH = ("segment", "health_score", "health_coverage", "health", "csm_sentiment")
FIELDS = (*(column.name for column in customers().c), *OF_HEALTH)
BY_NAME = (Order(column="name"),)
_TIE_BREAK = (Order(column="customer_id"), Order(column="org_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFilter:
    """Which customers are asked for; what is None or empty restricts nothing."""

    q: str | None = None
    industry: Sequence[str] = ()
    country: Sequence[str] = ()
    owner: Sequence[str] = ()
    csm: Sequence[str] = ()
    segment: Sequence[str] = ()
    health: Sequence[HealthBand] = ()
    has_open_renewal: bool | None = None
    renewal_from: date | None = None
    renewal_to: date | None = None
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
            self._of_deals(column),
            self._of_renewals(column),
            None if self.updated_since is None else column.modified_at >= self.updated_since,
            one_of([column.org_id], self.org) if self.org else None,
        ]
        return [condition for condition in wanted if condition is not None]

    def _of_deals(self, customer: Any) -> ColumnElement[bool] | None:
        """Customers with a deal of that CSM or segment, or one that is due in that time."""
        deal = deals()
        wanted = [
            *any_of(self.csm, deal.c.csm_id, deal.c.csm_name),
            *any_of(self.segment, deal.c.segment),
            *between(deal.c.due_on, self.renewal_from, self.renewal_to),
        ]
        if not wanted:
            return None
        theirs = select(deal.c.org_id, deal.c.customer_id).where(~deal.c.is_draft, *wanted)
        return tuple_(customer.org_id, customer.customer_id).in_(theirs)

    def _of_renewals(self, customer: Any) -> ColumnElement[bool] | None:
        """Customers with a term that nobody has renewed yet and that is not lost, or those without."""
        if self.has_open_renewal is None:
            return None
        term = RENEWAL_OUTCOME.c
        theirs = select(term.org_id, term.customer_id).where(term.status.in_(["open", "pending"]))
        open_ = tuple_(customer.org_id, customer.customer_id).in_(theirs)
        return open_ if self.has_open_renewal else ~open_


def list_customers(
    session: ReadSession,
    wanted: CustomerFilter,
    *,
    sight: Sight,
    order: Sequence[Order],
    after: Position | None,
    limit: int,
    fields: Sequence[str] | None = None,
) -> Page:
    """Read one page of customers; their health only where its fields, or all, are wanted."""
    customer = customers_exact()
    where = _where(session, wanted, customer, sight)
    page = read_page(session, customer, where=where, order=complete_order(order), after=after, limit=limit)
    rows = sight.cover("customer", [exact_amounts(row) for row in page.rows])
    if fields is None or set(OF_HEALTH) & set(fields):
        rows = with_health(session, rows, org=wanted.org, sight=sight)
    return Page(rows=rows, next_position=page.next_position)


def with_health(
    session: ReadSession, rows: Sequence[dict[str, Any]], *, org: Sequence[str], sight: Sight
) -> list[dict[str, Any]]:
    """The customers with how healthy they are."""
    day = known_day(session, orgs_asked(session, org))
    found = customer_health(session, day, sight=sight, only=[(row["org_id"], row["customer_id"]) for row in rows])
    nothing = dict.fromkeys(OF_HEALTH) | {"health_coverage": 0, "health": HealthBand.UNKNOWN.value}
    return [{**row, **_shown(found.get((row["org_id"], row["customer_id"])), nothing)} for row in rows]


def _shown(found: CustomerHealth | None, nothing: dict[str, Any]) -> dict[str, Any]:
    return nothing if found is None else plain_row({"segment": found.newest["segment"], **found.columns()})


def _where(
    session: ReadSession, wanted: CustomerFilter, customer: FromClause, sight: Sight
) -> list[ColumnElement[bool]]:
    where = [*wanted.conditions(customer), *sight.of_customers(customer)]
    if wanted.health:
        day = known_day(session, orgs_asked(session, wanted.org))
        found = customer_health(session, day, sight=sight, org=wanted.org)
        among = [key for key, each in found.items() if each.health.band in wanted.health]
        where.append(tuple_(customer.c.org_id, customer.c.customer_id).in_(among))
    return where


def complete_order(order: Sequence[Order]) -> list[Order]:
    """The order with the columns that decide between customers that tie in it."""
    return [*(order or BY_NAME), *_TIE_BREAK]


def customer_totals(session: ReadSession, wanted: CustomerFilter, *, sight: Sight) -> dict[str, Any]:
    """How many customers match, and what their deals are worth, by currency."""
    customer = customers()
    where = _where(session, wanted, customer, sight)
    count = session.execute(select(func.count()).select_from(customer).where(*where)).scalar_one()
    if not sight.commercial:
        return {"count": count, "amount_by_currency": None}
    each = func.jsonb_each_text(customer.c.amount_by_currency).table_valued("key", "value").lateral()
    sums = (
        select(each.c.key, func.sum(cast(each.c.value, Numeric)))
        .select_from(customer.join(each, true()))
        .where(*where)
        .group_by(each.c.key)
        .order_by(each.c.key)
    )
    return {"count": count, "amount_by_currency": amounts(session.execute(sums).all())}


def customer_rows(
    session: ReadSession, customer_id: str, *, sight: Sight, org: str | None = None
) -> list[dict[str, Any]]:
    """Return the customers of that 18-character id: one at most, unless several orgs have it and none is named."""
    customer = customers_exact()
    where = [customer.c.customer_id == customer_id, *sight.of_customers(customer)]
    statement = select(customer).where(*where).order_by(customer.c.org_id)
    if org is not None:
        statement = statement.where(customer.c.org_id == org)
    rows = [exact_amounts(plain_row(row)) for row in session.execute(statement).mappings()]
    return sight.cover("customer", rows)


def deals_of(session: ReadSession, customer: dict[str, Any], *, sight: Sight) -> list[dict[str, Any]]:
    """Return the deals of a customer, the newest first."""
    deal = deals()
    statement = (
        select(deal)
        .where(deal.c.org_id == customer["org_id"], deal.c.customer_id == customer["customer_id"], ~deal.c.is_draft)
        .where(*sight.of_deals(deal))
        .order_by(deal.c.won_on.desc().nulls_last(), deal.c.deal_id)
    )
    return sight.cover("deal", [plain_row(row) for row in session.execute(statement).mappings()])


def customers_exact() -> FromClause:
    """The customers with their amounts as text: JSON read by Python would make floats of them."""
    customer = customers()
    columns = [
        cast(column, Text).label(column.name) if column.name == "amount_by_currency" else column
        for column in customer.c
    ]
    return select(*columns).subquery("customer")


def exact_amounts(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `customers_exact` with its amounts as exact numbers."""
    by_currency = msgspec.json.decode(row["amount_by_currency"], type=dict[str, Decimal])
    return {**row, "amount_by_currency": {currency: plain_value(amount) for currency, amount in by_currency.items()}}


def _found(words: str, column: Any) -> ColumnElement[bool]:
    named = [name.icontains(words, autoescape=True) for name in (column.name, column.parent_name, column.website)]
    return or_(*named, column.customer_id == literal(long_id(words) or ""))
