"""What has happened, in order: the events of the outbox for whoever follows them by a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_

from app.read.encode import plain_row
from app.read.sight import Sight
from app.read.views import deals
from models.outbox import EVENT
from models.session import ReadSession


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which events are asked for; what is None or empty restricts nothing."""

    types: Sequence[str] = ()
    since: datetime | None = None
    org: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Some events, up to which number all were looked at, and whether there are more already."""

    rows: list[dict[str, Any]]
    seen: int
    more: bool


def oldest_kept(session: ReadSession) -> int | None:
    """The number of the oldest event that is still kept."""
    found = session.execute(select(func.min(EVENT.c.seq))).scalar_one()
    return None if found is None else int(found)


def list_changes(session: ReadSession, wanted: ChangeFilter, *, after: int, limit: int, sight: Sight) -> Changes:
    """Read the events behind a number, in the order in which they happened; none is ever skipped.

    Numbers are given in the order of commits (see `models/outbox.py`).
    """
    column = EVENT.c
    where = [column.seq > after]
    where += [column.type.in_(wanted.types)] if wanted.types else []
    where += [column.org_id.in_(wanted.org)] if wanted.org else []
    where += [] if wanted.since is None else [column.at >= wanted.since]
    if sight.book is not None:
        deal = deals()
        mine = select(deal.c.org_id, deal.c.deal_id).where(*sight.of_deals(deal))
        where.append(tuple_(column.org_id, column.deal_id).in_(mine))
    shown = (column.seq, column.event_id, column.type, column.org_id, column.deal_id, column.at, column.data)
    statement = select(*shown).where(*where).order_by(column.seq).limit(limit + 1)
    rows = [plain_row(row) for row in session.execute(statement).mappings()]
    if len(rows) > limit:
        rows = rows[:limit]
        return Changes(rows=_without_numbers(rows), seen=rows[-1]["seq"], more=True)
    # All that there is was looked at, what is filtered out included.
    newest = session.execute(select(func.max(column.seq))).scalar_one()
    return Changes(rows=_without_numbers(rows), seen=max(after, newest or 0), more=False)


def _without_numbers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "seq"} for row in rows]
