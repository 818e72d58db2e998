"""The mapping of an org as it is kept: what people chose about the lines of a brief, and which briefs follow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert_into

from models.mirror import metadata
from models.session import ReadSession, WriteSession

MAPPING = Table(
    "mapping",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("document", JSONB, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("set_by", Text, nullable=False),
    schema="ops",
)
"""The mappings an org has had; the newest one counts. An org without any has the default: fields by their names."""

SHAPING = Table(
    "shaping",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("mapping_version", BigInteger, nullable=False),
    Column("way", Integer, nullable=False),  # which way of making briefs; a release that makes them anew counts it up
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="ops",
)
"""By what all briefs of an org were made last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMapping:
    """A mapping as it is kept; version 0 is the default, which nobody set."""

    version: int
    document: Mapping[str, Any]
    set_at: datetime | None
    set_by: str | None


def kept_mapping(session: ReadSession, org_id: str) -> KeptMapping:
    """Return the mapping that counts."""
    row = session.execute(
        select(MAPPING).where(MAPPING.c.org_id == org_id).order_by(MAPPING.c.version.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return KeptMapping(version=0, document={}, set_at=None, set_by=None)
    return KeptMapping(version=row.version, document=row.document, set_at=row.set_at, set_by=row.set_by)


def keep_mapping(session: WriteSession, org_id: str, document: Mapping[str, Any], *, set_by: str) -> int:
    """Make this the mapping from the next pass on; returns its version."""
    # Two people who set one at the same time come one after the other, so neither is lost unseen.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('ops.mapping ' || :org_id))"), {"org_id": org_id})
    version = kept_mapping(session, org_id).version + 1
    session.execute(insert(MAPPING).values(org_id=org_id, version=version, document=dict(document), set_by=set_by))
    return version


def follows(session: ReadSession, org_id: str, *, way: int) -> bool:
    """Whether all briefs of the org were made in this way and by the mapping that counts."""
    row = session.execute(select(SHAPING).where(SHAPING.c.org_id == org_id)).one_or_none()
    return row is not None and (row.mapping_version, row.way) == (kept_mapping(session, org_id).version, way)


def note_followed(session: WriteSession, org_id: str, *, way: int) -> None:
    """Remember that all briefs of the org were made just now."""
    values = {"mapping_version": kept_mapping(session, org_id).version, "way": way, "at": text("now()")}
    statement = upsert_into(SHAPING).values(org_id=org_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["org_id"], set_=values))
