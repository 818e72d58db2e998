"""Figures for dashboards: renewal rates, retention, and the terms behind any number."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.answer import answer
from app.api.parameters import known_parameters
from app.api.schemas import Covered, Fresh, Money, example
from app.api.spans import FIRST, LAST, periods_asked, span_asked
from app.api.tables import AS_CSV, TableForm, table_answer
from app.auth import MayReadMetrics, Seeing
from app.problems import ASKED
from app.read.definitions import ALL_DEFINITIONS
from app.read.renewals import Standpoint, Terms, problem_rows, read_ledger, term_row
from models.renewals.columns import DEFINITION_VERSION, columns_of_renewals, columns_of_retention
from models.renewals.period import Bucket, Period
from models.renewals.rates import cohort, renewals
from models.renewals.retention import retention
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

    def standpoint(self) -> Standpoint:
        """From where the terms are looked at."""
        return Standpoint(
            as_of=self.as_of, known_at=self.known_at, org=self.org, currency=self.currency, grace_days=self.grace_days
        )


class RenewalsQuery(MetricsQuery):
    """The same, by periods."""

    bucket: Bucket = Field(Bucket.QUARTER, description="how long a period is; years are fiscal")


class RetentionQuery(MetricsQuery):
    """The same, between two days."""

    exclude_escalators: bool = Field(False, description="leave out rises that contracts foresee")  # noqa: FBT003 - pydantic's default


class TermProblem(BaseModel):
    """What keeps a term out of the numbers, or a link between two."""

    model_config = example({
        "org_id": "00D000000000001AAA", "term_id": "800000000000001AAA", "code": "no_due_day",
        "detail": "Nothing tells its last day.", "other_id": None,
    })  # fmt: skip

    org_id: str
    term_id: str
    code: str
    detail: str
    other_id: str | None


class RenewalsRow(BaseModel):
    """The renewal rates of one period. A rate of nothing is null."""

    model_config = example({
        "time": "2026-07-01", "period": "2026-Q3", "group": "all", "terms_due": 21, "terms_settled": 21,
        "terms_renewed": 20, "logos_due": 20, "logos_renewed": 19, "logo_renewal_rate": 0.95,
        "term_renewal_rate": 0.9524, "gross_renewal_rate": 0.9061, "net_renewal_rate": 0.9424, "on_time_rate": 0.9048,
        "on_time_customer_rate": 0.9, "pending": 0, "floor": 0.9524, "ceiling": 0.9524, "atr": 330000.00,
        "pending_atr": 0.00, "renewed_arr": 311000.00, "capped_arr": 299000.00,
    })  # fmt: skip

    time: date
    period: str
    group: str
    terms_due: int
    terms_settled: int
    terms_renewed: int
    logos_due: int
    logos_renewed: int
    logo_renewal_rate: float | None
    term_renewal_rate: float | None
    gross_renewal_rate: float | None
    net_renewal_rate: float | None
    on_time_rate: float | None
    on_time_customer_rate: float | None
    pending: int
    floor: float | None = Field(description="the term rate if all that is pending is lost")
    ceiling: float | None = Field(description="the term rate if all that is pending is renewed")
    atr: Money | None
    pending_atr: Money | None
    renewed_arr: Money | None
    capped_arr: Money | None


class RetentionRow(BaseModel):
    """The base of two days: start less churn less contraction plus expansion plus new is the end."""

    model_config = example({
        "since": "2025-10-01", "until": "2026-10-01", "group": "all", "grr": 0.9179, "nrr": 0.9692,
        "customer_retention_rate": 0.9545, "customer_churn_rate": 0.0455, "arr_churn_rate": 0.0641,
        "contraction_rate": 0.0179, "customers_at_start": 22, "customers_lost": 1, "customers_new": 1,
        "customers_won_back": 0, "start_arr": 390000.00, "churned_arr": 25000.00, "contraction_arr": 7000.00,
        "expansion_arr": 20000.00, "kept_arr": 378000.00, "new_arr": 18000.00, "end_arr": 396000.00,
    })  # fmt: skip

    since: date
    until: date
    group: str
    grr: float | None
    nrr: float | None
    customer_retention_rate: float | None
    customer_churn_rate: float | None
    arr_churn_rate: float | None
    contraction_rate: float | None
    customers_at_start: int
    customers_lost: int
    customers_new: int
    customers_won_back: int
    start_arr: Money | None
    churned_arr: Money | None
    contraction_arr: Money | None
    expansion_arr: Money | None
    kept_arr: Money | None
    new_arr: Money | None
    end_arr: Money | None


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


class TermRow(BaseModel):
    """One term with its deal, and how it ended."""

    model_config = example({
        "org_id": "00D000000000001AAA", "term_id": "800000000000001AAA", "deal_id": "006000000000001AAA",
        "deal_name": "Acme - Rotas", "customer_id": "001000000000001AAA", "customer_name": "Acme",
        "csm_id": "005000000000002AAA", "csm_name": "Cleo Success", "kind": "fixed", "status": "on_time",
        "start_on": "2025-08-01", "due_on": "2026-07-31", "days_left": -115, "atr": 20000.00,
        "renewed_arr": 26000.00, "currency": "USD", "signed_on": "2025-07-20", "renewal_signed_on": "2026-07-01",
        "renews": [], "is_auto": False, "is_early_replace": False, "is_win_back": False, "provenance": "contract",
        "confidence": "high",
    })  # fmt: skip

    org_id: str
    term_id: str
    deal_id: str
    deal_name: str | None
    customer_id: str
    customer_name: str | None
    csm_id: str | None
    csm_name: str | None
    kind: str
    status: str | None = Field(description="open, secured, pending, on_time, late or lost; null where it is in no rate")
    start_on: date | None
    due_on: date | None = Field(description="the last day of paid service")
    days_left: int | None
    atr: Money | None = Field(description="what a year of it is worth on the last day")
    renewed_arr: Money | None
    currency: str | None
    signed_on: date | None
    renewal_signed_on: date | None
    renews: list[str]
    is_auto: bool
    is_early_replace: bool
    is_win_back: bool
    provenance: str | None
    confidence: str


class TermTable(_Figures):
    """The terms behind a number."""

    data: list[TermRow]


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
    terms = read_ledger(session, query.standpoint(), sight=sight)
    first, last = span_asked(query.from_, query.to, terms.as_of)
    periods = periods_asked(first, last, query.bucket, fiscal_start_month=terms.fiscal_start_month)
    rows = [columns_of_renewals(renewals(terms.ledger, each, terms.as_of)) for each in periods]
    return _table(
        request, session, terms, sight.cover("renewals", rows), query, row=RenewalsRow, hidden=sight.hidden("renewals")
    )


@router.get(
    "/renewals/rows", operation_id="list_terms_behind_rates", summary="The terms behind the rates",
    response_model=TermTable, responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def renewal_terms(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[MetricsQuery, Query()]
) -> Response:
    """Every term that is due between two days, with how it ended: what the rates of these days are made of."""
    terms = read_ledger(session, query.standpoint(), sight=sight)
    first, last = span_asked(query.from_, query.to, terms.as_of)
    found = cohort(terms.ledger, Period("", first, last), terms.as_of)
    rows = [term_row(terms, row.term.term_id) for row in found]
    return _table(request, session, terms, sight.cover("term", rows), query, row=TermRow, hidden=sight.hidden("term"))


@router.get(
    "/retention", operation_id="get_retention", summary="Retention between two days", response_model=RetentionTable,
    responses=ASKED | {200: AS_CSV},
)  # fmt: skip
def retention_shown(
    request: Request, session: MayReadMetrics, sight: Seeing, query: Annotated[RetentionQuery, Query()]
) -> Response:
    """What became of the whole base: GRR, NRR, and the bridge from start to end; over a year unless said otherwise."""
    terms = read_ledger(session, query.standpoint(), sight=sight)
    first, last = span_asked(query.from_, query.to, terms.as_of)
    found = retention(terms.ledger, first, last, terms.as_of, exclude_escalators=query.exclude_escalators)
    rows = sight.cover("retention", [columns_of_retention(found)])
    return _table(request, session, terms, rows, query, row=RetentionRow, hidden=sight.hidden("retention"))


@router.get(
    "/definitions", operation_id="list_definitions", summary="What the numbers mean", response_model=DefinitionList,
    responses=ASKED,
)  # fmt: skip
def definitions(request: Request, session: MayReadMetrics) -> Response:
    """Each number with its formula, in words."""
    return answer(request, session, {"data": list(ALL_DEFINITIONS), "definition_version": DEFINITION_VERSION})


def _table(
    request: Request, session: ReadSession, terms: Terms, rows: list[dict[str, Any]], query: MetricsQuery,
    *, row: type[BaseModel], hidden: frozenset[str],
) -> Response:  # fmt: skip
    """A table as JSON, or as CSV for a spreadsheet."""
    beside = {
        "as_of_date": terms.as_of,
        "currency": terms.currency,
        "currency_rates": dict(terms.rates),
        "definition_version": DEFINITION_VERSION,
        "problems": problem_rows(terms.problems),
    }
    columns = list(row.model_fields)
    return table_answer(request, session, rows, columns=columns, form=query.format, beside=beside, hidden=hidden)
