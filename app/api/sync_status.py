"""The state of the sync, for people who wonder why something is not here yet."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.answer import answer, without_ages
from app.api.parameters import known_parameters, parse_fields
from app.api.schemas import Fresh, example
from app.auth import MayReadMetrics
from app.problems import ASKED
from app.read.coverage import FIELDS, coverage
from app.read.listing import only_fields
from app.read.status import sync_status

router = APIRouter(prefix="/api/v1", tags=["sync"], dependencies=[Depends(known_parameters)])


class SyncStatus(Fresh):
    """How the sync is doing."""

    model_config = example({
        "ok": False,
        "problems": ["Acme: Quote stands still since 2026-06-30 21:09:57 UTC: a query of Quote took too long."],
        "orgs": [{
            "org_id": "00D000000000001AAA", "name": "Acme", "label": "acme", "instance_url": "https://acme.my.salesforce.com",
            "is_sandbox": False, "currency": "USD", "connected_at": "2026-06-01T00:00:00Z",
            "last_pass_at": "2026-07-01T14:04:01Z", "watermark": "2026-07-01T14:04:00Z", "lag_seconds": 4,
            "api_used": 1200, "api_limit": 100000,
            "is_followed": True,
            "problems": ["Acme: Quote stands still since 2026-06-30 21:09:57 UTC: a query of Quote took too long."],
            "scope": {
                "version": 2, "conditions": {"closed_from": "2024-01-01"},
                "in_words": [
                    "Deals are opportunities that are won.", "Only those with a close date of 2024-01-01 or later.",
                ],
                "set_at": "2026-06-01T00:00:00Z", "set_by": "ann", "applied_at": "2026-06-01T00:00:30Z",
                "waits_for_a_pass": False, "deals": 600, "drafts": 0,
            },
            "worker": {"live": {
                "lane": "live", "beat_at": "2026-07-01T14:04:01Z", "doing": None, "since": "2026-07-01T14:04:01Z",
                "next_at": "2026-07-01T14:04:30Z", "failures": 0, "error": None,
                "plan": {"pace": "as_configured", "poll_seconds": 30, "budget": 5000, "left": 3200, "expected": 2900},
            }},
            "readings": [{
                "object": "Contact", "purpose": "snapshot", "state": "running", "created_at": "2026-07-01T14:00:00Z",
                "rows_landed": 120000, "expected_rows": 480000, "pages_landed": 3, "attempt": 1, "error": None,
                "percent": 25,
            }],
            "chores": [{
                "name": "proof", "done_at": "2026-07-01T02:11:00Z", "not_before": None, "failures": 0, "calls": 34,
                "detail": {"drift_rows": 0},
            }],
            "objects": [{
                "object": "Quote", "state": "ok", "in_words": "It is read.",
                "detail": "a query of Quote took too long.", "watermark": "2026-07-01T11:04:00Z",
                "age_seconds": 10805, "snapshot_at": "2026-06-01T00:00:00Z", "rows": 600,
                "fields_not_read": [{"field": "BillingAddress", "why": "its parts are read"}],
                "late_rows": 3, "last_late_at": "2026-06-30T09:00:00Z", "most_late_seconds": 12,
                "formulas": {"fields": ["IsWon"], "as_of": "2026-07-01T02:00:00Z"},
                "proof": {
                    "proven_at": "2026-07-01T02:00:00Z", "detail": None, "rows_compared": 600, "drift_found": 0,
                    "drift_repaired": 0, "drift_rows": 0,
                },
            }],
            "last_run": {
                "run_id": 7, "kind": "live", "state": "done", "started_at": "2026-07-01T14:04:00Z",
                "ended_at": "2026-07-01T14:04:01Z", "counters": {"rows_written": 0}, "error": None,
            },
            "api_calls_today": {
                "total": 1800, "by_kind": {"composite": 1790, "describe": 10}, "expected": 2900, "budget": 5000,
                "pace": "as_configured",
            },
        }],
        "as_of": "2026-07-01T11:04:00Z", "lag_seconds": 10805,
    })  # fmt: skip

    ok: bool = Field(description="whether nothing is wrong")
    problems: list[str] = Field(description="what is wrong, in words, each with what to do")
    orgs: list[dict[str, Any]] = Field(
        description="each connected org: its scope, objects, last run, worker, readings, and API calls of today"
    )


class NotRead(BaseModel):
    """A field that is not read, or not any more."""

    field: str
    why: str


class Formulas(BaseModel):
    """Fields that move without a stamp, which are read again on a schedule."""

    fields: list[str]
    as_of: datetime | None = Field(description="how old they are; null: the next refresh is due")


class Proven(BaseModel):
    """How an object stood against the org when it was compared last."""

    proven_at: datetime | None
    detail: str | None = Field(description="why it could not be compared, or what a person must look at")
    rows_compared: int = Field(description="records that were compared one by one")
    drift_found: int = Field(description="records that were wrong")
    drift_repaired: int
    drift_rows: int = Field(description="records that differ still")


class CoverageRow(BaseModel):
    """One object of an org."""

    model_config = example({
        "org_id": "00D000000000001AAA", "org_name": "Acme", "object": "Contact", "state": "ok",
        "in_words": "It is read.", "detail": None, "rows": 2400, "watermark": "2026-07-01T14:04:00Z",
        "age_seconds": 4, "snapshot_at": "2026-06-01T00:00:00Z", "deep_at": "2026-07-01T14:02:00Z",
        "described_at": "2026-07-01T13:50:00Z", "fields_read": 61,
        "fields_not_read": [{"field": "MailingAddress", "why": "its parts are read"}],
        "late_rows": 3, "last_late_at": "2026-06-30T09:00:00Z", "most_late_seconds": 12,
        "formulas": {"fields": ["IsWon"], "as_of": "2026-07-01T02:00:00Z"},
        "proof": {
            "proven_at": "2026-07-01T02:00:00Z", "detail": None, "rows_compared": 600, "drift_found": 0,
            "drift_repaired": 0, "drift_rows": 0,
        },
    })  # fmt: skip

    org_id: str
    org_name: str
    object: str
    state: str = Field(description="ok, missing, unreadable or left_out")
    in_words: str = Field(description="what that means")
    detail: str | None = Field(description="why it could not be read, and what to do")
    rows: int = Field(description="records in the store")
    watermark: datetime | None = Field(description="everything that happened to it before this instant has landed")
    age_seconds: int | None = Field(description="how long ago that is")
    snapshot_at: datetime | None = Field(description="when it was read whole; null: it will be")
    deep_at: datetime | None = Field(description="when the widest overlap was read")
    described_at: datetime | None = Field(description="when it was last looked whether its fields have changed")
    fields_read: int
    fields_not_read: list[NotRead] = Field(description="each with the reason")
    late_rows: int = Field(description="records that became visible after the watermark had passed their stamp")
    last_late_at: datetime | None
    most_late_seconds: int = Field(description="by how much at most; later than 900 s is found by a proof only")
    formulas: Formulas
    proof: Proven | None = Field(description="its last comparison with the org; null: there was none yet")


class CoverageList(Fresh):
    """All objects, on one page."""

    data: list[CoverageRow]
    next_cursor: None = Field(description="always null: there is one page")


@router.get(
    "/sync/status", operation_id="get_sync_status", summary="How the sync is doing", response_model=SyncStatus,
    responses=ASKED,
)  # fmt: skip
def status_shown(request: Request, session: MayReadMetrics) -> Response:
    """Each org's scope, objects, last run and worker, the API calls of today, and what is wrong."""
    status = sync_status(session)
    return answer(request, session, status, about=without_ages(status))


@router.get(
    "/sync/coverage", operation_id="get_sync_coverage", summary="What is read of each object",
    response_model=CoverageList, responses=ASKED,
)  # fmt: skip
def coverage_shown(
    request: Request,
    session: MayReadMetrics,
    org: Annotated[list[str] | None, Query(description="id of the org, 18 characters")] = None,
    object: Annotated[list[str] | None, Query(description="API name, e.g. `Contact`")] = None,  # noqa: A002 - the parameter's public name
    state: Annotated[list[str] | None, Query(description="e.g. `unreadable`")] = None,
    fields: Annotated[str | None, Query(description="only these, comma-separated")] = None,
) -> Response:
    """How far and how freshly each object is read, and what is not read of it and why."""
    wanted = parse_fields(fields, allowed=FIELDS)
    rows = coverage(session, org=org or (), objects=object or (), state=state or ())
    body = {"data": only_fields(rows, wanted), "next_cursor": None}
    return answer(request, session, body, about=without_ages(body))
