"""How healthy customers are: what is known of each input, the score it makes, and how much is known at all."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import FromClause, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from app.read.encode import plain_row
from app.read.sight import Sight
from app.read.term_groups import NO_GROUP
from app.read.views import HANDOFF, deals
from models.health import Health, HealthBand, HealthInput, health
from models.satisfaction import percent_of
from models.session import ReadSession
from models.survey import SurveyKind

_H = HANDOFF.c
Key = tuple[str, str]
#: how long what another tool measured, and what a customer answered, says something
MEASURED_LASTS, ANSWER_LASTS = timedelta(days=90), timedelta(days=365)
#: the score of the last touch with a sponsor: up to so many days ago
_TOUCHES = ((30, Decimal(100)), (90, Decimal(70)), (180, Decimal(40)))
_STEPS = {
    "first_value": Decimal(100), "kicked_off": Decimal(60), "acknowledged": Decimal(30), "waiting": Decimal(0),
}  # fmt: skip


class HealthGroup(StrEnum):
    """What customers are put together by."""

    ALL = "all"
    CSM = "csm"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerHealth:
    """One customer with its inputs, and who looks after it."""

    newest: Mapping[str, Any]
    scores: Mapping[HealthInput, Decimal | None]
    health: Health

    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        head = ("org_id", "customer_id", "customer_name", "csm_id", "csm_name", "segment")
        return plain_row({
            **{name: self.newest[name] for name in head},
            **self.columns(),
            **{each.value: self.scores[each] for each in HealthInput},
        })  # fmt: skip

    def columns(self) -> dict[str, Any]:
        """What stands beside a customer. What its CSM feels is told apart: where they differ, both are often right."""
        return {
            "health_score": self.health.score,
            "health_coverage": self.health.coverage,
            "health": self.health.band.value,
            "csm_sentiment": self.newest["sentiment"],
        }


def customer_health(
    session: ReadSession, as_of: date, *, sight: Sight, only: Collection[Key] | None = None, org: Sequence[str] = ()
) -> dict[Key, CustomerHealth]:
    """The health of customers as seen on a day; of all that are seen, unless some are named."""
    newest = _newest(session, as_of, sight=sight, only=only, org=org)
    if not newest:
        return {}
    keys = {"orgs": [key[0] for key in newest], "customers": [key[1] for key in newest], "as_of": as_of}
    end = datetime.combine(as_of + timedelta(days=1), time.min, UTC)
    bounds = {"end": end, "measured_from": end - MEASURED_LASTS, "answered_from": as_of - ANSWER_LASTS}
    deal_ids = [row["deal_id"] for row in newest.values()]
    touches = session.execute(_TOUCHED, {**keys, "deals": deal_ids})
    touched = {(each.org_id, each.customer_id): each.touched_on for each in touches}
    answers: dict[Key, list[Decimal]] = defaultdict(list)
    for each in session.execute(_ANSWERED, {**keys, **bounds}):
        answers[each.org_id, each.customer_id].append(percent_of(SurveyKind(each.kind), each.score, each.scale))
    given: dict[Key, dict[HealthInput, Decimal]] = defaultdict(dict)
    for each in session.execute(_MEASURED, {**keys, **bounds}):
        given[each.org_id, each.customer_id][HealthInput(each.input)] = each.score
    found = {}
    for key, row in newest.items():
        scores: dict[HealthInput, Decimal | None] = {
            HealthInput.HANDOFF: _of_handoff(row, as_of, end),
            HealthInput.SPONSOR: _of_touch(touched.get(key), as_of),
            HealthInput.USAGE: None,
            HealthInput.SENTIMENT: sum(answers[key], Decimal(0)) / len(answers[key]) if answers[key] else None,
            **given[key],
        }
        found[key] = CustomerHealth(newest=row, scores=scores, health=health(scores))
    return found


def health_rows(found: Collection[CustomerHealth], group: HealthGroup) -> list[dict[str, Any]]:
    """One row per group: how many customers are how healthy. The mean of no score is null."""
    groups: dict[tuple[Any, Any], list[CustomerHealth]] = defaultdict(list)
    if group is HealthGroup.ALL:
        groups["all", None] = []
    for each in found:
        groups[_group_of(each, group)].append(each)
    return [
        plain_row(_sums(key, groups[key]))
        for key in sorted(groups, key=lambda key: (key[0] is None, str(key[0]), str(key[1])))
    ]


def _group_of(customer: CustomerHealth, group: HealthGroup) -> tuple[Any, Any]:
    match group:
        case HealthGroup.ALL:
            return "all", None
        case HealthGroup.CSM:
            return customer.newest["csm_name"], customer.newest["csm_id"]
        case HealthGroup.SEGMENT:
            return customer.newest["segment"], None


def _sums(key: tuple[Any, Any], customers: Sequence[CustomerHealth]) -> dict[str, Any]:
    scores = [each.health.score for each in customers if each.health.score is not None]
    bands = [each.health.band for each in customers]
    return {
        "group": key[0] or NO_GROUP,
        "group_id": key[1],
        "customers": len(customers),
        "scored": len(scores),
        "health_score_average": _mean(scores),
        "health_coverage_average": _mean([each.health.coverage for each in customers]),
        **{band.value: bands.count(band) for band in HealthBand},
    }


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.01")) if values else None


def _of_handoff(row: Mapping[str, Any], as_of: date, end: datetime) -> Decimal | None:
    """How far the newest deal is passed on; nothing is known where it had been won before anybody looked."""
    if row["first_value_on"] is not None and row["first_value_on"] <= as_of:
        return _STEPS["first_value"]
    if row["kickoff_on"] is not None and row["kickoff_on"] <= as_of:
        return _STEPS["kicked_off"]
    if row["acknowledged_at"] is not None and row["acknowledged_at"] < end:
        return _STEPS["acknowledged"]
    return None if row["was_found"] else _STEPS["waiting"]


def _of_touch(touched_on: date | None, as_of: date) -> Decimal | None:
    if touched_on is None:
        return None
    days = (as_of - touched_on).days
    return next((score for most, score in _TOUCHES if days <= most), Decimal(0))


def _newest(
    session: ReadSession, as_of: date, *, sight: Sight, only: Collection[Key] | None, org: Sequence[str]
) -> dict[Key, dict[str, Any]]:
    """The newest deal of each customer with its handoff: it says who looks after the customer."""
    where: list[Any] = [_H.won_on <= as_of]
    if org:
        where.append(_H.org_id.in_(list(org)))
    if only is not None:
        where.append(tuple_(_H.org_id, _H.customer_id).in_(sorted(only)))
    if sight.book is not None:
        where.append(tuple_(_H.org_id, _H.customer_id).in_(_in_book(sight)))
    statement = (
        select(
            _H.org_id, _H.customer_id, _H.customer_name, _H.deal_id, _H.csm_id, _H.csm_name, _H.segment,
            _H.acknowledged_at, _H.kickoff_on, _H.first_value_on, _H.sentiment, _H.was_found,
        )
        .ext(distinct_on(_H.org_id, _H.customer_id))
        .where(_H.customer_id.is_not(None), *where)
        .order_by(_H.org_id, _H.customer_id, _H.won_on.desc().nulls_last(), _H.won_at.desc().nulls_last(), _H.deal_id)
    )  # fmt: skip
    return {(row["org_id"], row["customer_id"]): dict(row) for row in session.execute(statement).mappings()}


def _in_book(sight: Sight) -> Any:
    deal: FromClause = deals()
    return select(deal.c.org_id, deal.c.customer_id).where(~deal.c.is_draft, *sight.of_deals(deal))


_KEYS = "unnest(CAST(:orgs AS text[]), CAST(:customers AS text[])) AS wanted (org_id, customer_id)"

#: when somebody was last in touch with whoever the newest brief calls champion, economic buyer or executive sponsor
_TOUCHED = text("""
    SELECT wanted.org_id, wanted.customer_id, max(touch.touched_on) AS touched_on
      FROM unnest(CAST(:orgs AS text[]), CAST(:customers AS text[]), CAST(:deals AS text[]))
           AS wanted (org_id, customer_id, deal_id)
      JOIN LATERAL (SELECT document FROM cs.brief
                     WHERE brief.org_id = wanted.org_id AND brief.deal_id = wanted.deal_id
                     ORDER BY version DESC LIMIT 1) AS brief ON true
      CROSS JOIN LATERAL jsonb_path_query(brief.document::jsonb, '$.sections[*].items[*] ? (
           @.key == "champion" || @.key == "economic_buyer" || @.key == "executive_sponsor").value.contact_id')
           AS person
      JOIN LATERAL (
           SELECT coalesce(activitydate, (completeddatetime AT TIME ZONE 'UTC')::date) AS touched_on FROM closure.task
            WHERE task.org_id = wanted.org_id AND task.whoid = person #>> '{}' AND task.isclosed
           UNION ALL
           SELECT coalesce(activitydate, (startdatetime AT TIME ZONE 'UTC')::date) FROM closure.event
            WHERE event.org_id = wanted.org_id AND event.whoid = person #>> '{}'
           ) AS touch ON touch.touched_on <= CAST(:as_of AS date)
     GROUP BY 1, 2
""")

#: the last answer to each kind of survey
_ANSWERED = text(f"""
    SELECT DISTINCT ON (survey.org_id, survey.customer_id, survey.kind) survey.org_id, survey.customer_id, survey.kind,
           survey.score, survey.scale
      FROM {_KEYS} JOIN cs_v1.survey USING (org_id, customer_id)
     WHERE survey.score IS NOT NULL AND survey.answered_on BETWEEN CAST(:answered_from AS date) AND CAST(:as_of AS date)
     ORDER BY survey.org_id, survey.customer_id, survey.kind, survey.answered_on DESC, survey.changed_at DESC,
              survey.external_id
""")  # noqa: S608 - a constant

_MEASURED = text(f"""
    SELECT DISTINCT ON (given.org_id, given.customer_id, given.input) given.org_id, given.customer_id, given.input,
           given.score
      FROM {_KEYS} JOIN cs.health_score AS given USING (org_id, customer_id)
     WHERE given.measured_at >= :measured_from AND given.measured_at < :end
     ORDER BY given.org_id, given.customer_id, given.input, given.measured_at DESC, given.score
""")  # noqa: S608 - a constant
