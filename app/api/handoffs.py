"""Handoffs: which deals wait for CS, how far each is, and what CS says about it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.answer import CACHING, answer, entity_tag, stamp
from app.api.asked import AskedDeal
from app.api.parameters import (
    ListQuery,
    known_parameters,
    next_cursor,
    parse_fields,
    parse_order,
    refuse_hidden,
    resumed,
)
from app.api.schemas import Covered, Fresh, Money, example
from app.auth import Asking, MayReadBriefs, MayWriteNotes, Seeing
from app.problems import ASKED, Problem, declared
from app.read.encode import to_json
from app.read.handoffs import FIELDS, SORTS, HandoffFilter, handoff_of, list_handoffs
from app.read.listing import Slice, only_fields
from app.read.sight import Sight
from app.read.status import freshness
from app.write import handoffs
from app.write.once import OnlyOnce
from models.handoff import hold_handoff
from models.session import Store, WriteSession

router = APIRouter(prefix="/api/v1", tags=["handoffs"], dependencies=[Depends(known_parameters)])


class HandoffState(StrEnum):
    """How far a handoff is."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    KICKED_OFF = "kicked_off"
    FIRST_VALUE = "first_value"


class HandoffQuery(ListQuery):
    """Filters of the list of handoffs; a repeated parameter means any of its values."""

    state: list[HandoffState] = Field([], description="how far they are")
    csm: list[str] = Field([], description="id or name of the customer success manager")
    owner: list[str] = Field([], description="id or name of the seller")
    customer: list[str] = Field([], description="id or name of the customer")
    won_from: date | None = Field(None, description="won on this day (UTC) or later")
    won_to: date | None = Field(None, description="won before the end of this day (UTC)")
    unassigned: bool | None = Field(None, description="whether no customer success manager is named")
    org: list[str] = Field([], description="id of the org, 18 characters")


class HandoffRow(BaseModel):
    """The handoff of a deal, with how long each step took."""

    model_config = example({
        "org_id": "00D000000000001AAA", "deal_id": "006000000000001AAA", "name": "Acme - Rotas",
        "customer_id": "001000000000001AAA", "customer_name": "Acme", "owner_id": "005000000000001AAA",
        "owner_name": "Sam Seller", "csm_id": "005000000000002AAA", "csm_name": "Cleo Success", "amount": 20000.00,
        "currency": "USD", "completeness": 82, "state": "first_value", "won_at": "2026-07-01T14:03:12Z",
        "readable_at": "2026-07-01T14:03:17Z", "acknowledged_at": "2026-07-02T09:15:00Z", "acknowledged_by": "Cleo",
        "acknowledged_version": 3, "brief_version": 3, "kickoff_on": "2026-07-08", "first_value_on": "2026-07-29",
        "sentiment": 4, "seconds_to_brief": 5, "seconds_to_acknowledge": 69103, "days_to_kickoff": 7,
        "days_to_first_value": 28, "updated_at": "2026-07-29T10:00:00Z", "updated_by": "Cleo", "segment": "Enterprise",
        "won_on": "2026-07-01", "was_found": False,
    })  # fmt: skip

    org_id: str
    deal_id: str
    name: str | None
    customer_id: str | None
    customer_name: str | None
    owner_id: str | None
    owner_name: str | None
    csm_id: str | None
    csm_name: str | None
    amount: Money | None
    currency: str | None
    completeness: int | None
    state: HandoffState
    won_at: datetime | None
    readable_at: datetime | None = Field(description="when the deal could be read here first")
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_version: int | None = Field(description="of the brief")
    brief_version: int | None = Field(description="of the brief now; a higher one says something new")
    kickoff_on: date | None
    first_value_on: date | None
    sentiment: int | None = Field(description="1 to 5, as CS feels it")
    seconds_to_brief: int | None = Field(description="from won to readable; null where `was_found`")
    seconds_to_acknowledge: int | None = Field(description="from readable to acknowledged")
    days_to_kickoff: int | None = Field(description="from the day it was won (UTC)")
    days_to_first_value: int | None = Field(description="from the day it was won (UTC)")
    updated_at: datetime | None
    updated_by: str | None
    segment: str | None = Field(description="of the customer, as the brief says")
    won_on: date | None = Field(description="day of `won_at` (UTC), else the close date")
    was_found: bool = Field(description="whether it had been won before the org, or such deals, were followed")


class HandoffList(Fresh, Covered):
    """A page of handoffs."""

    data: list[HandoffRow]
    next_cursor: str | None


class Handoff(HandoffRow, Fresh, Covered):
    """One handoff."""


class Acknowledgement(BaseModel):
    """Which brief was read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3}]})

    version: int | None = Field(
        None, ge=1, le=2**31 - 1, description="of the brief that was read; the newest unless given"
    )


class Milestones(BaseModel):
    """What CS knows of a handoff; what is left out stays, null takes it back."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"kickoff_on": "2026-07-08", "sentiment": 4}]}
    )

    kickoff_on: date | None = Field(None, description="the day of the first meeting")
    first_value_on: date | None = Field(None, description="the day of the customer's first success")
    sentiment: int | None = Field(None, ge=1, le=5, description="how CS feels about it, 5 is best")


