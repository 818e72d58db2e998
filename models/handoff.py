"""Handoffs: the passing of a deal to CS, owned by people; the sync only opens one when a deal is won."""

from collections.abc import Iterable

from sqlalchemy import Column, DateTime, Table, Text, text

from models.mirror import metadata
from models.session import WriteSession

HANDOFF = Table(
    "handoff",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("deal_id", Text, primary_key=True),
    Column(
        "state", Text, nullable=False, server_default="waiting"
    ),  # waiting | acknowledged | kicked_off | first_value
    Column("waiting_since", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="cs",
)


def open_handoffs(session: WriteSession, org_id: str, deal_ids: Iterable[str]) -> None:
    """Open a handoff for each deal that has none; what people did with an earlier one stays."""
    session.execute(
        text("""
            INSERT INTO cs.handoff (org_id, deal_id)
            SELECT :org_id, unnest(CAST(:ids AS text[])) ON CONFLICT DO NOTHING
        """),
        {"org_id": org_id, "ids": list(deal_ids)},
    )
