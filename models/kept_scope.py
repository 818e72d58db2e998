"""The scope of an org as it is kept: what people chose, since when, and whether membership follows it already."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Table,
    Text,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from models.mirror import metadata
from models.session import ReadSession, WriteSession

SCOPE = Table(
    "scope",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("conditions", JSONB, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("set_by", Text, nullable=False),
    # Since when membership follows it, and the org's day for which all opportunities were last judged by it.
    Column("applied_at", DateTime(timezone=True)),
    Column("applied_on", Date),
    schema="ops",
)
"""The scopes an org has had; the newest one counts. An org without any has the default: what is won."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptScope:
    """A scope as it is kept; version 0 is the default, which nobody set."""

    version: int
    conditions: Mapping[str, Any]
    set_at: datetime | None
    set_by: str | None
    applied_at: datetime | None
    applied_on: date | None


DEFAULT_SCOPE = KeptScope(version=0, conditions={}, set_at=None, set_by=None, applied_at=None, applied_on=None)


def kept_scope(session: ReadSession, org_id: str) -> KeptScope:
    """Return the scope that counts."""
    return _newest(session, org_id)


def applied_scope(session: ReadSession, org_id: str) -> KeptScope:
    """Return the scope by which membership was last told, which is an older one right after a new one was set."""
    return _newest(session, org_id, SCOPE.c.applied_at.is_not(None))


def keep_scope(session: WriteSession, org_id: str, conditions: Mapping[str, Any], *, set_by: str) -> int:
    """Make this the scope from the next pass on; returns its version."""
    version = kept_scope(session, org_id).version + 1
    session.execute(insert(SCOPE).values(org_id=org_id, version=version, conditions=dict(conditions), set_by=set_by))
    return version


def scope_applied(session: WriteSession, org_id: str, version: int, *, day: date) -> None:
    """Note that all opportunities have been judged by this scope, as of a day of the org."""
    session.execute(
        update(SCOPE)
        .where(SCOPE.c.org_id == org_id, SCOPE.c.version == version)
        .values(applied_at=func.coalesce(SCOPE.c.applied_at, func.now()), applied_on=day)
    )


def _newest(session: ReadSession, org_id: str, *conditions: ColumnElement[bool]) -> KeptScope:
    row = session.execute(
        select(SCOPE).where(SCOPE.c.org_id == org_id, *conditions).order_by(SCOPE.c.version.desc()).limit(1)
    ).one_or_none()
    if row is None:
        return DEFAULT_SCOPE
    return KeptScope(**{each.name: getattr(row, each.name) for each in fields(KeptScope)})
