"""Figures for dashboards: renewal rates, retention, cohorts, books, and the terms behind any number."""

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer
from app.api.figure_rows import CohortRow, RenewalsRow, RetentionRow, TermProblem, TermRow
from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, example
from app.api.tables import AS_CSV, TableForm, table_answer
from app.auth import MayReadMetrics, Seeing
from app.problems import ASKED
from app.read.definitions import ALL_DEFINITIONS
from app.read.figures import (
    Figures,
    Question,
    cohort_figures,
    renewal_figures,
    retention_figures,
    term_figures,
)
from app.read.renewals import Standpoint
from app.read.sight import Sight
from app.read.spans import FIRST, LAST
from app.read.term_groups import GroupBy
from models.renewals.columns import DEFINITION_VERSION
from models.renewals.period import Bucket
from models.session import ReadSession

router = APIRouter(prefix="/api/v1/metrics", tags=["metrics"], dependencies=[Depends(known_parameters)])


class MetricsQuery(BaseModel):
    """Which numbers, from where they are looked at, and in which currency."""

    from_: date | None = Field(None, alias="from", ge=FIRST, le=LAST, description="first day; a year back unless given")
    to: date | None = Field(None, ge=FIRST, le=LAST, description="last day; that of `as_of` unless given")
    as_of: date | None = Field(
        None, ge=FIRST, le=LAST, description="what was signed later is not seen; today unless given"
    )
    known_at: AwareDatetime | None = Field(None, description="as it was known at this instant; now unless given")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(None, description="converted into this one")
    org: list[str] = Field([], description="id of the org, 18 characters")
    grace_days: int = Field(30, ge=0, le=90, description="how long a term without a renewal is called pending")
    format: TableForm = Field(TableForm.JSON, description="JSON, or CSV with the same columns")

    def question(self) -> Question:
        """The same as everybody asks it."""
        where = Standpoint(
            as_of=self.as_of, known_at=self.known_at, org=self.org, currency=self.currency, grace_days=self.grace_days
        )
        return Question(
            where=where, first=self.from_, last=self.to, bucket=getattr(self, "bucket", None),
            group_by=getattr(self, "group_by", None), exclude_escalators=getattr(self, "exclude_escalators", False),
        )  # fmt: skip


_GROUP = "each group by itself: of the customer, or of the term (`ae`, `product`, `currency`)"


class GroupedQuery(MetricsQuery):
    """The same, by groups."""

    group_by: GroupBy | None = Field(None, description=_GROUP)


class RenewalsQuery(GroupedQuery):
    """The same, by periods."""

    bucket: Bucket = Field(Bucket.QUARTER, description="how long a period is; years are fiscal")


class RetentionQuery(GroupedQuery):
    """The same, between two days."""

    bucket: Bucket | None = Field(
        None, description="from the first day of each such period to that of the next; else from `from` to `to`"
    )
    exclude_escalators: bool = Field(False, description="leave out rises that contracts foresee")  # noqa: FBT003 - pydantic's default


class _Figures(Fresh, Covered):
    as_of_date: date = Field(description="as seen on this day")
    currency: str | None
    currency_rates: dict[str, float] = Field(description="what one unit of another currency was taken to be worth")
    definition_version: str
    problems: list[TermProblem] = Field(description="terms that are in no number, and links that were left out")


class RenewalsTable(_Figures):
    """Renewal rates by period."""

    data: list[RenewalsRow]


class RetentionTable(_Figures):
    """Retention between two days."""

    data: list[RetentionRow]


class TermTable(_Figures):
    """The terms behind a number."""

    data: list[TermRow]


class CohortTable(_Figures):
    """Cohorts, point by point."""

    data: list[CohortRow]


class Definition(BaseModel):
    """What a number means."""

    model_config = example({"key": "grr", "name": "Gross revenue retention", "formula": "…", "text": "…"})

    key: str
    name: str
    formula: str
    text: str


class DefinitionList(Fresh):
    """What all numbers mean."""

    data: list[Definition]
    definition_version: str


@router.get(
    "/renewals", operation_id="get_renewal_rates", summary="Renewal rates by period", response_model=RenewalsTable,
    responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def renewal_rates(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[RenewalsQuery, Query()]
) -> Response:
    """Of what was up for renewal in each period, how much was renewed, and how soon."""
    return _table(request, session, sight, query, of=renewal_figures, row=RenewalsRow)


@router.get(
    "/renewals/rows", operation_id="list_terms_behind_rates", summary="The terms behind the rates",
    response_model=TermTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def renewal_terms(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[MetricsQuery, Query()]
) -> Response:
    """Every term that is due between two days, with how it ended: what the rates of these days are made of."""
    return _table(request, session, sight, query, of=term_figures, row=TermRow)


@router.get(
    "/retention", operation_id="get_retention", summary="Retention between two days", response_model=RetentionTable,
    responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def retention_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[RetentionQuery, Query()]
) -> Response:
    """What became of the whole base: GRR, NRR, and the bridge from start to end; over a year unless said otherwise."""
    return _table(request, session, sight, query, of=retention_figures, row=RetentionRow)


@router.get(
    "/cohorts", operation_id="get_cohorts", summary="Cohorts", response_model=CohortTable,
    responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def cohorts_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[RenewalsQuery, Query()]
) -> Response:
    """What became of the customers that came in each period, so many months after each of them came."""
    return _table(request, session, sight, query, of=cohort_figures, row=CohortRow)


@router.get(
    "/definitions", operation_id="list_definitions", summary="What the numbers mean", response_model=DefinitionList,
    responses=ASKED,
)  # fmt: skip
def definitions(request: Request, session: MayReadMetrics) -> Response:
    """Each number with its formula, in words."""
    return answer(request, session, {"data": list(ALL_DEFINITIONS), "definition_version": DEFINITION_VERSION})


def _table(
    request: Request, session: ReadSession, sight: Sight, query: MetricsQuery,
    *, of: Callable[..., Figures], row: type[BaseModel],
) -> Response:  # fmt: skip
    """A table as JSON, or as CSV for a spreadsheet."""
    found = of(session, query.question(), sight=sight)
    columns = list(row.model_fields)
    return table_answer(
        request, session, found.rows, columns=columns, form=query.format, beside=found.beside(), hidden=found.hidden
    )
