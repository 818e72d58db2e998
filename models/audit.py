"""Who did what: one row per brief that was shown and per person who signed in, for whoever is asked about it later."""

from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text, Uuid, insert, text

from models.mirror import metadata
from models.own_id import new_id
from models.session import WriteSession

AUDIT = Table(
    "audit",
    metadata,
    Column("audit_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("who", Text, nullable=False),  # the name of the key, or of the person
    Column("key_id", Uuid),
    Column("act", Text, nullable=False),  # brief_viewed, signed_in, contact_erased
    Column("org_id", Text),
    Column("deal_id", Text),
    Column("version", Integer),
    Column("format", Text),
    Column("request_id", Text),
    Column("record_id", Text),  # what it is about, where it is about no deal
    schema="ops",
)
Index("audit_deal", AUDIT.c.org_id, AUDIT.c.deal_id, AUDIT.c.at)


def brief_viewed(
    session: WriteSession,
    *,
    who: str,
    key_id: UUID | None,
    org_id: str,
    deal_id: str,
    version: int,
    form: str,
    request_id: str | None,
) -> None:
    """Remember that somebody was shown a brief."""
    session.execute(
        insert(AUDIT).values(
            audit_id=new_id(), who=who, key_id=key_id, act="brief_viewed", org_id=org_id, deal_id=deal_id,
            version=version, format=form, request_id=request_id,
        )
    )  # fmt: skip


def signed_in(session: WriteSession, *, who: str, request_id: str | None) -> None:
    """Remember that a person signed in."""
    session.execute(insert(AUDIT).values(audit_id=new_id(), who=who, act="signed_in", request_id=request_id))


def contact_erased(
    session: WriteSession, *, who: str, key_id: UUID | None, org_id: str, contact_id: str, request_id: str | None
) -> None:
    """Remember that a person at a customer was erased; their name is not."""
    session.execute(
        insert(AUDIT).values(
            audit_id=new_id(), who=who, key_id=key_id, act="contact_erased", org_id=org_id, record_id=contact_id,
            request_id=request_id,
        )
    )  # fmt: skip
