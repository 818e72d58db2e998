"""What a worker tells of itself: a heartbeat per lane, and when each chore was done and is due again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, Row, Table, Text, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from models.mirror import metadata
from models.session import ReadSession, WriteSession

HEARTBEAT = Table(
    "heartbeat",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("lane", Text, primary_key=True),  # live | bulk
    Column("holder", Text, nullable=False),
    Column("beat_at", DateTime(timezone=True), nullable=False),
    Column("doing", Text),  # NULL: waiting for the next time
    Column("since", DateTime(timezone=True)),
    Column("next_at", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("error", Text),
    # How often polls come and why, the budget of the day, what was spent, and what the day will have cost.
    Column("plan", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    schema="ops",
)

CHORE = Table(
    "chore",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("done_at", DateTime(timezone=True)),
    Column("not_before", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("calls", BigInteger),  # what it cost when it was done last
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    schema="ops",
)


def beat(session: WriteSession, org_id: str, lane: str, values: Mapping[str, Any]) -> None:
    """Say that a lane is alive, what it does and what it plans."""
    row = {"org_id": org_id, "lane": lane, "beat_at": text("clock_timestamp()"), **values}
    statement = insert(HEARTBEAT).values(**row)
    session.execute(
        statement.on_conflict_do_update(index_elements=["org_id", "lane"], set_={**values, "beat_at": row["beat_at"]})
    )


def chores(session: ReadSession, org_id: str) -> dict[str, Row[Any]]:
    """Return what is known of each chore of the org, by name."""
    return {row.name: row for row in session.execute(select(CHORE).where(CHORE.c.org_id == org_id))}


def chore_done(
    session: WriteSession, org_id: str, name: str, *, at: datetime, calls: int, detail: Mapping[str, Any]
) -> None:
    """Record that a chore was done."""
    _set_chore(
        session,
        org_id,
        name,
        {"done_at": at, "not_before": None, "failures": 0, "calls": calls, "detail": dict(detail)},
    )


def chore_postponed(session: WriteSession, org_id: str, name: str, *, until: datetime, failures: int, why: str) -> None:
    """Record that a chore failed or had to wait, and when it is tried again."""
    _set_chore(session, org_id, name, {"not_before": until, "failures": failures, "detail": {"why": why}})


def _set_chore(session: WriteSession, org_id: str, name: str, values: Mapping[str, Any]) -> None:
    statement = insert(CHORE).values(org_id=org_id, name=name, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["org_id", "name"], set_=dict(values)))
