"""The state of the sync, for people who wonder why something is not here yet."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from app.api.answer import answer
from app.api.parameters import known_parameters
from app.api.schemas import Fresh, example
from app.auth import MayReadMetrics
from app.problems import declared
from app.read.status import sync_status

router = APIRouter(prefix="/api/v1", tags=["sync"], dependencies=[Depends(known_parameters)])

_AGES = frozenset({"lag_seconds", "age_seconds"})


class SyncStatus(Fresh):
    """How the sync is doing."""

    model_config = example({
        "ok": True, "problems": [], "orgs": [{
            "org_id": "00D000000000001AAA", "name": "Acme", "watermark": "2026-07-01T14:04:00Z", "lag_seconds": 4,
            "problems": [], "objects": [{
                "object": "Opportunity", "state": "ok", "detail": None, "watermark": "2026-07-01T14:04:00Z",
                "age_seconds": 4, "snapshot_at": "2026-06-01T00:00:00Z", "rows": 600, "unavailable_fields": [],
            }],
            "last_run": {"run_id": 7, "kind": "live", "state": "done"},
            "api_calls_today": {"total": 31, "by_kind": {"composite": 30, "describe": 1}},
        }],
        "as_of": "2026-07-01T14:04:00Z", "lag_seconds": 4,
    })  # fmt: skip

    ok: bool = Field(description="whether nothing is wrong")
    problems: list[str] = Field(description="what is wrong, in words, each with what to do")
    orgs: list[dict[str, Any]] = Field(description="each connected org: its objects, last run, and API calls of today")


@router.get(
    "/sync/status", operation_id="get_sync_status", summary="How the sync is doing", response_model=SyncStatus,
    responses=declared(400, 401, 403, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def status_shown(request: Request, session: MayReadMetrics) -> Response:
    """Each object's state and watermark, the last run, the API calls spent today, and what is wrong."""
    status = sync_status(session)
    return answer(request, session, status, about=_without_ages(status))


def _without_ages(value: Any) -> Any:
    """The same without what changes by the mere passing of time."""
    if isinstance(value, dict):
        return {name: _without_ages(each) for name, each in value.items() if name not in _AGES}
    return [_without_ages(each) for each in value] if isinstance(value, list) else value
