"""The connected orgs, and what is known of each object in them."""

from collections.abc import Mapping, Sequence
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
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    Column("described_at", DateTime(timezone=True)),
    # The Last-Modified of the describe that `shape` came from: asked again with If-Modified-Since.
    Column("describe_modified", Text),
    Column("shape", JSONB),
    Column("unavailable_fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
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


def pass_done(session: WriteSession, org_id: str, values: Mapping[str, Any]) -> None:
    """Move the org's watermark; it never moves back, whatever a pass read."""
    changed = dict(values)
    if changed.get("watermark") is not None:
        changed["watermark"] = func.greatest(ORG.c.watermark, changed["watermark"])
    session.execute(update(ORG).where(ORG.c.org_id == org_id).values(**changed, last_pass_at=func.clock_timestamp()))


def object_states(session: ReadSession, org_id: str) -> dict[str, Row[Any]]:
    """Return what is known of each object of the org, by API name."""
    rows = session.execute(select(OBJECT_STATE).where(OBJECT_STATE.c.org_id == org_id))
    return {row.object: row for row in rows}


def set_object_state(session: WriteSession, org_id: str, object_name: str, **values: Any) -> None:
    """Write what a pass learned about one object; what is not given stays."""
    statement = insert(OBJECT_STATE).values(org_id=org_id, object=object_name, **{"state": "ok", **values})
    session.execute(statement.on_conflict_do_update(index_elements=["org_id", "object"], set_=values))


def advance_watermarks(session: WriteSession, org_id: str, watermarks: Mapping[str, datetime]) -> None:
    """Move the watermark of each object forward, never back."""
    for object_name, watermark in sorted(watermarks.items()):
        session.execute(
            update(OBJECT_STATE)
            .where(OBJECT_STATE.c.org_id == org_id, OBJECT_STATE.c.object == object_name)
            .values(watermark=func.greatest(OBJECT_STATE.c.watermark, watermark))
        )


def forget_snapshots(session: WriteSession, org_id: str, object_names: Sequence[str]) -> None:
    """Ask for a new snapshot of these objects at the next pass."""
    session.execute(
        update(OBJECT_STATE)
        .where(OBJECT_STATE.c.org_id == org_id, OBJECT_STATE.c.object.in_(object_names))
        .values(snapshot_at=None)
    )
