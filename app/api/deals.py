"""Deals: the list, and one deal."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer
from app.api.asked import AskedDeal
from app.api.parameters import (
    ListQuery,
    known_parameters,
    next_cursor,
    parse_expand,
    parse_fields,
    parse_order,
    refuse_hidden,
    resumed,
)
from app.api.schemas import Covered, Fresh, Money, Total, example, nothing_counted
from app.auth import MayReadBriefs, Seeing
from app.problems import ASKED, declared
from app.read.deals import FIELDS, SORTS, DealFilter, Drafts, deal_details, deal_totals, list_deals
from app.read.expanding import expand_deals
from app.read.listing import only_fields

_EXPANSIONS = ("customer", "stakeholders", "items")
router = APIRouter(prefix="/api/v1", tags=["deals"], dependencies=[Depends(known_parameters)])


class DealQuery(ListQuery):
    """Filters of the list of deals; a repeated parameter means any of its values."""

    drafts: Drafts = Field(
        Drafts.WITHOUT,
        description="`with` or `only` open deals that are expected to close soon, where the scope has such",
    )
    won_from: date | None = Field(None, description="won on this day or later")
    won_to: date | None = Field(None, description="won on this day or earlier")
    customer: list[str] = Field([], description="id or name of the customer")
    owner: list[str] = Field([], description="id or name of the seller")
    csm: list[str] = Field([], description="id or name of the customer success manager")
    product: list[str] = Field([], description="id or name of a product among what was sold")
    type: list[str] = Field([], description="e.g. `New Business`")
    q: str | None = Field(None, description="words in the name of the deal, its customer or owner; or its id")
    completeness_lt: int | None = Field(None, ge=0, le=101, description="briefs less complete than this, in percent")
    min_amount: Decimal | None = Field(None, max_digits=24, description="worth at least this")
    min_arr: Decimal | None = Field(None, max_digits=24, description="with at least this recurring revenue a year")
    acknowledged: bool | None = Field(None, description="whether CS has acknowledged the brief")
    expand: str | None = Field(
        None, description="customer, stakeholders, items: written out in each row", examples=["customer,items"]
    )
    updated_since: AwareDatetime | None = Field(None, description="changed in Salesforce at or after this instant")
    org: list[str] = Field([], description="id of the org, 18 characters")


class DealRow(BaseModel):
    """A deal in a list."""

    model_config = example({
        "org_id": "00D000000000001AAA", "deal_id": "006000000000001AAA", "name": "Acme - Rotas",
        "customer_id": "001000000000001AAA", "customer_name": "Acme", "amount": 20000.00, "currency": "USD",
        "close_on": "2026-07-01", "won_at": "2026-07-01T14:03:12Z", "owner_id": "005000000000001AAA",
        "owner_name": "Sam Seller", "type": "New Business", "stage": "Closed Won", "lead_source": "Web",
        "contract_id": "800000000000001AAA", "due_on": "2027-06-30", "synced_at": "2026-07-01T14:03:17Z",
        "modified_at": "2026-07-01T14:03:12Z", "brief_version": 3, "completeness": 82, "handoff_state": "waiting",
        "is_draft": False, "csm_id": "005000000000002AAA", "csm_name": "Cleo Success", "arr": 20000.00,
        "segment": "Enterprise", "won_on": "2026-07-01",
    })  # fmt: skip

    org_id: str
    deal_id: str
    name: str | None
    customer_id: str | None
    customer_name: str | None
    amount: Money | None
    currency: str | None = Field(description="null where the org does not tell it")
    close_on: date | None
    won_at: datetime | None = Field(description="first move to a won stage, null where the history does not tell")
    owner_id: str | None
    owner_name: str | None
    type: str | None
    stage: str | None
    lead_source: str | None
    contract_id: str | None
    due_on: date | None = Field(description="last day of the contract, i.e. the renewal date")
    synced_at: datetime | None = Field(description="when the deal became readable here")
    modified_at: datetime | None
    brief_version: int | None
    completeness: int | None = Field(description="of the brief, in percent")
    handoff_state: str | None = Field(description="waiting, acknowledged, kicked_off or first_value")
    is_draft: bool = Field(description="whether it is not won yet, but expected to close soon")
    csm_id: str | None = Field(description="the user in whose book it is, where the field names one")
    csm_name: str | None = Field(description="the customer success manager, as the brief says")
    arr: Money | None = Field(description="recurring revenue a year, where the brief knows it")
    segment: str | None = Field(description="of the customer, as the brief says")
    won_on: date | None = Field(description="day of `won_at` (UTC), else `close_on`; null for a draft")


class DealListRow(DealRow):
    """A deal in a list, with what `expand` asked for."""

    customer: dict[str, Any] | None = Field(default_factory=dict, description="as in the list of customers")
    stakeholders: list[dict[str, Any]] = Field(default_factory=list, description="as of one deal")
    items: list[dict[str, Any]] = Field(default_factory=list, description="as of one deal")


class DealList(Fresh, Covered):
    """A page of deals."""

    data: list[DealListRow]
    next_cursor: str | None
    total: Total = Field(default_factory=nothing_counted, description="only with include_total=true")


class Deal(DealRow, Fresh, Covered):
    """A deal with what hangs on it."""

    items: list[dict[str, Any]] = Field(description="what was sold: the columns of cs_v1.deal_item")
    stakeholders: list[dict[str, Any]] = Field(description="who bought: the columns of cs_v1.stakeholder")
    stage_changes: list[dict[str, Any]] = Field(description="its stage history: the columns of cs_v1.stage_change")
    timeline: list[dict[str, Any]] = Field(description="tasks, events, notes, quotes: cs_v1.timeline_entry")


@router.get(
    "/deals", operation_id="list_deals", summary="Won deals", response_model=DealList,
    responses=ASKED,
)  # fmt: skip
def deals_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[DealQuery, Query()]
) -> Response:
    """Won deals, the newest first unless `sort` says otherwise."""
    query, after = resumed(session, query, kind="deals")
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    hidden = sight.hidden("deal")
    refuse_hidden(hidden, order, min_amount=query.min_amount, min_arr=query.min_arr)
    expansions = parse_expand(query.expand, allowed=_EXPANSIONS)
    wanted = query.chosen(DealFilter)
    page = list_deals(session, wanted, sight=sight, order=order, after=after, limit=query.limit)
    expand_deals(session, page.rows, expansions, sight=sight)
    body: dict[str, Any] = {
        "data": only_fields(page.rows, fields and [*fields, *expansions]),
        "next_cursor": next_cursor(session, page, query, kind="deals"),
    }
    if query.include_total:
        body["total"] = deal_totals(session, wanted, sight=sight)
    return answer(request, session, body, hidden=hidden)


@router.get(
    "/deals/{deal_id}", operation_id="get_deal", summary="One deal", response_model=Deal,
    responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def deal_shown(request: Request, session: MayReadBriefs, sight: Seeing, deal: AskedDeal) -> Response:
    """A deal with its products, people, stages and timeline."""
    details = deal_details(session, deal, sight=sight)
    covered = sight.cover("deal", [deal])[0]
    return answer(request, session, {**covered, **details}, hidden=sight.hidden_of_deal())
