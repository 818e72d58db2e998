"""The connected orgs, and what is known of each object in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, Row, Table, Text, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from models.mirror import metadata
from models.session import ReadSession, WriteSession

ORG = Table(
    "org",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("label", Text),  # what the settings call it, where there are several
    Column("instance_url", Text, nullable=False),
    Column("is_sandbox", Boolean, nullable=False),
    Column("organization_type", Text),
    Column("time_zone", Text),
    Column("fiscal_year_start_month", Integer),
    Column("currency", Text),
    Column("connected_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    # Server time up to which everything has landed, and when the last pass that proved it ended.
    Column("watermark", DateTime(timezone=True)),
    Column("last_pass_at", DateTime(timezone=True)),
    Column("last_deep_at", DateTime(timezone=True)),
    Column("api_used", BigInteger),
    Column("api_limit", BigInteger),
    schema="ops",
)

OBJECT_STATE = Table(
    "object_state",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("detail", Text),
    Column("watermark", DateTime(timezone=True)),
    Column("snapshot_at", DateTime(timezone=True)),
    # Salesforce's time of the last poll that read the widest overlap.
    Column("deep_at", DateTime(timezone=True)),
    # Salesforce's time of the last poll that asked for it: its watermark may end earlier, with a full minute.
    Column("read_at", DateTime(timezone=True)),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("described_at", DateTime(timezone=True)),
    # The Last-Modified of the describe that `shape` came from: asked again with If-Modified-Since.
    Column("describe_modified", Text),
    Column("shape", JSONB),
    Column("unavailable_fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    # Fields that are there and are not read, each with the reason.
    Column("fields_not_read", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # Records that became visible after the watermark had passed their stamp, and by how much at most.
    Column("late_rows", BigInteger, nullable=False, server_default=text("0")),
    Column("last_late_at", DateTime(timezone=True)),
    Column("most_late_seconds", BigInteger, nullable=False, server_default=text("0")),
    # Fields that move without a stamp were read last at this instant; what they show is as old as that.
    Column("formulas_as_of", DateTime(timezone=True)),
    Column("formula_fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    schema="ops",
)


def connect_org(session: WriteSession, values: Mapping[str, Any]) -> None:
    """Remember the org, or what has changed about it since the last connection."""
    statement = insert(ORG).values(**values)
    changed = {name: statement.excluded[name] for name in values if name != "org_id"}
    session.execute(statement.on_conflict_do_update(index_elements=["org_id"], set_=changed))


def org_row(session: ReadSession, org_id: str) -> Row[Any] | None:
    """Return what is known of one org, or None before its first connection."""
    return session.execute(select(ORG).where(ORG.c.org_id == org_id)).one_or_none()


def pass_done(session: WriteSession, org_id: str, values: Mapping[str, Any], *, objects: Sequence[str]) -> None:
    """Note the end of a pass, and move the org's watermark to that of the object that lags most.

    The watermark never moves back, whatever a pass read.
    """
    slowest = (
        select(func.min(OBJECT_STATE.c.watermark))
        .where(OBJECT_STATE.c.org_id == org_id, OBJECT_STATE.c.object.in_(objects))
        .having(func.bool_and(OBJECT_STATE.c.watermark.is_not(None)))
        .scalar_subquery()
    )
    session.execute(
        update(ORG)
        .where(ORG.c.org_id == org_id)
        .values(**values, watermark=func.greatest(ORG.c.watermark, slowest), last_pass_at=func.clock_timestamp())
    )


def object_states(session: ReadSession, org_id: str) -> dict[str, Row[Any]]:
    """Return what is known of each object of the org, by API name."""
    rows = session.execute(select(OBJECT_STATE).where(OBJECT_STATE.c.org_id == org_id))
    return {row.object: row for row in rows}


def set_object_state(session: WriteSession, org_id: str, object_name: str, **values: Any) -> None:
    """Write what a pass learned about one object; what is not given stays."""
    statement = insert(OBJECT_STATE).values(org_id=org_id, object=object_name, **{"state": "ok", **values})
    session.execute(statement.on_conflict_do_update(index_elements=["org_id", "object"], set_=values))


def note_late(session: WriteSession, org_id: str, object_name: str, *, rows: int, seconds: int) -> None:
    """Add to the records of an object that became visible late."""
    session.execute(
        update(OBJECT_STATE)
        .where(OBJECT_STATE.c.org_id == org_id, OBJECT_STATE.c.object == object_name)
        .values(
            late_rows=OBJECT_STATE.c.late_rows + rows,
            last_late_at=func.now(),
            most_late_seconds=func.greatest(OBJECT_STATE.c.most_late_seconds, seconds),
        )
    )


def grow(session: WriteSession, org_id: str, object_name: str, more: int) -> None:
    """Change the number of living records that the mirror has of an object."""
    session.execute(
        update(OBJECT_STATE)
        .where(OBJECT_STATE.c.org_id == org_id, OBJECT_STATE.c.object == object_name)
        .values(rows=func.greatest(0, OBJECT_STATE.c.rows + more))
    )


def advance_watermarks(
    session: WriteSession, org_id: str, watermarks: Mapping[str, datetime], *, deep: Collection[str], at: datetime
) -> None:
    """Move the watermark of each object forward, never back.

    Args:
        session: the transaction of the pass.
        org_id: the org.
        watermarks: by object.
        deep: objects of which the widest overlap was read.
        at: Salesforce's time of the reading.
    """
    session.execute(
        text("""
            UPDATE ops.object_state AS state
               SET watermark = greatest(state.watermark, read.watermark),
                   read_at = :at,
                   deep_at = CASE WHEN state.object = ANY(:deep) THEN :at ELSE state.deep_at END
              FROM unnest(CAST(:objects AS text[]), CAST(:watermarks AS timestamptz[])) AS read (object, watermark)
             WHERE state.org_id = :org_id AND state.object = read.object
        """),
        {
            "org_id": org_id,
            "objects": list(watermarks),
            "watermarks": list(watermarks.values()),
            "deep": list(deep),
            "at": at,
        },
    )


def wants_snapshot(session: ReadSession, org_id: str) -> bool:
    """Return whether an object that the org shows was not read whole since it, or one of its fields, appeared."""
    return bool(
        session.execute(
            text("""
                SELECT EXISTS (
                    SELECT FROM ops.object_state
                     WHERE org_id = :org_id AND shape IS NOT NULL AND jsonb_typeof(shape) <> 'null'
                       AND state = 'ok' AND snapshot_at IS NULL)
            """),
            {"org_id": org_id},
        ).scalar_one()
    )


def formulas_as_of(session: ReadSession, org_id: str) -> datetime | None:
    """Return how old the oldest formulas are; None when those of some object that has any are to be read at once."""
    row = session.execute(
        text("""
            SELECT min(formulas_as_of) AS oldest, count(*) FILTER (WHERE formulas_as_of IS NULL) AS due
              FROM ops.object_state WHERE org_id = :org_id AND formula_fields <> '[]'::jsonb AND state = 'ok'
        """),
        {"org_id": org_id},
    ).one()
    return None if row.due else row.oldest


def formulas_due(session: WriteSession, org_id: str) -> None:
    """Ask for a refresh of all formulas at the next occasion."""
    session.execute(update(OBJECT_STATE).where(OBJECT_STATE.c.org_id == org_id).values(formulas_as_of=None))


def forget_snapshots(session: WriteSession, org_id: str, object_names: Sequence[str]) -> None:
    """Ask for a new snapshot of these objects at the next pass."""
    session.execute(
        update(OBJECT_STATE)
        .where(OBJECT_STATE.c.org_id == org_id, OBJECT_STATE.c.object.in_(object_names))
        .values(snapshot_at=None)
    )
