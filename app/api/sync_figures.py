"""How fresh each org is and what that costs, as a table for dashboards."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.answer import without_ages
from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, example
from app.api.tables import AS_CSV, TableForm, table_answer
from app.auth import MayReadMetrics
from app.problems import ASKED
from app.read.status import sync_figures

router = APIRouter(prefix="/api/v1/metrics", tags=["metrics"], dependencies=[Depends(known_parameters)])


class SyncFiguresQuery(BaseModel):
    """Which orgs."""

    org: list[str] = Field([], description="id of the org, 18 characters")
    format: TableForm = Field(TableForm.JSON, description="JSON, or CSV with the same columns")


class SyncFiguresRow(BaseModel):
    """How far behind Salesforce an org is, and how many of its API calls are used."""

    model_config = example({
        "org_id": "00D000000000001AAA", "org_name": "Acme", "state": "fresh", "watermark": "2026-07-01T14:04:00Z",
        "lag_seconds": 4, "last_pass_at": "2026-07-01T14:04:01Z", "is_followed": True, "objects_read": 35,
        "oldest_watermark": "2026-07-01T14:04:00Z", "api_calls_today": 1800, "api_used": 2200, "api_limit": 100000,
        "api_used_rate": 0.022,
    })  # fmt: skip

    org_id: str
    org_name: str
    state: str = Field(description="fresh (below 60 s), late (below 900 s), stale, or empty before the first load")
    watermark: datetime | None = Field(description="everything that happened before it is in the store")
    lag_seconds: int | None
    last_pass_at: datetime | None
    is_followed: bool = Field(description="whether a worker runs for it")
    objects_read: int
    oldest_watermark: datetime | None = Field(description="of the object that lags most")
    api_calls_today: int = Field(description="of Baton, since midnight UTC")
    api_used: int | None = Field(description="by everybody within 24 hours, as the org told last")
    api_limit: int | None
    api_used_rate: float | None


class SyncFiguresTable(Fresh, Covered):
    """The freshness of each org."""

    data: list[SyncFiguresRow]


@router.get(
    "/sync", operation_id="get_sync_figures", summary="How fresh each org is", response_model=SyncFiguresTable,
    responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def sync_figures_shown(
    request: Request, session: MayReadMetrics, query: Annotated[SyncFiguresQuery, Query()]
) -> Response:
    """Lag, last pass, and API calls used of the limit, org by org; /sync/coverage tells the same of each object."""
    rows = sync_figures(session, org=query.org)
    return table_answer(
        request, session, rows, columns=list(SyncFiguresRow.model_fields), form=query.format, beside={}, hidden=(),
        about=without_ages(rows),
    )  # fmt: skip
