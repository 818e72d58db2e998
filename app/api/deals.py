"""Deals: the list, one deal, and its handoff brief."""

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import CACHING, answer, entity_tag, is_known, stamp, unchanged
from app.api.of_org import OfOrg, only_one
from app.api.parameters import ListQuery, known_parameters, next_cursor, parse_fields, parse_order, resumed
from app.api.schemas import Fresh, Money, Total, example, nothing_counted
from app.auth import MayReadBriefs
from app.problems import Problem, declared
from app.read.briefs import brief_document, plain_brief
from app.read.deals import (
    FIELDS,
    SORTS,
    DealFilter,
    Drafts,
    deal_details,
    deal_rows,
    deal_totals,
    list_deals,
    why_absent,
)
from app.read.encode import to_json
from app.read.listing import only_fields
from app.read.markdown import brief_markdown
from app.read.record_id import long_id
from app.read.status import freshness
from models.session import ReadSession

router = APIRouter(prefix="/api/v1", tags=["deals"], dependencies=[Depends(known_parameters)])

DealId = Annotated[
    str, Path(description="the opportunity's Salesforce id, 15 or 18 characters", examples=["006000000000001AAA"])
]


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
    type: list[str] = Field([], description="e.g. `New Business`")
    q: str | None = Field(None, description="words in the name of the deal, its customer or owner; or its id")
    completeness_lt: int | None = Field(None, ge=0, le=101, description="briefs less complete than this, in percent")
    min_amount: Decimal | None = Field(None, max_digits=24, description="worth at least this")
    updated_since: AwareDatetime | None = Field(None, description="changed in Salesforce at or after this instant")
    org: list[str] = Field([], description="id of the org, 18 characters")

    def filter(self) -> DealFilter:
        """The filters without what concerns delivery."""
        return DealFilter(**{each.name: getattr(self, each.name) for each in dataclasses.fields(DealFilter)})


