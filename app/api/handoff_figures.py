"""Figures of handoffs for dashboards: how soon each step came, and what each CSM looks after."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.api.figure_rows import TermProblem, TermRow
from app.api.handoffs import HandoffRow
from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, Money, example
from app.api.tables import AS_CSV, TableForm, table_answer
from app.auth import MayReadMetrics, Seeing
from app.problems import ASKED
from app.read.books import books, running
from app.read.calendar import days_asked
from app.read.handoff_figures import HandoffGroup, HandoffStandpoint, handoff_times, handoffs_behind
from app.read.renewals import Standpoint, Terms, problem_rows, read_ledger
from app.read.spans import FIRST, LAST, periods_asked
from app.read.term_rows import term_rows
from models.renewals.columns import DEFINITION_VERSION
from models.renewals.period import Bucket
from models.session import ReadSession

router = APIRouter(prefix="/api/v1/metrics", tags=["metrics"], dependencies=[Depends(known_parameters)])


class HandoffFiguresQuery(BaseModel):
    """Which handoffs, by when their deals were won."""

    from_: date | None = Field(
        None, alias="from", ge=FIRST, le=LAST, description="first day of winning; a year back unless given"
    )
    to: date | None = Field(None, ge=FIRST, le=LAST, description="last day; that of `as_of` unless given")
    as_of: date | None = Field(
        None, ge=FIRST, le=LAST, description="what happened later is not seen; today unless given"
    )
    org: list[str] = Field([], description="id of the org, 18 characters")
    format: TableForm = Field(TableForm.JSON, description="JSON, or CSV with the same columns")


class HandoffTimesQuery(HandoffFiguresQuery):
    """The same, by periods and groups."""

    bucket: Bucket = Field(Bucket.QUARTER, description="how long a period is; years are fiscal")
    group_by: HandoffGroup = Field(HandoffGroup.ALL, description="one row for each seller (`ae`), CSM or segment")


class HandoffTimesRow(BaseModel):
    """How soon the deals that were won in a period were passed on. A median of nothing is null."""

    model_config = example({
        "time": "2026-07-01", "period": "2026-Q3", "group": "all", "group_id": None, "deals_won": 1, "briefs_timed": 1,
        "seconds_to_brief_p50": 5.0, "seconds_to_brief_p95": 5.0, "acknowledged": 1, "acknowledged_rate": 1.0,
        "seconds_to_acknowledge_p50": 69103.0, "seconds_to_acknowledge_p95": 69103.0, "kicked_off": 1,
        "kicked_off_rate": 1.0, "days_to_kickoff_p50": 7.0, "days_to_kickoff_p95": 7.0, "first_value": 1,
        "first_value_rate": 1.0, "days_to_first_value_p50": 28.0, "days_to_first_value_p95": 28.0,
        "completeness_average": 82.0, "completeness_lowest": 82,
    })  # fmt: skip

    time: date
    period: str
    group: str = Field(description="`none` where nobody, or nothing, is named")
    group_id: str | None = Field(description="of the user, where the group is one")
    deals_won: int
    briefs_timed: int = Field(description="without those that had been won before they were followed")
    seconds_to_brief_p50: float | None
    seconds_to_brief_p95: float | None
    acknowledged: int
    acknowledged_rate: float | None
    seconds_to_acknowledge_p50: float | None
    seconds_to_acknowledge_p95: float | None
    kicked_off: int
    kicked_off_rate: float | None
    days_to_kickoff_p50: float | None
    days_to_kickoff_p95: float | None
    first_value: int
    first_value_rate: float | None
    days_to_first_value_p50: float | None
    days_to_first_value_p95: float | None
    completeness_average: float | None = Field(description="of the briefs as they are now, in percent")
    completeness_lowest: int | None


class _HandoffFigures(Fresh, Covered):
    as_of_date: date = Field(description="as seen on this day")
    definition_version: str


class HandoffTimesTable(_HandoffFigures):
    """Times of handoffs by period."""

    data: list[HandoffTimesRow]


class HandoffTable(_HandoffFigures):
    """The handoffs behind the times."""

    data: list[HandoffRow]


class BookRow(BaseModel):
    """What a CSM looks after."""

    model_config = example({
        "csm_id": "005000000000002AAA", "csm_name": "Cleo Success", "customers": 20, "deals": 24, "arr": 396000.00,
        "due_in_90_days": 3, "due_atr": 102000.00, "handoffs_waiting": 1, "handoffs_open": 4,
        "completeness_average": 82.5,
    })  # fmt: skip

    csm_id: str | None
    csm_name: str | None = Field(description="null in the last row: what nobody looks after")
    customers: int = Field(description="a customer whose deals are in several books is in each")
    deals: int
    arr: Money | None = Field(description="a year's worth of all terms in force")
    due_in_90_days: int = Field(description="terms that are up for renewal within 90 days")
    due_atr: Money | None = Field(description="what these are worth a year on their last days")
    handoffs_waiting: int = Field(description="not acknowledged yet")
    handoffs_open: int = Field(description="without a first value yet")
    completeness_average: float | None = Field(description="of the briefs, in percent")


class _BookFigures(_HandoffFigures):
    currency: str | None
    currency_rates: dict[str, float] = Field(description="what one unit of another currency was taken to be worth")
    problems: list[TermProblem] = Field(description="terms that are in no sum")


class BookTable(_BookFigures):
    """The books of all CSMs."""

    data: list[BookRow]


class BookTerms(_BookFigures):
    """The terms behind the books."""

    data: list[TermRow]


@router.get(
    "/handoff", operation_id="get_handoff_times", summary="Times of handoffs by period",
    response_model=HandoffTimesTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def times_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[HandoffTimesQuery, Query()]
) -> Response:
    """Of the deals that were won in each period: how soon there was a brief, and when CS took the next steps."""
    where, first, last, year_starts = _asked(session, query)
    periods = periods_asked(first, last, query.bucket, fiscal_start_month=year_starts)
    rows = handoff_times(session, periods, where, query.group_by, sight=sight)
    beside = {"as_of_date": where.as_of, "definition_version": DEFINITION_VERSION}
    columns = list(HandoffTimesRow.model_fields)
    return table_answer(request, session, rows, columns=columns, form=query.format, beside=beside, hidden=())


@router.get(
    "/handoff/rows", operation_id="list_handoffs_behind_times", summary="The handoffs behind the times",
    response_model=HandoffTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def handoffs_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[HandoffFiguresQuery, Query()]
) -> Response:
    """Every handoff of a deal that was won between two days: what the times of these days are made of."""
    where, first, last, _ = _asked(session, query)
    rows = handoffs_behind(session, first, last, where, sight=sight)
    beside = {"as_of_date": where.as_of, "definition_version": DEFINITION_VERSION}
    return table_answer(
        request, session, rows, columns=list(HandoffRow.model_fields), form=query.format, beside=beside,
        hidden=sight.hidden("handoff"),
    )  # fmt: skip


class BookQuery(BaseModel):
    """Whose books, from where they are looked at, and in which currency."""

    as_of: date | None = Field(None, ge=FIRST, le=LAST, description="the day of the sums; today unless given")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(None, description="converted into this one")
    org: list[str] = Field([], description="id of the org, 18 characters")
    format: TableForm = Field(TableForm.JSON, description="JSON, or CSV with the same columns")

    def standpoint(self) -> Standpoint:
        """From where the terms are looked at."""
        return Standpoint(as_of=self.as_of, org=self.org, currency=self.currency)


@router.get(
    "/book", operation_id="get_books", summary="What each CSM looks after", response_model=BookTable,
    responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def books_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[BookQuery, Query()]
) -> Response:
    """Customers, recurring revenue, what is due within 90 days and what waits, by CSM."""
    terms = read_ledger(session, query.standpoint(), sight=sight)
    rows = sight.cover("book", books(session, terms, org=query.org, sight=sight))
    return _book_table(request, session, terms, rows, query, row=BookRow, hidden=sight.hidden("book"))


@router.get(
    "/book/rows", operation_id="list_terms_behind_books", summary="The terms behind the books",
    response_model=BookTerms, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def book_terms_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[BookQuery, Query()]
) -> Response:
    """Every term that is in force or due within 90 days, with its CSM: what the books are made of."""
    terms = read_ledger(session, query.standpoint(), sight=sight)
    rows = sight.cover("term", term_rows(session, terms, running(terms)))
    return _book_table(request, session, terms, rows, query, row=TermRow, hidden=sight.hidden("term"))


def _asked(session: ReadSession, query: HandoffFiguresQuery) -> tuple[HandoffStandpoint, date, date, int]:
    """Where the handoffs are looked at from, the days of winning, and the month in which years begin."""
    days = days_asked(session, query.org, as_of=query.as_of, first=query.from_, last=query.to)
    return HandoffStandpoint(as_of=days.as_of, org=query.org), days.first, days.last, days.fiscal_start_month


def _book_table(
    request: Request, session: ReadSession, terms: Terms, rows: list[dict[str, Any]], query: BookQuery,
    *, row: type[BaseModel], hidden: frozenset[str],
) -> Response:  # fmt: skip
    beside = {
        "as_of_date": terms.as_of,
        "currency": terms.currency,
        "currency_rates": dict(terms.rates),
        "definition_version": DEFINITION_VERSION,
        "problems": problem_rows(terms.problems),
    }
    columns = list(row.model_fields)
    return table_answer(request, session, rows, columns=columns, form=query.format, beside=beside, hidden=hidden)
