"""What CS people write down about a customer; the sync never touches it."""

from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Table, Text, Uuid, insert, text

from models.mirror import metadata
from models.mirror.table import trigrams
from models.own_id import new_id
from models.session import WriteSession

NOTE = Table(
    "note",
    metadata,
    Column("note_id", Uuid, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("deal_id", Text),
    Column("kind", Text, nullable=False),  # note | question
    Column("body", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="cs",
)
Index("note_customer", NOTE.c.org_id, NOTE.c.customer_id, NOTE.c.created_at)
trigrams(NOTE, "body")


def write_note(
    session: WriteSession,
    org_id: str,
    customer_id: str,
    *,
    body: str,
    kind: str,
    author: str,
    deal_id: str | None,
) -> UUID:
    """Keep a note and return its id."""
    note_id = new_id()
    session.execute(
        insert(NOTE).values(
            note_id=note_id, org_id=org_id, customer_id=customer_id, deal_id=deal_id, kind=kind, body=body,
            author=author,
        )
    )  # fmt: skip
    return note_id