class DealRow(BaseModel):
    """A deal in a list."""

    model_config = example({
        "org_id": "00D000000000001AAA", "deal_id": "006000000000001AAA", "name": "Acme - Rotas",
        "customer_id": "001000000000001AAA", "customer_name": "Acme", "amount": 20000.00, "currency": "USD",
        "close_on": "2026-07-01", "won_at": "2026-07-01T14:03:12Z", "owner_id": "005000000000001AAA",
        "owner_name": "Sam Seller", "type": "New Business", "stage": "Closed Won", "lead_source": "Web",
        "contract_id": "800000000000001AAA", "due_on": "2027-06-30", "synced_at": "2026-07-01T14:03:17Z",
        "modified_at": "2026-07-01T14:03:12Z", "brief_version": 3, "completeness": 82, "handoff_state": "waiting",
        "is_draft": False, "won_on": "2026-07-01",
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
    won_on: date | None = Field(description="day of `won_at` (UTC), else `close_on`; null for a draft")


class DealList(Fresh):
    """A page of deals."""

    data: list[DealRow]
    next_cursor: str | None
    total: Total = Field(default_factory=nothing_counted, description="only with include_total=true")


class Deal(DealRow, Fresh):
    """A deal with what hangs on it."""

    items: list[dict[str, Any]] = Field(description="what was sold: the columns of cs_v1.deal_item")
    stakeholders: list[dict[str, Any]] = Field(description="who bought: the columns of cs_v1.stakeholder")
    stage_changes: list[dict[str, Any]] = Field(description="its stage history: the columns of cs_v1.stage_change")
    timeline: list[dict[str, Any]] = Field(description="tasks, events, notes, quotes: cs_v1.timeline_entry")


class Brief(Fresh):
    """The handoff brief: every value with its source and state."""

    model_config = example({
        "deal_id": "006000000000001AAA", "customer": {"id": "001000000000001AAA", "name": "Acme"},
        "won_at": "2026-07-01T14:03:12Z", "synced_at": "2026-07-01T14:03:17Z", "version": 3, "is_draft": False,
        "completeness": {"score": 80, "missing": [{
            "key": "success_criteria", "label": "Success criteria", "section": "what_success_means", "weight": 20,
            "owner": "AE", "state": "empty",
            "salesforce_url": "https://acme.my.salesforce.com/lightning/r/Opportunity/006000000000001AAA/view",
        }]},
        "sections": [{"key": "who_bought", "title": "Who bought", "items": [{
            "key": "champion", "label": "Champion",
            "value": {"name": "Ana Ruiz", "title": "VP Ops", "contact_id": "003000000000001AAA"}, "state": "ok",
            "source": {"object": "OpportunityContactRole", "field": "Role", "record_id": "00K000000000001AAA",
                       "modified_at": "2026-06-30T09:00:00Z"},
        }]}],
        "risks": [{"rule": "single_threaded", "severity": "high",
                   "detail": "Only one person at the customer is named.", "evidence": ["00K000000000001AAA"]}],
        "renewal": {"due_on": "2027-06-30", "notice_by": "2027-03-31", "atr": 20000.00, "currency": "USD",
                    "provenance": "contract", "confidence": "high"},
        "as_of": "2026-07-01T14:04:00Z", "lag_seconds": 4,
    })  # fmt: skip

    deal_id: str
    customer: dict[str, Any] | None
    won_at: datetime | None
    synced_at: datetime | None
    version: int
    is_draft: bool = Field(description="whether the deal is not won yet, but expected to close soon")
    completeness: dict[str, Any]
    sections: list[dict[str, Any]]
    risks: list[dict[str, Any]]
    renewal: dict[str, Any] | None


class BriefFormat(StrEnum):
    """How a brief is written."""

    JSON = "json"
    MD = "md"


@router.get(
    "/deals", operation_id="list_deals", summary="Won deals", response_model=DealList,
    responses=declared(400, 401, 403, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def deals_listed(request: Request, session: MayReadBriefs, query: Annotated[DealQuery, Query()]) -> Response:
    """Won deals, the newest first unless `sort` says otherwise."""
    query, after = resumed(session, query, kind="deals")
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    wanted = query.filter()
    page = list_deals(session, wanted, order=order, after=after, limit=query.limit)
    body: dict[str, Any] = {
        "data": only_fields(page.rows, fields),
        "next_cursor": next_cursor(session, page, query, kind="deals"),
    }
    if query.include_total:
        body["total"] = deal_totals(session, wanted)
    return answer(request, session, body)


@router.get(
    "/deals/{deal_id}", operation_id="get_deal", summary="One deal", response_model=Deal,
    responses=declared(400, 401, 403, 404, 409, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def deal_shown(request: Request, session: MayReadBriefs, deal_id: DealId, org: OfOrg = None) -> Response:
    """A deal with its products, people, stages and timeline."""
    deal = _deal(session, deal_id, org)
    return answer(request, session, {**deal, **deal_details(session, deal)})


@router.get(
    "/deals/{deal_id}/brief", operation_id="get_brief", summary="The handoff brief of a deal", response_model=Brief,
    responses=declared(400, 401, 403, 404, 409, 503)
    | {"4XX": declared(400)[400], 200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
)  # fmt: skip
def brief_shown(
    request: Request,
    session: MayReadBriefs,
    deal_id: DealId,
    org: OfOrg = None,
    format: Annotated[BriefFormat | None, Query(description="else by the Accept header")] = None,  # noqa: A002 - the parameter's public name
) -> Response:
    """What CS must know about the deal: gaps, risks, and every value with its source, as JSON or Markdown."""
    deal = _deal(session, deal_id, org)
    document = brief_document(session, deal)
    if document is None:
        raise Problem(404, "brief_not_ready", "The brief of this deal has not been made yet. Try again in a minute.")
    if not _wants_markdown(request, format):
        return answer(request, session, document)
    tag = entity_tag(b"md" + to_json(document))
    if is_known(request, tag):
        return unchanged(tag)
    text = brief_markdown(plain_brief({**document, **stamp(freshness(session))}))
    # The text holds what others wrote: a browser must not take it for a page.
    headers = {"ETag": tag, "X-Content-Type-Options": "nosniff", **CACHING}
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


def _deal(session: ReadSession, asked: str, org: str | None) -> dict[str, Any]:
    deal_id = long_id(asked)
    if deal_id is None:
        detail = "This is no Salesforce id: it has 15 or 18 letters and digits. Copy it from the record's address."
        raise Problem(404, "not_an_id", detail)
    found = deal_rows(session, deal_id, org=org)
    if not found:
        hint = why_absent(session, deal_id, org=org) or (
            "Only won opportunities are deals; a new one appears within a minute. See /api/v1/sync/status."
        )
        raise Problem(404, "deal_not_found", f"There is no deal {deal_id}. {hint}")
    return only_one(found)


def _wants_markdown(request: Request, chosen: BriefFormat | None) -> bool:
    if chosen is not None:
        return chosen is BriefFormat.MD
    accept = request.headers.get("accept", "")
    return "text/markdown" in accept and "application/json" not in accept
