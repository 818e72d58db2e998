"""Renewal rates and retention of all terms together, added up by the database where the terms are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Date, bindparam
from sqlalchemy.dialects.postgresql import ARRAY

from app.read.standing import SEEN, Standing, bound
from models.renewals.counted import renewals_counted, retention_counted
from models.renewals.period import Period
from models.renewals.rates import Renewals
from models.renewals.retention import Retention, Span


def renewals_in(of: Standing, periods: Sequence[Period]) -> list[Renewals]:
    """Return the rates of each period, also of one in which nothing was due; the same as `models.renewals.rates`."""
    days = {"firsts": [each.first for each in periods], "lasts": [each.last for each in periods]}
    rows = of.session.execute(_dated(_RATES, *days), {**of.values, **days}).mappings()
    found: dict[int, Mapping[str, Any]] = {row["place"]: dict(row) for row in rows}
    return [renewals_counted(period, of.as_of, found.get(place + 1)) for place, period in enumerate(periods)]


def retention_in(of: Standing, spans: Sequence[Span]) -> list[Retention]:
    """Return the bridge of each span; the same as `models.renewals.retention`."""
    days = {"firsts": [each.since for each in spans], "lasts": [each.until for each in spans]}
    rows = of.session.execute(_dated(_BRIDGES, *days), {**of.values, **days}).mappings()
    found: dict[int, Mapping[str, Any]] = {row["place"]: dict(row) for row in rows}
    return [retention_counted(span, found.get(place + 1)) for place, span in enumerate(spans)]


def _dated(statement: str, *names: str) -> Any:
    return bound(statement).bindparams(*(bindparam(name, type_=ARRAY(Date)) for name in names))


_RATES = f"""
    WITH {SEEN}, due AS (
        SELECT span.place, span.last, seen.org_id, seen.customer_id, seen.status, seen.due_on, seen.atr,
               coalesce(seen.renewed_arr, 0) AS renewed_arr
          FROM unnest(:firsts, :lasts) WITH ORDINALITY AS span (first, last, place)
          JOIN seen ON seen.counts AND seen.due_on BETWEEN span.first AND span.last
    ), of_customer AS (
        SELECT place, org_id, customer_id, least(:as_of, min(last)) AS day, count(*) AS terms,
               count(*) FILTER (WHERE status <> 'pending') AS settled,
               max(due_on) FILTER (WHERE status <> 'pending') AS latest,
               bool_and(status = 'on_time') FILTER (WHERE status <> 'pending') AS is_punctual
          FROM due GROUP BY 1, 2, 3
    ), going_on AS (
        SELECT DISTINCT of_customer.place, of_customer.org_id, of_customer.customer_id
          FROM of_customer JOIN seen ON seen.org_id = of_customer.org_id AND seen.customer_id = of_customer.customer_id
         WHERE seen.signed_on <= :as_of AND seen.signed_on - of_customer.latest <= 90
           AND (seen.last_on IS NULL OR seen.last_on > of_customer.day)
    ), judged AS (
        SELECT of_customer.*, going_on.place IS NOT NULL AS goes_on
          FROM of_customer LEFT JOIN going_on USING (place, org_id, customer_id)
    ), customers AS (
        SELECT place, count(*) AS logos_due, count(*) FILTER (WHERE settled > 0) AS logos_settled,
               count(*) FILTER (WHERE settled > 0 AND (goes_on OR settled < terms)) AS logos_renewed,
               count(*) FILTER (WHERE settled > 0 AND goes_on) AS logos_surely,
               count(*) FILTER (WHERE is_punctual) AS logos_on_time
          FROM judged GROUP BY 1
    ), terms AS (
        SELECT place, count(*) AS due, count(*) FILTER (WHERE status <> 'pending') AS settled,
               count(*) FILTER (WHERE status IN ('on_time', 'late')) AS renewed,
               count(*) FILTER (WHERE status = 'on_time') AS on_time,
               sum(atr) FILTER (WHERE status <> 'pending') AS atr,
               sum(atr) FILTER (WHERE status = 'pending') AS pending_atr,
               sum(renewed_arr) FILTER (WHERE status <> 'pending') AS renewed_arr,
               sum(least(renewed_arr, atr)) FILTER (WHERE status <> 'pending') AS capped_arr
          FROM due GROUP BY 1
    )
    SELECT * FROM terms JOIN customers USING (place)
"""

_BRIDGES = f"""
    WITH {SEEN}, span AS MATERIALIZED (
        SELECT * FROM unnest(:firsts, :lasts) WITH ORDINALITY AS span (since, until, place)
    ), run AS (
        SELECT span.*, seen.org_id, seen.customer_id, seen.start_on, coalesce(seen.last_on, '9999-12-31') AS last_on,
               seen.steps, seen.rate
          FROM span JOIN seen ON seen.signed_on <= :as_of AND seen.start_on <= span.until
           AND coalesce(seen.last_on, '9999-12-31') >= span.since
    ), spread AS (
        SELECT run.*, greatest(since, coalesce(max(last_on) OVER earlier, since)) AS covered FROM run
        WINDOW earlier AS (PARTITION BY place, org_id, customer_id ORDER BY start_on, last_on
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), of_customer AS (
        SELECT place, min(until) AS until, org_id, customer_id,
               coalesce(sum(cs_v1.arr_on(steps, since) * rate) FILTER (WHERE start_on <= since), 0) AS then_arr,
               coalesce(sum(cs_v1.arr_on(steps, until) * rate) FILTER (WHERE last_on >= until), 0) AS now_arr,
               bool_or(start_on > covered AND start_on - covered - 1 > 90) AS was_away
          FROM spread GROUP BY place, org_id, customer_id
    ), judged AS (
        SELECT *, then_arr > 0 AND now_arr > 0 AND NOT was_away AS stays FROM of_customer
    ), returned AS (
        SELECT judged.place, judged.org_id, judged.customer_id
          FROM judged JOIN seen ON seen.org_id = judged.org_id AND seen.customer_id = judged.customer_id
         WHERE judged.now_arr > 0 AND NOT judged.stays
         GROUP BY 1, 2, 3
        HAVING max(seen.start_on) FILTER (WHERE seen.start_on <= judged.until) - min(seen.due_on) - 1 > 90
    )
    SELECT place, sum(then_arr) AS start_arr, sum(now_arr) AS end_arr,
           sum(then_arr) FILTER (WHERE NOT stays) AS churned_arr, sum(now_arr) FILTER (WHERE NOT stays) AS new_arr,
           sum(greatest(then_arr - now_arr, 0)) FILTER (WHERE stays) AS contraction,
           sum(greatest(now_arr - then_arr, 0)) FILTER (WHERE stays) AS expansion,
           count(*) FILTER (WHERE then_arr > 0) AS start_logos,
           count(*) FILTER (WHERE then_arr > 0 AND NOT stays) AS lost_logos,
           count(*) FILTER (WHERE now_arr > 0 AND NOT stays) AS new_logos,
           count(returned.place) AS won_back_logos
      FROM judged LEFT JOIN returned USING (place, org_id, customer_id) GROUP BY place
"""
