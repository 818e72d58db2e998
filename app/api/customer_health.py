"""Health of customers: figures for dashboards, and what other tools measure."""

from datetime import UTC, date
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.of_org import OfOrg
from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, example
from app.api.tables import AS_CSV, TableForm, table_answer
from app.auth import Asking, MayReadMetrics, MayWriteNotes, Seeing
from app.problems import ASKED, declared
from app.read.calendar import known_day, orgs_asked
from app.read.health import HealthGroup, customer_health, health_rows
from app.read.spans import FIRST, LAST
from app.write.health_scores import keep_health_scores
from app.write.once import OnlyOnce
from models.health import HealthBand, HealthInput
from models.health_score import HealthScore
from models.renewals.columns import DEFINITION_VERSION
from models.session import ReadSession, WriteSession

router = APIRouter(prefix="/api/v1", tags=["metrics"], dependencies=[Depends(known_parameters)])


class HealthRowsQuery(BaseModel):
    """Whose health, from which day."""

    as_of: date | None = Field(None, ge=FIRST, le=LAST, description="as seen on this day; today unless given")
    org: list[str] = Field([], description="id of the org, 18 characters")
    format: TableForm = Field(TableForm.JSON, description="JSON, or CSV with the same columns")


class HealthQuery(HealthRowsQuery):
    """The same, by groups."""

    group_by: HealthGroup = Field(HealthGroup.ALL, description="one row for each CSM or segment")


class HealthFiguresRow(BaseModel):
    """How many customers are how healthy. The mean of no score is null."""

    model_config = example({
        "group": "all", "group_id": None, "customers": 20, "scored": 16, "health_score_average": 74.29,
        "health_coverage_average": 70.00, "good": 8, "fair": 5, "poor": 3, "unknown": 4,
    })  # fmt: skip

    group: str = Field(description="`none` where nobody, or nothing, is named")
    group_id: str | None = Field(description="of the user, where the group is one")
    customers: int
    scored: int = Field(description="those of whom enough is known")
    health_score_average: float | None
    health_coverage_average: float | None = Field(description="how much of the weights is known, in percent")
    good: int = Field(description="75 or more")
    fair: int = Field(description="from 50 to below 75")
    poor: int = Field(description="below 50")
    unknown: int = Field(description="too little is known: less than half of the weights")


class CustomerHealthRow(BaseModel):
    """The health of a customer, and what it is made of. An input of which nothing is known is null, and never 0."""

    model_config = example({
        "org_id": "00D000000000001AAA", "customer_id": "001000000000001AAA", "customer_name": "Acme",
        "csm_id": "005000000000002AAA", "csm_name": "Cleo Success", "segment": "Enterprise", "health_score": 74.29,
        "health_coverage": 70.00, "health": "fair", "csm_sentiment": 4, "handoff": 100.00, "sponsor": 70.00,
        "usage": None, "sentiment": 40.00,
    })  # fmt: skip

    org_id: str
    customer_id: str
    customer_name: str | None
    csm_id: str | None
    csm_name: str | None
    segment: str | None
    health_score: float | None = Field(description="0 to 100; null where less than half of the weights is known")
    health_coverage: float = Field(description="how much of the weights is known, in percent")
    health: HealthBand
    csm_sentiment: int | None = Field(description="how the CSM feels, 1 to 5; it is no part of the score")
    handoff: float | None = Field(description="weight 30: how far the newest deal is passed on")
    sponsor: float | None = Field(description="weight 20: how long ago somebody was in touch with a sponsor")
    usage: float | None = Field(description="weight 30: as another tool measured it")
    sentiment: float | None = Field(description="weight 20: what the customer answered in surveys")


class _HealthFigures(Fresh, Covered):
    as_of_date: date = Field(description="as seen on this day")
    definition_version: str


class HealthTable(_HealthFigures):
    """Health by group."""

    data: list[HealthFiguresRow]


class CustomerHealthTable(_HealthFigures):
    """The customers behind the figures."""

    data: list[CustomerHealthRow]


class NewScore(BaseModel):
    """What another tool measured of a customer."""

    model_config = ConfigDict(extra="forbid")

    customer_id: str = Field(max_length=18, pattern=r"^[^\x00]*$", description="15 or 18 characters")
    input: HealthInput = Field(description="`usage`, or another input in place of what is known here")
    score: Decimal = Field(ge=0, le=100, max_digits=8, decimal_places=4, description="0 (worst) to 100")
    measured_at: AwareDatetime = Field(description="the latest counts, for 90 days")
    source: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$", description="the tool that it is from")


class NewScores(BaseModel):
    """Scores to be kept: all of them, or none."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"scores": [{
        "customer_id": "001000000000001AAA", "input": "usage", "score": 62.5, "measured_at": "2026-07-01T00:00:00Z",
        "source": "Pendo",
    }]}]})  # fmt: skip

    scores: list[NewScore] = Field(min_length=1, max_length=1000)


class ScoresKept(BaseModel):
    """How many scores came, and how many of them were new."""

    model_config = example({"received": 3, "kept": 2, "known": 1})

    received: int
    kept: int
    known: int = Field(description="those that had been sent before; nothing is doubled")


@router.get(
    "/metrics/health", operation_id="get_health_figures", summary="How healthy customers are",
    response_model=HealthTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def health_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[HealthQuery, Query()]
) -> Response:
    """How many customers are in good, fair or poor health, and of how many too little is known to say."""
    as_of = _as_of(session, query)
    found = customer_health(session, as_of, sight=sight, org=query.org).values()
    return _table(request, session, health_rows(found, query.group_by), as_of, query, row=HealthFiguresRow)


@router.get(
    "/metrics/health/rows", operation_id="list_customers_behind_health", summary="The customers behind the health",
    response_model=CustomerHealthTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def customers_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[HealthRowsQuery, Query()]
) -> Response:
    """Every customer with its score, how much of it is known, and each input."""
    as_of = _as_of(session, query)
    found = customer_health(session, as_of, sight=sight, org=query.org)
    return _table(request, session, [each.row() for each in found.values()], as_of, query, row=CustomerHealthRow)


@router.post(
    "/health/scores", operation_id="send_health_scores", summary="Send what another tool measured",
    response_model=ScoresKept, responses=declared(400, 401, 403, 409, 422, 429, 503) | {"4XX": declared(400)[400]},
)  # fmt: skip
def scores_sent(
    _: MayWriteNotes, caller: Asking, sight: Seeing, said: NewScores, once: OnlyOnce, org: OfOrg = None
) -> Response:
    """Keep scores, such as those of usage, each once; of several for one input the one measured last counts."""
    scores = [HealthScore(**{**dict(each), "measured_at": each.measured_at.astimezone(UTC)}) for each in said.scores]

    def act(session: WriteSession) -> tuple[int, dict[str, Any]]:
        kept = keep_health_scores(session, scores, org=org, by=caller.name, sight=sight)
        return 200, {"received": len(scores), "kept": kept, "known": len(scores) - kept}

    return once.do(said, act)


def _as_of(session: ReadSession, query: HealthRowsQuery) -> date:
    return query.as_of or known_day(session, orgs_asked(session, query.org))


def _table(
    request: Request, session: ReadSession, rows: list[dict[str, Any]], as_of: date, query: HealthRowsQuery,
    *, row: type[BaseModel],
) -> Response:  # fmt: skip
    told = {"as_of_date": as_of, "definition_version": DEFINITION_VERSION}
    columns = list(row.model_fields)
    return table_answer(request, session, rows, columns=columns, form=query.format, beside=told, hidden=())
