"""What has happened since, for programs that follow it; and how fresh the store is."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer, without_ages
from app.api.parameters import known_parameters
from app.api.schemas import Fresh, example
from app.auth import MayReadBriefs, Seeing
from app.paging import Cursor, seal, unseal
from app.problems import ASKED, Problem, declared
from app.read.changes import ChangeFilter, list_changes, oldest_kept
from app.read.status import freshness_by_org
from models.access import cursor_secret
from models.outbox import TYPES

router = APIRouter(prefix="/api/v1", tags=["changes"], dependencies=[Depends(known_parameters)])

ChangeType = StrEnum("ChangeType", {kind.upper().replace(".", "_"): kind for kind in TYPES})  # type: ignore[misc]  # - its members are those of the outbox


class ChangeQuery(BaseModel):
    """Which events are wanted, and from where."""

    cursor: str | None = Field(None, description="`next_cursor` of the answer before; it carries the filters")
    types: list[ChangeType] = Field([], description="only these")
    since: AwareDatetime | None = Field(None, description="only what happened at or after this instant")
    org: list[str] = Field([], description="id of the org, 18 characters")
    limit: int = Field(100, ge=1, le=1000, description="events per answer")

    def question(self) -> dict[str, Any]:
        """Which events are asked for, as JSON-able data."""
        return self.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_defaults=True)


class Change(BaseModel):
    """Something that happened."""

    model_config = example({
        "event_id": "0b0c5b1e-6d5f-4b0e-8a40-7a1f5f6f0c1d", "type": "deal.won", "org_id": "00D000000000001AAA",
        "deal_id": "006000000000001AAA", "at": "2026-07-01T14:03:17Z", "data": {"version": 1},
    })  # fmt: skip

    event_id: str
    type: str
    org_id: str
    deal_id: str
    at: datetime
    data: dict[str, Any]


class ChangeList(Fresh):
    """Events in the order in which they happened."""

    data: list[Change]
    next_cursor: str = Field(description="go on with it, now or later; there is always one")
    more: bool = Field(description="whether there are more already")


class OrgFreshness(BaseModel):
    """How fresh the copy of one org is."""

    model_config = example({
        "org_id": "00D000000000001AAA", "name": "Acme", "watermark": "2026-07-01T14:04:00Z", "lag_seconds": 4,
        "state": "fresh",
    })  # fmt: skip

    org_id: str
    name: str | None
    watermark: datetime | None = Field(description="everything before it is here")
    lag_seconds: int | None
    state: str = Field(description="`fresh` below a minute, `late` below a quarter of an hour, `stale` beyond, `empty`")


class FreshnessList(Fresh):
    """How fresh the store is, org by org."""

    data: list[OrgFreshness]


@router.get(
    "/changes", operation_id="list_changes", summary="What has happened", response_model=ChangeList,
    responses=declared(400, 401, 403, 410, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def changes_listed(
    request: Request, session: MayReadBriefs, sight: Seeing, query: Annotated[ChangeQuery, Query()]
) -> Response:
    """Events from the first one that is kept, in order and without a gap; each may be delivered twice, none is lost."""
    secret, seen = cursor_secret(session), 0
    if query.cursor is not None:
        cursor = unseal(query.cursor, secret, kind="changes")
        sent = query.question()
        if any(cursor.asked.get(name) != value for name, value in sent.items()):
            detail = "The cursor belongs to other filters. Leave them out, or start again without it."
            raise Problem(400, "cursor_of_another_question", detail)
        seen = int(cursor.position[0] or 0)
        query = ChangeQuery.model_validate({**cursor.asked, "limit": query.limit})
        oldest = oldest_kept(session)
        if seen and (oldest is None or seen + 1 < oldest):
            detail = "What followed this cursor is not kept any more. Read /api/v1/deals whole, then start without it."
            raise Problem(410, "cursor_expired", detail)
    wanted = ChangeFilter(types=query.types, since=query.since, org=query.org)
    found = list_changes(session, wanted, after=seen, limit=query.limit, sight=sight)
    body = {
        "data": found.rows,
        "next_cursor": seal(Cursor("changes", query.question(), [str(found.seen)]), secret),
        "more": found.more,
    }
    return answer(request, session, body)


@router.get(
    "/freshness", operation_id="get_freshness", summary="How fresh the store is", response_model=FreshnessList,
    responses=ASKED,
)  # fmt: skip
def freshness_shown(request: Request, session: MayReadBriefs) -> Response:
    """How far behind Salesforce each org is."""
    body = {"data": freshness_by_org(session)}
    return answer(request, session, body, about=without_ages(body))
