"""What the worker did: runs, their windows, and the API calls they spent."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Sequence, Table, Text, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from models.mirror import metadata
from models.session import ReadSession, WriteSession

GENERATION = Sequence("generation", schema="ops", metadata=metadata)

RUN = Table(
    "run",
    metadata,
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),  # the generation of its pass
    Column("org_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # live | deep | snapshot
    Column("state", Text, nullable=False),  # running | done | failed
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("ended_at", DateTime(timezone=True)),
    Column("counters", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("error", Text),
    schema="ops",
)

WINDOW = Table(
    "window",
    metadata,
    Column("run_id", BigInteger, primary_key=True, autoincrement=False),
    Column("object", Text, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("low", DateTime(timezone=True)),  # NULL: a snapshot, from the beginning
    Column("high", DateTime(timezone=True), nullable=False),
    schema="ops",
)
"""The windows that have been committed; one that failed is read again and has no row."""

API_SPEND = Table(
    "api_spend",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    schema="ops",
)


def next_generation(session: WriteSession) -> int:
    """Return the number of a new pass; a later pass has a higher one."""
    return int(session.execute(text("SELECT nextval('ops.generation')")).scalar_one())


def run_started(session: WriteSession, *, run_id: int, org_id: str, kind: str) -> None:
    """Record that a pass has begun."""
    session.execute(insert(RUN).values(run_id=run_id, org_id=org_id, kind=kind, state="running"))


def note_killed_runs(session: WriteSession, org_id: str, *, before: int) -> None:
    """Mark earlier runs that never ended; passes follow each other, so whoever is next knows that they were killed."""
    session.execute(
        update(RUN)
        .where(RUN.c.org_id == org_id, RUN.c.state == "running", RUN.c.run_id < before)
        .values(state="failed", ended_at=text("now()"), error="the process ended before the pass did")
    )


def run_ended(
    session: WriteSession, *, run_id: int, state: str, counters: Mapping[str, Any], error: str | None = None
) -> None:
    """Record how a pass ended."""
    session.execute(
        update(RUN)
        .where(RUN.c.run_id == run_id)
        .values(state=state, ended_at=text("clock_timestamp()"), counters=dict(counters), error=error)
    )


def forget_old_runs(session: WriteSession, org_id: str) -> None:
    """Drop runs and windows older than a week, and idle looks older than an hour, so that they do not fill the disk."""
    session.execute(
        text("""
            WITH old AS (
                DELETE FROM ops.run
                 WHERE org_id = :org_id AND (started_at < now() - interval '7 days'
                    OR (started_at < now() - interval '1 hour' AND kind = 'live' AND state = 'done'
                        AND counters ->> 'rows_written' = '0' AND counters ->> 'rows_deleted' = '0'))
                RETURNING run_id
            )
            DELETE FROM ops."window" AS gone USING old WHERE gone.run_id = old.run_id
        """),
        {"org_id": org_id},
    )


def record_windows(
    session: WriteSession, *, run_id: int, org_id: str, lows: Mapping[str, datetime | None], high: datetime
) -> None:
    """Record the committed windows of a pass: the low end of each object, and the high end that they share."""
    rows = [
        {"run_id": run_id, "object": name, "org_id": org_id, "low": low, "high": high} for name, low in lows.items()
    ]
    if rows:
        session.execute(insert(WINDOW), rows)


def spend(session: WriteSession, org_id: str, calls: Mapping[str, int], *, day: date) -> None:
    """Add API calls to the account of a day (UTC), by kind."""
    for kind, count in sorted(calls.items()):
        session.execute(
            text("""
                INSERT INTO ops.api_spend AS spent (org_id, day, kind, calls)
                VALUES (:org_id, :day, :kind, :count)
                ON CONFLICT (org_id, day, kind) DO UPDATE SET calls = spent.calls + excluded.calls
            """),
            {"org_id": org_id, "day": day, "kind": kind, "count": count},
        )


def spent_on(session: ReadSession, org_id: str, day: date) -> dict[str, int]:
    """Return the API calls of a day (UTC), by kind."""
    rows = session.execute(
        select(API_SPEND.c.kind, API_SPEND.c.calls).where(API_SPEND.c.org_id == org_id, API_SPEND.c.day == day)
    )
    return {kind: int(calls) for kind, calls in rows}
