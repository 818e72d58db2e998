"""API keys and the secret that signs cursors. Keys are shown once; only their hash is kept."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, Row, Table, Text, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.dialects.postgresql import insert as upsert

from models.mirror import metadata
from models.session import ReadSession, WriteSession

PREFIX = "baton_"

API_KEY = Table(
    "api_key",
    metadata,
    Column("key_id", UUID(as_uuid=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    schema="ops",
)

SECRET = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    schema="ops",
)


def create_key(session: WriteSession, *, name: str, scopes: Sequence[str], expires_at: datetime | None = None) -> str:
    """Make an API key and return it in plain; it cannot be shown again."""
    plain = PREFIX + secrets.token_urlsafe(32)
    session.execute(
        insert(API_KEY).values(
            key_id=uuid.uuid4(),
            name=name,
            prefix=plain[: len(PREFIX) + 6],
            hash=_hash(plain),
            scopes=list(scopes),
            expires_at=expires_at,
        )
    )
    return plain


def find_key(session: ReadSession, plain: str) -> Row[Any] | None:
    """Return the valid key behind `plain`, or None when it is unknown, expired or revoked."""
    # A key carries 256 random bits, so one fast hash is as safe as a slow one and costs a microsecond.
    return session.execute(
        select(API_KEY).where(
            API_KEY.c.hash == _hash(plain),
            API_KEY.c.revoked_at.is_(None),
            text("(expires_at IS NULL OR expires_at > now())"),
        )
    ).one_or_none()


def cursor_secret(session: ReadSession) -> bytes:
    """Return the secret that signs paging cursors (made by the first migration of the database)."""
    return bytes(session.execute(select(SECRET.c.value).where(SECRET.c.name == "cursor")).scalar_one())


def ensure_secrets(session: WriteSession) -> None:
    """Make the secrets that a new database lacks."""
    statement = upsert(SECRET).values(name="cursor", value=secrets.token_bytes(32))
    session.execute(statement.on_conflict_do_nothing())


def _hash(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()
