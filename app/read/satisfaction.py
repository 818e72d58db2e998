"""How satisfied customers are, by when they were asked, and what became of the renewals of those who are not."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.read.encode import plain_row
from app.read.renewals import Terms
from app.read.sight import Sight
from app.read.term_groups import NO_GROUP
from app.read.views import deals
from models.renewals.period import Period
from models.renewals.rates import cohort, renewals
from models.satisfaction import Counted, Satisfaction, Verdict, satisfaction, verdict_of
from models.session import ReadSession
from models.survey import SURVEY_ANSWER, SurveyKind

#: an answer that is older says nothing about a renewal any more
LASTS = timedelta(days=365)
_A = SURVEY_ANSWER.c


class SurveyGroup(StrEnum):
    """What surveys are put together by."""

    ALL = "all"
    CSM = "csm"
    SEGMENT = "segment"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyStandpoint:
    """Which surveys are looked at, and from when."""

    as_of: date
    known_at: datetime | None = None
    org: Sequence[str] = ()


def satisfaction_rows(
    session: ReadSession, periods: Sequence[Period], where: SurveyStandpoint, group: SurveyGroup, *, sight: Sight
) -> list[dict[str, Any]]:
    """One row per period and group, with the change since the period before."""
    if not periods:
        return []
    seen = _seen(where, sight)
    label, group_id = _columns_of(seen, group)
    kinds = (seen.c.day, label, group_id, seen.c.kind, seen.c.score, seen.c.scale, seen.c.asked_on.is_not(None))
    within = seen.c.day.between(periods[0].first, periods[-1].last)
    counted = select(*kinds, func.count()).where(within).group_by(*kinds)
    found: dict[tuple[Any, Any], dict[str, list[Counted]]] = defaultdict(lambda: defaultdict(list))
    for day, name, key, kind, score, scale, is_asked, count in session.execute(counted):
        period = next(each for each in periods if day in each)
        one = Counted(kind=SurveyKind(kind), score=score, scale=scale, is_asked=is_asked, count=count)
        found[name, key][period.name].append(one)
    if group is SurveyGroup.ALL:
        found.setdefault(("all", None), defaultdict(list))
    rows = [
        row
        for key in sorted(found, key=lambda key: (key[0] is None, str(key[0]), str(key[1])))
        for row in _trend(periods, found[key], key)
        if group is SurveyGroup.ALL or row["surveys"]
    ]
    return sorted(rows, key=lambda row: row["time"])


def _trend(periods: Sequence[Period], found: dict[str, list[Counted]], key: tuple[Any, Any]) -> list[dict[str, Any]]:
    rows, before = [], satisfaction(())
    for period in periods:
        counted = found.get(period.name, [])
        now = satisfaction(counted)
        head = {"time": period.first, "period": period.name, "group": key[0] or NO_GROUP, "group_id": key[1]}
        rows.append({**head, "surveys": sum(each.count for each in counted), **_figures(now, before)})
        before = now
    return rows


def _figures(now: Satisfaction, before: Satisfaction) -> dict[str, Any]:
    return {
        "asked": now.asked,
        "answered": now.answered,
        "response_rate": now.response.rate,
        "csat_answers": now.satisfied + now.unsatisfied,
        "satisfied": now.satisfied,
        "csat": now.csat.rate,
        "csat_change": _change(now.csat.rate, before.csat.rate),
        "nps_answers": now.promoters + now.passives + now.detractors,
        "promoters": now.promoters,
        "passives": now.passives,
        "detractors": now.detractors,
        "nps": now.nps,
        "nps_change": _change(now.nps, before.nps),
    }


def _change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if now is None or before is None else now - before


def surveys_behind(
    session: ReadSession, first: date, last: date, where: SurveyStandpoint, *, sight: Sight
) -> list[dict[str, Any]]:
    """The surveys of some days, the oldest first: what the figures are made of."""
    seen = _seen(where, sight)
    columns = [each for each in seen.c if each.name not in {"day", "csm_id", "csm_name", "segment"}]
    order = (seen.c.day, seen.c.org_id, seen.c.source, seen.c.external_id)
    rows = session.execute(select(*columns).where(seen.c.day.between(first, last)).order_by(*order)).mappings()
    named = [{**row, "verdict": verdict_of(SurveyKind(row["kind"]), row["score"], row["scale"])} for row in rows]
    return sight.cover("survey", [plain_row(row) for row in named])


def renewals_by_verdict(
    session: ReadSession, terms: Terms, period: Period, kind: SurveyKind, where: SurveyStandpoint, *, sight: Sight
) -> list[dict[str, Any]]:
    """How the terms of a period ended, by what their customers had said last within a year before the due day."""
    said = _answers_of(session, kind, where, sight)
    by_verdict: dict[Verdict | None, set[str]] = defaultdict(set)
    for row in cohort(terms.ledger, period, terms.as_of):
        due = row.term.due
        assert due is not None
        answers = said.get(row.term.logo, ())
        within = [verdict for day, verdict in answers if due - LASTS <= day <= due]
        by_verdict[within[-1] if within else None].add(row.term.term_id)
    rows = []
    for verdict in (*_VERDICTS[kind], None):
        found = renewals(terms.ledger, period, terms.as_of, only=by_verdict[verdict])
        rows.append({
            "verdict": None if verdict is None else verdict.value,
            "terms_due": found.terms_due,
            "terms_settled": found.terms_settled,
            "terms_renewed": int(found.term_renewal.part),
            "term_renewal_rate": found.term_renewal.rate,
            "gross_renewal_rate": found.gross_renewal.rate,
            "net_renewal_rate": found.net_renewal.rate,
            "atr": found.atr,
            "renewed_arr": found.renewed_arr,
        })  # fmt: skip
    return sight.cover("renewals", [plain_row(row) for row in rows])


_VERDICTS = {
    SurveyKind.NPS: (Verdict.PROMOTER, Verdict.PASSIVE, Verdict.DETRACTOR),
    SurveyKind.CSAT: (Verdict.SATISFIED, Verdict.UNSATISFIED),
}


def _answers_of(
    session: ReadSession, kind: SurveyKind, where: SurveyStandpoint, sight: Sight
) -> dict[str, list[tuple[date, Verdict | None]]]:
    """What each customer (as the ledger names it) answered, in order."""
    seen = _seen(where, sight)
    wanted = select(seen).where(seen.c.kind == kind.value, seen.c.score.is_not(None))
    said: dict[str, list[tuple[date, Verdict | None]]] = defaultdict(list)
    for row in session.execute(wanted.order_by(seen.c.answered_on, seen.c.changed_at, seen.c.external_id)):
        said[f"{row.org_id}:{row.customer_id}"].append((row.answered_on, verdict_of(kind, row.score, row.scale)))
    return said


def _seen(where: SurveyStandpoint, sight: Sight) -> FromClause:
    """Every survey as it was known, of the customers that are seen, with who looks after them."""
    latest = _latest(where)
    deal = deals()
    # A customer is looked after by the CSM of its newest deal.
    whose = (
        select(deal.c.org_id, deal.c.customer_id, deal.c.customer_name, deal.c.csm_id, deal.c.csm_name, deal.c.segment)
        .ext(distinct_on(deal.c.org_id, deal.c.customer_id))
        .where(~deal.c.is_draft, *sight.of_deals(deal))
        .order_by(deal.c.org_id, deal.c.customer_id, deal.c.won_on.desc().nulls_last(), deal.c.deal_id)
        .subquery("whose")
    )
    is_seen = latest.c.answered_on <= where.as_of
    day = func.coalesce(latest.c.asked_on, latest.c.answered_on)
    columns = {
        "answered_on": case((is_seen, latest.c.answered_on)),
        "score": case((is_seen, latest.c.score)),
        "comment": case((is_seen, latest.c.comment)),
    }
    shown = [columns.get(each.name, each).label(each.name) for each in latest.c if each.name != "is_void"]
    owner = and_(whose.c.org_id == latest.c.org_id, whose.c.customer_id == latest.c.customer_id)
    return (
        select(*shown, day.label("day"), *(each for each in whose.c if each.name not in {"org_id", "customer_id"}))
        .select_from(latest.join(whose, owner))
        .where(day <= where.as_of, ~latest.c.is_void)
        .subquery("seen")
    )


def _latest(where: SurveyStandpoint) -> FromClause:
    """Each survey as its latest answer says that had come by then; the same order as in cs_v1.survey."""
    conditions: list[ColumnElement[bool]] = [_A.org_id.in_(list(where.org))] if where.org else []
    if where.known_at is not None:
        conditions.append(_A.received_at <= where.known_at)
    survey = (_A.org_id, _A.source, _A.external_id)
    newest = (_A.changed_at.desc(), _A.score.is_not(None).desc(), _A.received_at.desc(), _A.digest.desc())
    columns = [each for each in _A if each.name != "digest"]
    return select(*columns).ext(distinct_on(*survey)).where(*conditions).order_by(*survey, *newest).subquery("latest")


def _columns_of(seen: FromClause, group: SurveyGroup) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    none: ColumnElement[Any] = func.nullif("", "")
    match group:
        case SurveyGroup.ALL:
            return func.concat("all"), none
        case SurveyGroup.CSM:
            return seen.c.csm_name, seen.c.csm_id
        case SurveyGroup.SEGMENT:
            return seen.c.segment, none
        case SurveyGroup.SOURCE:
            return seen.c.source, none
