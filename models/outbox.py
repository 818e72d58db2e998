"""The outbox: events written in the transaction that causes them, delivered later, neither lost nor doubled."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table, Text, insert, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from models.mirror import metadata
from models.session import WriteSession

#: what can happen, and what it means
TYPES = {
    "deal.won": "a deal came in",
    "deal.updated": "its brief says something new",
    "deal.unwon": "it left, for the `reason`",
    "handoff.acknowledged": "CS has read the brief",
    "handoff.kicked_off": "the day of the kickoff is known",
    "handoff.first_value": "the customer has had a first success",
    "renewal.upcoming": "a term that nobody has renewed yet is due in 90, 60 or 30 days",
    "renewal.restated": "a term that had ended one way has ended another way, by what we know now",
    "brief.gap_asked": "CS asks sales to close a gap",
}

EVENT = Table(
    "event",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID(as_uuid=True), nullable=False, server_default=text("gen_random_uuid()")),
    Column("org_id", Text, nullable=False),
    Column("type", Text, nullable=False),  # one of TYPES
    Column("deal_id", Text, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("data", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    schema="cs",
)


def announce(
    session: WriteSession, org_id: str, events: Iterable[tuple[str, str, Mapping[str, Any]]], *, generation: int
) -> int:
    """Write events (type, deal id, data) and return how many.

    Their numbers grow in the order in which transactions commit, so who has read up to one has missed none before it:
    until the transaction ends no other one announces. It is to be the last thing that a transaction does.
    """
    rows = [
        {"org_id": org_id, "type": kind, "deal_id": deal_id, "generation": generation, "data": dict(data)}
        for kind, deal_id, data in events
    ]
    if rows:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('baton outbox', 0))"))
        session.execute(insert(EVENT), rows)
    return len(rows)
