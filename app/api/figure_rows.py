"""The rows of the figures of renewals, for their OpenAPI description."""

from datetime import date

from pydantic import BaseModel, Field

from app.api.schemas import Money, example


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
        "time": "2025-10-01", "period": None, "since": "2025-10-01",
        "until": "2026-10-01", "group": "all", "grr": 0.9179, "nrr": 0.9692,
        "customer_retention_rate": 0.9545, "customer_churn_rate": 0.0455, "arr_churn_rate": 0.0641,
        "contraction_rate": 0.0179, "customers_at_start": 22, "customers_lost": 1, "customers_new": 1,
        "customers_won_back": 0, "start_arr": 390000.00, "churned_arr": 25000.00, "contraction_arr": 7000.00,
        "expansion_arr": 20000.00, "kept_arr": 378000.00, "new_arr": 18000.00, "end_arr": 396000.00,
    })  # fmt: skip

    time: date
    period: str | None = Field(description="null where the days were given and no `bucket`")
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


class TermRow(BaseModel):
    """One term with its deal, and how it ended."""

    model_config = example({
        "org_id": "00D000000000001AAA", "term_id": "800000000000001AAA", "deal_id": "006000000000001AAA",
        "deal_name": "Acme - Rotas", "customer_id": "001000000000001AAA", "customer_name": "Acme",
        "csm_id": "005000000000002AAA", "csm_name": "Cleo Success", "kind": "fixed", "status": "on_time",
        "start_on": "2025-08-01", "due_on": "2026-07-31", "notice_by": "2026-06-01", "days_left": -115, "atr": 20000.00,
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
    notice_by: date | None = Field(description="the last day on which the customer can give notice")
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


class CohortRow(BaseModel):
    """The customers of one period, so many months after each of them came."""

    model_config = example({
        "time": "2025-07-01", "period": "2025-Q3", "group": "all", "months": 12, "customers_at_start": 14,
        "customers": 13, "customer_retention_rate": 0.9286, "start_arr": 230000.00, "arr": 241000.00,
        "arr_retention_rate": 1.0478,
    })  # fmt: skip

    time: date
    period: str
    group: str
    months: int
    customers_at_start: int
    customers: int
    customer_retention_rate: float | None
    start_arr: Money | None
    arr: Money | None
    arr_retention_rate: float | None
