"""Rates and bridges out of counts and sums that were made elsewhere, such as in the database."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from models.renewals.period import Period
from models.renewals.rates import Ratio, Renewals
from models.renewals.retention import Retention, Span

_BRIDGE = ("start_arr", "churned_arr", "contraction", "expansion", "new_arr", "end_arr")


def renewals_counted(period: Period, as_of: date, counts: Mapping[str, Any] | None) -> Renewals:
    """The rates of a period; None where nothing was due in it."""
    row = _row(counts)
    terms = {name: row[name] or 0 for name in ("due", "settled", "renewed", "on_time")}
    logos = {name: row[f"logos_{name}"] or 0 for name in ("due", "settled", "renewed", "surely", "on_time")}
    money = {name: row[name] or Decimal(0) for name in ("atr", "pending_atr", "renewed_arr", "capped_arr")}
    pending = terms["due"] - terms["settled"]
    return Renewals(
        period=period, as_of=as_of, rows=(), terms_due=terms["due"], terms_settled=terms["settled"],
        terms_pending=pending, **money, logos_due=logos["due"], logos_settled=logos["settled"],
        logos_renewed=logos["renewed"], logo_renewal=_ratio(logos["renewed"], logos["settled"]),
        term_renewal=_ratio(terms["renewed"], terms["settled"]), gross_renewal=Ratio(money["capped_arr"], money["atr"]),
        net_renewal=Ratio(money["renewed_arr"], money["atr"]),
        on_time_terms=_ratio(terms["on_time"], terms["settled"]),
        on_time_logos=_ratio(logos["on_time"], logos["settled"]), floor=_ratio(terms["renewed"], terms["due"]),
        ceiling=_ratio(terms["renewed"] + pending, terms["due"]), logo_floor=_ratio(logos["surely"], logos["due"]),
        logo_ceiling=_ratio(logos["renewed"] + logos["due"] - logos["settled"], logos["due"]),
    )  # fmt: skip


def retention_counted(span: Span, counts: Mapping[str, Any] | None) -> Retention:
    """The bridge of a span; None where there was nothing at either end."""
    row = _row(counts)
    money = {name: row[name] or Decimal(0) for name in _BRIDGE}
    return Retention(
        since=span.since, until=span.until, **money, start_logos=row["start_logos"] or 0,
        lost_logos=row["lost_logos"] or 0, new_logos=row["new_logos"] or 0, won_back_logos=row["won_back_logos"] or 0,
    )  # fmt: skip


def _row(counts: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return defaultdict(lambda: None) if counts is None else counts


def _ratio(part: int, whole: int) -> Ratio:
    return Ratio(Decimal(part), Decimal(whole))
