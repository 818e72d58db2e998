"""Figures of satisfaction for dashboards: CSAT, NPS, who answers, and what became of the renewals."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, Money, example
from app.api.surveys import SurveyRow
from app.api.tables import AS_CSV, TableForm, table_answer
from app.auth import MayReadMetrics, Seeing
from app.problems import ASKED
from app.read.calendar import days_asked
from app.read.renewals import Standpoint, read_ledger
from app.read.satisfaction import (
    SurveyGroup,
    SurveyStandpoint,
    renewals_by_verdict,
    satisfaction_rows,
    surveys_behind,
)
from app.read.spans import FIRST, LAST, periods_asked, span_asked
from models.renewals.columns import DEFINITION_VERSION
from models.renewals.period import Bucket, Period
from models.session import ReadSession
from models.survey import SurveyKind

router = APIRouter(prefix="/api/v1/metrics", tags=["metrics"], dependencies=[Depends(known_parameters)])


class SurveyFiguresQuery(BaseModel):
    """Which surveys, by when they were sent."""

    from_: date | None = Field(None, alias="from", ge=FIRST, le=LAST, description="first day; a year back unless given")
    to: date | None = Field(None, ge=FIRST, le=LAST, description="last day; that of `as_of` unless given")
    as_of: date | None = Field(
        None, ge=FIRST, le=LAST, description="what was answered later is not seen; today unless given"
    )
    known_at: AwareDatetime | None = Field(None, description="as it was known at this instant; now unless given")
    org: list[str] = Field([], description="id of the org, 18 characters")
    format: TableForm = Field(TableForm.JSON, description="JSON, or CSV with the same columns")


class SatisfactionQuery(SurveyFiguresQuery):
    """The same, by periods and groups."""

    bucket: Bucket = Field(Bucket.QUARTER, description="how long a period is; years are fiscal")
    group_by: SurveyGroup = Field(SurveyGroup.ALL, description="one row for each CSM, segment or source")


class SurveyRenewalsQuery(SurveyFiguresQuery):
    """The terms that are due between two days, by one kind of survey."""

    kind: SurveyKind = Field(SurveyKind.NPS, description="by which answers customers are told apart")
    grace_days: int = Field(30, ge=0, le=90, description="how long a term without a renewal is called pending")


class SatisfactionRow(BaseModel):
    """What the surveys of a period add up to. A rate of nothing is null."""

    model_config = example({
        "time": "2026-07-01", "period": "2026-Q3", "group": "all", "group_id": None, "surveys": 20, "asked": 20,
        "answered": 12, "response_rate": 0.6, "csat_answers": 4, "satisfied": 3, "csat": 0.75, "csat_change": -0.05,
        "nps_answers": 8, "promoters": 4, "passives": 2, "detractors": 2, "nps": 25.0, "nps_change": 5.0,
    })  # fmt: skip

    time: date
    period: str
    group: str = Field(description="`none` where nobody, or nothing, is named")
    group_id: str | None = Field(description="of the user, where the group is one")
    surveys: int
    asked: int = Field(description="those of which it is known when they were sent")
    answered: int = Field(description="how many of these were answered")
    response_rate: float | None
    csat_answers: int
    satisfied: int
    csat: float | None
    csat_change: float | None = Field(description="since the period before; null where one of them has none")
    nps_answers: int
    promoters: int
    passives: int
    detractors: int
    nps: float | None = Field(description="from -100 to 100")
    nps_change: float | None = Field(description="since the period before; null where one of them has none")


class _SurveyFigures(Fresh, Covered):
    as_of_date: date = Field(description="as seen on this day")
    definition_version: str


class SatisfactionTable(_SurveyFigures):
    """Satisfaction by period."""

    data: list[SatisfactionRow]


class SurveyTable(_SurveyFigures):
    """The surveys behind the figures."""

    data: list[SurveyRow]


class SurveyRenewalsRow(BaseModel):
    """How the terms of customers ended that had said the same."""

    model_config = example({
        "verdict": "detractor", "terms_due": 4, "terms_settled": 4, "terms_renewed": 2, "term_renewal_rate": 0.5,
        "gross_renewal_rate": 0.48, "net_renewal_rate": 0.48, "atr": 60000.00, "renewed_arr": 28800.00,
    })  # fmt: skip

    verdict: str | None = Field(description="null in the last row: no answer within a year before the due day")
    terms_due: int
    terms_settled: int
    terms_renewed: int
    term_renewal_rate: float | None
    gross_renewal_rate: float | None
    net_renewal_rate: float | None
    atr: Money | None
    renewed_arr: Money | None


class SurveyRenewalsTable(_SurveyFigures):
    """Renewals by what customers said."""

    currency: str | None
    data: list[SurveyRenewalsRow]


@router.get(
    "/satisfaction", operation_id="get_satisfaction", summary="CSAT and NPS by period",
    response_model=SatisfactionTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def satisfaction_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[SatisfactionQuery, Query()]
) -> Response:
    """Of the surveys that were sent in each period: who answered, how satisfied they are, and how that changes."""
    where, first, last, year_starts = _asked(session, query)
    periods = periods_asked(first, last, query.bucket, fiscal_start_month=year_starts)
    rows = satisfaction_rows(session, periods, where, query.group_by, sight=sight)
    return _table(request, session, rows, where, query, row=SatisfactionRow, hidden=frozenset())


@router.get(
    "/satisfaction/rows", operation_id="list_surveys_behind_satisfaction", summary="The surveys behind CSAT and NPS",
    response_model=SurveyTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def surveys_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[SurveyFiguresQuery, Query()]
) -> Response:
    """Every survey that was sent between two days, as it was known: what the figures of these days are made of."""
    where, first, last, _ = _asked(session, query)
    rows = surveys_behind(session, first, last, where, sight=sight)
    return _table(request, session, rows, where, query, row=SurveyRow, hidden=sight.hidden("survey"))


@router.get(
    "/satisfaction/renewals", operation_id="get_renewals_by_satisfaction", summary="Renewals by what customers said",
    response_model=SurveyRenewalsTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def renewals_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[SurveyRenewalsQuery, Query()]
) -> Response:
    """How terms ended that were due between two days, by the last answer within a year before the due day."""
    at = Standpoint(as_of=query.as_of, known_at=query.known_at, org=query.org, grace_days=query.grace_days)
    terms = read_ledger(session, at, sight=sight)
    first, last = span_asked(query.from_, query.to, terms.as_of)
    where = SurveyStandpoint(as_of=terms.as_of, known_at=query.known_at, org=query.org)
    rows = renewals_by_verdict(session, terms, Period("", first, last), query.kind, where, sight=sight)
    hidden = sight.hidden("renewals") & {"atr", "renewed_arr"}
    beside = {"currency": terms.currency}
    return _table(request, session, rows, where, query, row=SurveyRenewalsRow, hidden=hidden, beside=beside)


def _asked(session: ReadSession, query: SurveyFiguresQuery) -> tuple[SurveyStandpoint, date, date, int]:
    days = days_asked(session, query.org, as_of=query.as_of, first=query.from_, last=query.to)
    where = SurveyStandpoint(as_of=days.as_of, known_at=query.known_at, org=query.org)
    return where, days.first, days.last, days.fiscal_start_month


def _table(
    request: Request, session: ReadSession, rows: list[dict[str, Any]], where: SurveyStandpoint,
    query: SurveyFiguresQuery, *, row: type[BaseModel], hidden: frozenset[str], beside: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    told = {"as_of_date": where.as_of, **(beside or {}), "definition_version": DEFINITION_VERSION}
    columns = list(row.model_fields)
    return table_answer(request, session, rows, columns=columns, form=query.format, beside=told, hidden=hidden)
