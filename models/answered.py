"""Writes that were answered, by the key their client gave them: the same one sent again gets the same answer."""

from dataclasses import dataclass

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text, insert, select, text

from models.mirror import metadata
from models.session import WriteSession

ANSWERED_REQUEST = Table(
    "answered_request",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),  # of path and body: whether it is the same request
    Column("status", Integer, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("answered_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="ops",
)
Index("answered_request_age", ANSWERED_REQUEST.c.answered_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer that a request got."""

    fingerprint: bytes
    status: int
    answer: bytes


def hold_key(session: WriteSession, caller: str, key: str) -> bool:
    """Take a key until the transaction ends; false while another request with it is in flight."""
    statement = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 1))")
    return bool(session.execute(statement, {"name": f"{caller} {key}"}).scalar_one())


def find_answer(session: WriteSession, caller: str, key: str) -> Answered | None:
    """Return what a request with this key was answered within a day."""
    table = ANSWERED_REQUEST.c
    row = session.execute(
        select(table.fingerprint, table.status, table.answer).where(
            table.caller == caller, table.key == key, text("answered_at > now() - interval '1 day'")
        )
    ).one_or_none()
    if row is None:
        return None
    return Answered(fingerprint=bytes(row.fingerprint), status=row.status, answer=bytes(row.answer))


def keep_answer(session: WriteSession, caller: str, key: str, answered: Answered) -> None:
    """Remember an answer for a day, and forget older ones."""
    session.execute(text("DELETE FROM ops.answered_request WHERE answered_at <= now() - interval '1 day'"))
    session.execute(
        insert(ANSWERED_REQUEST).values(
            caller=caller,
            key=key,
            fingerprint=answered.fingerprint,
            status=answered.status,
            answer=answered.answer,
        )
    )
