"""Customers: the accounts with at least one deal."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer
from app.api.asked import AskedCustomer
from app.api.contacts import ContactRow
from app.api.deals import DealRow
from app.api.parameters import (
    ListQuery,
    known_parameters,
    next_cursor,
    parse_expand,
    parse_fields,
    parse_order,
    resumed,
)
from app.api.schemas import AmountByCurrency, Covered, Fresh, Total, example, nothing_counted
from app.auth import MayReadBriefs, Seeing
from app.problems import ASKED, declared
from app.read.customers import (
    FIELDS,
    SORTS,
    CustomerFilter,
    customer_totals,
    deals_of,
    list_customers,
    with_health,
)
from app.read.expanding import expand_customers
from app.read.listing import only_fields
from models.health import HealthBand

_EXPANSIONS = ("won_deals", "contacts")
router = APIRouter(prefix="/api/v1", tags=["customers"], dependencies=[Depends(known_parameters)])


class CustomerQuery(ListQuery):
    """Filters of the list of customers; a repeated parameter means any of its values."""

    q: str | None = Field(None, description="words in the name, the parent's name or the website; or the id")
    industry: list[str] = Field([], description="exactly as in Salesforce")
    country: list[str] = Field([], description="billing country, exactly as in Salesforce")
    owner: list[str] = Field([], description="id or name of the account owner")
    csm: list[str] = Field([], description="id or name of the customer success manager of one of its deals")
    segment: list[str] = Field([], description="of one of its deals, as the brief says")
    health: list[HealthBand] = Field([], description="good (75 or more), fair (50 or more), poor, unknown")
    has_open_renewal: bool | None = Field(
        None, description="with a term that nobody has renewed yet and that is not lost"
    )
    renewal_from: date | None = Field(None, description="with a deal that is due on this day or later")
    renewal_to: date | None = Field(None, description="with a deal that is due on this day or earlier")
    expand: str | None = Field(None, description="won_deals, contacts: written out in each row", examples=["won_deals"])
    updated_since: AwareDatetime | None = Field(None, description="changed in Salesforce at or after this instant")
    org: list[str] = Field([], description="id of the org, 18 characters")


class CustomerRow(BaseModel):
    """A customer in a list."""

    model_config = example({
        "org_id": "00D000000000001AAA", "customer_id": "001000000000001AAA", "name": "Acme", "industry": "Hospitals",
        "website": "acme.example", "employees": 1200, "country": "Kenya", "parent_id": None, "parent_name": None,
        "owner_id": "005000000000001AAA", "owner_name": "Sam Seller", "deals": 2,
        "amount_by_currency": {"USD": 35000.00}, "first_won_on": "2025-03-14", "last_won_on": "2026-07-01",
        "modified_at": "2026-07-01T14:03:12Z", "segment": "Enterprise", "health_score": 74.29, "health_coverage": 70.00,
        "health": "fair", "csm_sentiment": 4,
    })  # fmt: skip

    org_id: str
    customer_id: str
    name: str | None
    industry: str | None
    website: str | None
    employees: int | None
    country: str | None
    parent_id: str | None
    parent_name: str | None
    owner_id: str | None
    owner_name: str | None
    deals: int
    amount_by_currency: AmountByCurrency | None = Field(
        description="`unknown` where the org does not tell the currency"
    )
    first_won_on: date | None
    last_won_on: date | None
    modified_at: datetime | None
    segment: str | None = Field(description="as the brief of its newest deal says")
    health_score: float | None = Field(description="0 to 100; null where less than half of the weights is known")
    health_coverage: float = Field(description="how much of the weights is known, in percent")
    health: HealthBand
    csm_sentiment: int | None = Field(description="how the CSM feels, 1 to 5; it is no part of the score")


class CustomerListRow(CustomerRow):
    """A customer in a list, with what `expand` asked for."""

    won_deals: list[DealRow] = Field(default_factory=list)
    contacts: list[ContactRow] | None = Field(default_factory=list, description="null without `contacts:read`")


class CustomerList(Fresh, Covered):
    """A page of customers."""

    data: list[CustomerListRow]
    next_cursor: str | None
    total: Total = Field(default_factory=nothing_counted, description="only with include_total=true")


class Customer(CustomerRow, Fresh, Covered):
    """A customer with its deals."""

    won_deals: list[DealRow]


@router.get(
    "/customers", operation_id="list_customers", summary="Customers", response_model=CustomerList,
    responses=ASKED,
)  # fmt: skip
def customers_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[CustomerQuery, Query()]
) -> Response:
    """Customers by name unless `sort` says otherwise."""
    query, after = resumed(session, query, kind="customers")
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    expansions = parse_expand(query.expand, allowed=_EXPANSIONS)
    wanted = query.chosen(CustomerFilter)
    page = list_customers(session, wanted, sight=sight, order=order, after=after, limit=query.limit, fields=fields)
    expand_customers(session, page.rows, expansions, sight=sight)
    body: dict[str, Any] = {
        "data": only_fields(page.rows, fields and [*fields, *expansions]),
        "next_cursor": next_cursor(session, page, query, kind="customers"),
    }
    if query.include_total:
        body["total"] = customer_totals(session, wanted, sight=sight)
    return answer(request, session, body, hidden=sight.hidden("customer"))


@router.get(
    "/customers/{customer_id}", operation_id="get_customer", summary="One customer", response_model=Customer,
    responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def customer_shown(request: Request, session: MayReadBriefs, sight: Seeing, customer: AskedCustomer) -> Response:
    """A customer with its deals, the newest first."""
    won = deals_of(session, customer, sight=sight)
    [customer] = with_health(session, [customer], org=[customer["org_id"]], sight=sight)
    hidden = sight.hidden("customer") | {f"won_deals.{name}" for name in sight.hidden("deal")}
    return answer(request, session, {**customer, "won_deals": won}, hidden=hidden)
