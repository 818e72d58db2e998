"""API keys and the secrets that sign cursors and cookies. Keys are shown once; only their hash is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    and_,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from models.mirror import metadata
from models.own_id import new_id
from models.session import ReadSession, WriteSession, seal_of

PREFIX = "baton_"
#: `last_used_at` is this old at most: a busy key shall not write a row with every request
_USE_IS_KEPT_FOR = timedelta(minutes=1)

API_KEY = Table(
    "api_key",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    # the CSM whose deals alone the key shows, by Salesforce user id, user name or e-mail address; null: all deals
    Column("book", Text),
    schema="ops",
)

SECRET = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    schema="ops",
)

#: what the server signs with: cursors of lists, cookies of browsers
_SECRETS = ("cursor", "cookie")

_SHOWN = [column for column in API_KEY.c if column.name != "hash"]


def create_key(
    session: WriteSession,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    book: str | None = None,
) -> str:
    """Make an API key and return it in plain; it cannot be shown again."""
    plain = PREFIX + secrets.token_urlsafe(32)
    session.execute(
        insert(API_KEY).values(
            key_id=new_id(),
            name=name,
            prefix=plain[: len(PREFIX) + 6],
            hash=_hash(plain),
            scopes=list(scopes),
            expires_at=expires_at,
            book=book,
        )
    )
    return plain


def list_keys(session: ReadSession) -> list[dict[str, Any]]:
    """Return every key that was ever made, the oldest first; never its hash."""
    statement = select(*_SHOWN, _is_valid().label("is_valid")).order_by(API_KEY.c.created_at, API_KEY.c.key_id)
    return [dict(row) for row in session.execute(statement).mappings()]


def keys_called(session: ReadSession, called: str) -> list[dict[str, Any]]:
    """Return the valid keys with that id, visible prefix or name."""
    return [
        each
        for each in list_keys(session)
        if each["is_valid"] and called in {str(each["key_id"]), each["prefix"], each["name"]}
    ]


def rotate_key(session: WriteSession, key_id: UUID, *, overlap: timedelta) -> str:
    """Make a key that may do the same and return it in plain; the old one ends after the overlap.

    Between the two, programs move from one to the other without an outage.
    """
    old = session.execute(select(API_KEY).where(API_KEY.c.key_id == key_id)).one()
    ends = func.least(func.coalesce(API_KEY.c.expires_at, text("'infinity'")), func.now() + overlap)
    session.execute(update(API_KEY).where(API_KEY.c.key_id == key_id).values(expires_at=ends))
    return create_key(session, name=old.name, scopes=old.scopes, expires_at=old.expires_at, book=old.book)


def revoke_key(session: WriteSession, key_id: UUID) -> None:
    """Let a key open nothing from now on."""
    session.execute(update(API_KEY).where(API_KEY.c.key_id == key_id).values(revoked_at=func.now()))


def find_key(session: ReadSession, plain: str) -> Row[Any] | None:
    """Return the valid key behind `plain`, or None when it is unknown, expired or revoked.

    `use_is_old` says that `mark_used` is due.
    """
    # A key carries 256 random bits, so one fast hash is as safe as a slow one and costs a microsecond.
    use_is_old = or_(API_KEY.c.last_used_at.is_(None), API_KEY.c.last_used_at < func.now() - _USE_IS_KEPT_FOR)
    columns: list[ColumnElement[Any]] = [*_SHOWN, use_is_old.label("use_is_old")]
    return session.execute(select(*columns).where(API_KEY.c.hash == _hash(plain), _is_valid())).one_or_none()


def mark_used(session: WriteSession, key_id: UUID) -> None:
    """Remember that a key was used just now."""
    session.execute(update(API_KEY).where(API_KEY.c.key_id == key_id).values(last_used_at=func.now()))


def cursor_secret(session: ReadSession) -> bytes:
    """Return the secret that signs paging cursors (made by the first migration of the database)."""
    return secret_called(session, "cursor")


def secret_called(session: ReadSession, name: str) -> bytes:
    """Return one of the store's secrets: `cursor` signs cursors of lists, `cookie` those of browsers."""
    return seal_of(session).open(session.execute(select(SECRET.c.value).where(SECRET.c.name == name)).scalar_one())


def ensure_secrets(session: WriteSession) -> None:
    """Make the secrets that a new database lacks."""
    new = [{"name": name, "value": seal_of(session).close(secrets.token_bytes(32))} for name in _SECRETS]
    session.execute(upsert(SECRET).values(new).on_conflict_do_nothing())


def secrets_are_current(session: ReadSession) -> bool:
    """Whether every secret is there, and sealed with the key in use, or with none where there is none."""
    rows = session.execute(select(SECRET.c.name, SECRET.c.value)).all()
    seal, kept = seal_of(session), {row.name: row.value for row in rows}
    return kept.keys() >= set(_SECRETS) and all(map(seal.is_current, kept.values()))


def seal_secrets(session: WriteSession) -> None:
    """Seal every secret of the store with the key in use, whatever it was sealed with before, and make those that lack.

    Raises:
        SecretSealed: one was sealed with a key that is not configured.
    """
    ensure_secrets(session)
    seal = seal_of(session)
    for name, kept in session.execute(select(SECRET.c.name, SECRET.c.value).with_for_update()).all():
        if not seal.is_current(kept):
            sealed = seal.close(seal.open(kept))
            session.execute(update(SECRET).where(SECRET.c.name == name).values(value=sealed))


def _is_valid() -> ColumnElement[bool]:
    ends = API_KEY.c.expires_at
    return and_(API_KEY.c.revoked_at.is_(None), or_(ends.is_(None), ends > func.now()))


def _hash(plain: str) -> bytes:
    return hashlib.sha256(plain.encode()).digest()
