"""How soon deals were passed to CS, by when they were won: briefs, acknowledgements, kickoffs, first successes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.read.encode import plain_row
from app.read.sight import Sight
from app.read.term_groups import NO_GROUP
from app.read.views import HANDOFF
from models.renewals.period import Period
from models.session import ReadSession


class HandoffGroup(StrEnum):
    """What handoffs are put together by."""

    ALL = "all"
    AE = "ae"
    CSM = "csm"
    SEGMENT = "segment"


_H = HANDOFF.c
#: by which columns: what the group is called, and its id
_GROUPS: dict[HandoffGroup, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
    HandoffGroup.ALL: (literal("all"), cast(None, Text)),
    HandoffGroup.AE: (_H.owner_name, _H.owner_id),
    HandoffGroup.CSM: (_H.csm_name, _H.csm_id),
    HandoffGroup.SEGMENT: (_H.segment, cast(None, Text)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffStandpoint:
    """Which handoffs are looked at, and from when; what happened after that day is not seen."""

    as_of: date
    org: Sequence[str] = ()

    def conditions(self) -> list[ColumnElement[bool]]:
        """The deals that had been won by then."""
        among = [_H.org_id.in_(list(self.org))] if self.org else []
        return [_H.won_on <= self.as_of, *among]


def handoff_times(
    session: ReadSession, periods: Sequence[Period], where: HandoffStandpoint, group: HandoffGroup, *, sight: Sight
) -> list[dict[str, Any]]:
    """One row of times per period and group; of all together also for a period in which nothing was won."""
    if not periods:
        return []
    period = _table_of(periods)
    name, group_id = _GROUPS[group]
    won = and_(_H.won_on.between(period.c.first, period.c.last), *where.conditions(), *sight.of_deals(HANDOFF))
    joined = period.join(HANDOFF, won, isouter=group is HandoffGroup.ALL)
    key = (period.c.first, period.c.name, name, group_id)
    statement = (
        select(
            period.c.first.label("time"), period.c.name.label("period"), func.coalesce(name, NO_GROUP).label("group"),
            group_id.label("group_id"), *_figures(where.as_of),
        )
        .select_from(joined)
        .group_by(*(key[:2] if group is HandoffGroup.ALL else key))
        .order_by(period.c.first, name.nulls_last(), group_id)
    )  # fmt: skip
    return [plain_row(row) for row in session.execute(statement).mappings()]


def handoffs_behind(
    session: ReadSession, first: date, last: date, where: HandoffStandpoint, *, sight: Sight
) -> list[dict[str, Any]]:
    """The handoffs of deals that were won between two days, the oldest first: what the times are made of."""
    statement = (
        select(HANDOFF)
        .where(_H.won_on.between(first, last), *where.conditions(), *sight.of_deals(HANDOFF))
        .order_by(_H.won_on, _H.won_at, _H.deal_id, _H.org_id)
    )
    return sight.cover("handoff", [plain_row(row) for row in session.execute(statement).mappings()])


def _table_of(periods: Sequence[Period]) -> Any:
    """The periods as rows of a query."""
    listed = func.unnest(
        bindparam("names", [each.name for each in periods], ARRAY(Text)),
        bindparam("firsts", [each.first for each in periods], ARRAY(Date)),
        bindparam("lasts", [each.last for each in periods], ARRAY(Date)),
    )
    return listed.table_valued(
        column("name", Text), column("first", Date), column("last", Date), name="period"
    ).render_derived()


def _figures(as_of: date) -> list[ColumnElement[Any]]:
    """The figures of some handoffs, as seen on a day. A median of nothing is null, and so is a rate."""
    end = datetime.combine(as_of + timedelta(days=1), time.min, UTC)
    acknowledged, kicked_off, successful = _H.acknowledged_at < end, _H.kickoff_on <= as_of, _H.first_value_on <= as_of
    won = func.count(_H.deal_id)
    return [
        won.label("deals_won"),
        func.count(_H.seconds_to_brief).label("briefs_timed"),
        *_percentiles("seconds_to_brief", _H.seconds_to_brief, true()),
        _counted(acknowledged).label("acknowledged"),
        _share(acknowledged, won).label("acknowledged_rate"),
        *_percentiles("seconds_to_acknowledge", _H.seconds_to_acknowledge, acknowledged),
        _counted(kicked_off).label("kicked_off"),
        _share(kicked_off, won).label("kicked_off_rate"),
        *_percentiles("days_to_kickoff", _H.days_to_kickoff, kicked_off),
        _counted(successful).label("first_value"),
        _share(successful, won).label("first_value_rate"),
        *_percentiles("days_to_first_value", _H.days_to_first_value, successful),
        func.round(func.avg(_H.completeness), 2).label("completeness_average"),
        func.min(_H.completeness).label("completeness_lowest"),
    ]


def _counted(reached: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count(case((reached, 1)))


def _share(reached: ColumnElement[bool], whole: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.round(cast(_counted(reached), Numeric) / func.nullif(cast(whole, Integer), 0), 4)


def _percentiles(name: str, taken: ColumnElement[Any], reached: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    """The middle of what was reached, and what 95 of 100 stay below; between two values on the line between them."""
    value = case((reached, taken))
    return [
        func.round(cast(func.percentile_cont(share).within_group(value), Numeric), 1).label(f"{name}_p{percent}")
        for percent, share in ((50, 0.5), (95, 0.95))
    ]
