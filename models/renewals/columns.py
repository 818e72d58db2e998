"""The numbers of a period, and of a base, as the columns in which everybody reads them."""

from decimal import Decimal

from models.renewals.cohorts import Cohort
from models.renewals.period import Period
from models.renewals.rates import Renewals
from models.renewals.retention import Retention

#: counted up when a number means something else than before
DEFINITION_VERSION = "2026-11"


#: the group of a row that is about everything
ALL = "all"


def columns_of_renewals(found: Renewals, *, group: str = ALL) -> dict[str, object]:
    """One row of the renewal rates."""
    return {
        "time": found.period.first,
        "period": found.period.name,
        "group": group,
        "terms_due": found.terms_due,
        "terms_settled": found.terms_settled,
        "terms_renewed": int(found.term_renewal.part),
        "logos_due": found.logos_due,
        "logos_renewed": found.logos_renewed,
        "logo_renewal_rate": found.logo_renewal.rate,
        "term_renewal_rate": found.term_renewal.rate,
        "gross_renewal_rate": found.gross_renewal.rate,
        "net_renewal_rate": found.net_renewal.rate,
        "on_time_rate": found.on_time_terms.rate,
        "on_time_customer_rate": found.on_time_logos.rate,
        "pending": found.terms_pending,
        "floor": found.floor.rate,
        "ceiling": found.ceiling.rate,
        "atr": _money(found.atr),
        "pending_atr": _money(found.pending_atr),
        "renewed_arr": _money(found.renewed_arr),
        "capped_arr": _money(found.capped_arr),
    }


def columns_of_retention(found: Retention, *, period: Period | None = None, group: str = ALL) -> dict[str, object]:
    """One row of retention, with the bridge from one base to the other."""
    return {
        "time": found.since,
        "period": None if period is None else period.name,
        "since": found.since,
        "until": found.until,
        "group": group,
        "grr": found.grr.rate,
        "nrr": found.nrr.rate,
        "customer_retention_rate": found.logo_retention.rate,
        "customer_churn_rate": found.logo_churn.rate,
        "arr_churn_rate": found.arr_churn.rate,
        "contraction_rate": found.contraction_rate.rate,
        "customers_at_start": found.start_logos,
        "customers_lost": found.lost_logos,
        "customers_new": found.new_logos,
        "customers_won_back": found.won_back_logos,
        "start_arr": _money(found.start_arr),
        "churned_arr": _money(found.churned_arr),
        "contraction_arr": _money(found.contraction),
        "expansion_arr": _money(found.expansion),
        "kept_arr": _money(found.kept_arr),
        "new_arr": _money(found.new_arr),
        "end_arr": _money(found.end_arr),
    }


def columns_of_cohort(found: Cohort, *, group: str = ALL) -> dict[str, object]:
    """One point of a cohort."""
    return {
        "time": found.period.first,
        "period": found.period.name,
        "group": group,
        "months": found.months,
        "customers_at_start": found.logos_at_start,
        "customers": found.logos,
        "customer_retention_rate": found.logo_retention.rate,
        "start_arr": _money(found.start_arr),
        "arr": _money(found.arr),
        "arr_retention_rate": found.arr_retention.rate,
    }


def _money(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