@router.get(
    "/handoffs", operation_id="list_handoffs", summary="Handoffs", response_model=HandoffList,
    responses=ASKED,
)  # fmt: skip
def handoffs_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[HandoffQuery, Query()]
) -> Response:
    """Handoffs of won deals, the newest first unless `sort` says otherwise."""
    query, after = resumed(session, query, kind="handoffs")
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    hidden = sight.hidden("handoff")
    refuse_hidden(hidden, order)
    page = list_handoffs(
        session, query.chosen(HandoffFilter), Slice(order=order, after=after, limit=query.limit), sight=sight
    )
    body = {
        "data": only_fields(page.rows, fields),
        "next_cursor": next_cursor(session, page, query, kind="handoffs"),
    }
    return answer(request, session, body, hidden=hidden)


@router.get(
    "/deals/{deal_id}/cs", operation_id="get_handoff", summary="The handoff of a deal", response_model=Handoff,
    responses=declared(400, 401, 403, 404, 409, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def handoff_shown(request: Request, session: MayReadBriefs, sight: Seeing, deal: AskedDeal) -> Response:
    """How far CS is with a deal. The `ETag` is what `If-Match` of a change takes."""
    found = _only(handoff_of(session, deal, sight=sight))
    return answer(request, session, found, hidden=sight.hidden("handoff"), tag=_tag(found))


@router.post(
    "/deals/{deal_id}/brief/ack", operation_id="acknowledge_brief", summary="Acknowledge the brief of a deal",
    response_model=Handoff, responses=declared(400, 401, 403, 404, 409, 422, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def brief_acknowledged(
    _: MayWriteNotes, caller: Asking, sight: Seeing, deal: AskedDeal, said: Acknowledgement, once: OnlyOnce,
) -> Response:  # fmt: skip
    """Say that CS has read the brief; the first one to say so counts, and a second time changes nothing."""
    newest = deal["brief_version"]
    if said.version is not None and (newest is None or said.version > newest):
        detail = f"The newest version of this brief is {newest}. Acknowledge what was read."
        raise Problem(400, "no_such_version", detail, errors=[{"pointer": "/body/version", "detail": "not there"}])
    version = newest if said.version is None else said.version

    def act(session: WriteSession) -> tuple[int, dict[str, Any]]:
        _only(handoff_of(session, deal, sight=sight))
        handoffs.acknowledge(session, deal, by=caller.name, version=version)
        return 200, _document(session, _only(handoff_of(session, deal, sight=sight)), sight)

    return once.do(said, act)


@router.patch(
    "/deals/{deal_id}/cs", operation_id="change_handoff", summary="Change the handoff of a deal",
    response_model=Handoff, responses=declared(400, 401, 403, 404, 409, 412, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def handoff_changed(
    request: Request, _: MayWriteNotes, caller: Asking, sight: Seeing, deal: AskedDeal, changes: Milestones,
    if_match: Annotated[str | None, Header(description="`ETag` of what was read; another one is refused")] = None,
) -> Response:  # fmt: skip
    """Say when the kickoff and the first success are, and how it feels; the sync never changes any of it."""
    store: Store = request.app.state.store
    with store.writing() as session:
        _only(handoff_of(session, deal, sight=sight))  # a draft gets none
        state = hold_handoff(session, deal["org_id"], deal["deal_id"])
        before = _only(handoff_of(session, deal, sight=sight))
        if if_match is not None and if_match.strip() != "*" and _tag(before) not in _tags(if_match):
            detail = "Somebody has changed it meanwhile. Read it again, then decide whether your change still holds."
            raise Problem(412, "changed_meanwhile", detail)
        handoffs.set_milestones(session, deal, changes.model_dump(exclude_unset=True), before=state, by=caller.name)
        after = _only(handoff_of(session, deal, sight=sight))
        document = _document(session, after, sight)
    return Response(to_json(document), media_type="application/json", headers={"ETag": _tag(after), **CACHING})


def _document(session: WriteSession, found: dict[str, Any], sight: Sight) -> dict[str, Any]:
    """A handoff as the transaction leaves it, as an answer."""
    return {**found, "no_permission": sorted(sight.hidden("handoff")), **stamp(freshness(session))}


def _only(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        detail = "This deal is a draft: a handoff begins when it is won."
        raise Problem(404, "handoff_not_found", detail)
    return found


def _tag(handoff: dict[str, Any]) -> str:
    """A strong tag: who changes something must have seen exactly this."""
    return entity_tag(to_json(handoff)).removeprefix("W/")


def _tags(header: str) -> set[str]:
    return {each.strip() for each in header.split(",")}
