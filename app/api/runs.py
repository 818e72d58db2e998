"""The runs of the sync: what each pass did, and why one failed."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer
from app.api.parameters import ListQuery, known_parameters, next_cursor, parse_fields, parse_order, resumed
from app.api.schemas import Fresh, example
from app.auth import MayReadMetrics
from app.problems import ASKED
from app.read.listing import only_fields
from app.read.runs import FIELDS, SORTS, RunFilter, list_runs, run_total

router = APIRouter(prefix="/api/v1", tags=["sync"], dependencies=[Depends(known_parameters)])


class RunKind(StrEnum):
    """What a pass reads, or mends."""

    LIVE = "live"
    DEEP = "deep"
    SNAPSHOT = "snapshot"
    PROOF = "proof"
    REPAIR = "repair"
    REFRESH = "refresh"


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunQuery(ListQuery):
    """Filters of the list of runs; a repeated parameter means any of its values."""

    org: list[str] = Field([], description="id of the org, 18 characters")
    kind: list[RunKind] = Field([], description="what the pass read")
    state: list[RunState] = Field([], description="how far it is")
    since: AwareDatetime | None = Field(None, description="begun at or after this instant")


class RunRow(BaseModel):
    """A run in a list."""

    model_config = example({
        "run_id": 4711, "org_id": "00D000000000001AAA", "org_name": "Acme", "kind": "live", "state": "done",
        "started_at": "2026-07-01T14:03:14Z", "ended_at": "2026-07-01T14:03:17Z", "seconds": 2.71,
        "rows_read": 61, "rows_written": 14, "rows_deleted": 0, "late_rows": 0, "deals_in": 1, "deals_out": 0,
        "drafts_in": 0, "drafts_out": 0, "briefs": 1, "events": 1, "api_calls": 3,
        "windows_committed": 15, "windows_failed": 0, "failed": {}, "error": None,
    })  # fmt: skip

    run_id: int
    org_id: str
    org_name: str | None
    kind: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    seconds: float | None
    rows_read: int | None = Field(description="this and the counts that follow are null until the run has ended well")
    rows_written: int | None
    rows_deleted: int | None
    late_rows: int | None = Field(description="records that became visible after their stamp had been passed")
    deals_in: int | None
    deals_out: int | None
    drafts_in: int | None
    drafts_out: int | None
    briefs: int | None
    events: int | None
    api_calls: int | None
    windows_committed: int | None
    windows_failed: int | None
    failed: dict[str, str] | None = Field(description="objects whose window will be read again, each with the reason")
    error: str | None = Field(description="why the run failed, and what to do")


class RunTotal(BaseModel):
    """The list as a whole."""

    model_config = example({"count": 2016})

    count: int


def _nothing_counted() -> RunTotal:
    return RunTotal(count=0)


class RunList(Fresh):
    """A page of runs."""

    data: list[RunRow]
    next_cursor: str | None
    total: RunTotal = Field(default_factory=_nothing_counted, description="only with include_total=true")


@router.get(
    "/sync/runs", operation_id="list_sync_runs", summary="Runs of the sync", response_model=RunList,
    responses=ASKED,
)  # fmt: skip
def runs_listed(request: Request, session: MayReadMetrics, query: Annotated[RunQuery, Query()]) -> Response:
    """Runs of the last seven days, the newest first unless `sort` says otherwise; idle looks are kept for an hour."""
    query, after = resumed(session, query, kind="runs")
    order, fields = parse_order(query.sort, allowed=SORTS), parse_fields(query.fields, allowed=FIELDS)
    wanted = query.chosen(RunFilter)
    page = list_runs(session, wanted, order=order, after=after, limit=query.limit)
    body: dict[str, Any] = {
        "data": only_fields(page.rows, fields),
        "next_cursor": next_cursor(session, page, query, kind="runs"),
    }
    if query.include_total:
        body["total"] = run_total(session, wanted)
    return answer(request, session, body)
