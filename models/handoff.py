"""Handoffs: the passing of a deal to CS, owned by people; the sync only opens one when a deal is won."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Table, Text, text

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
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("acknowledged_by", Text),
    Column("acknowledged_version", Integer),  # of the brief
    Column("kickoff_on", Date),
    Column("first_value_on", Date),
    Column("sentiment", Integer),  # 1 to 5
    Column("updated_at", DateTime(timezone=True)),
    Column("updated_by", Text),
    # Won before anybody looked, so that nothing can be said of how soon it could be read.
    Column("was_found", Boolean, nullable=False, server_default=text("false")),
    schema="cs",
)

#: how far a handoff is follows from what is known of it, so the two can't disagree
_STATE = """
    CASE WHEN first_value_on IS NOT NULL THEN 'first_value'
         WHEN kickoff_on IS NOT NULL THEN 'kicked_off'
         WHEN acknowledged_at IS NOT NULL THEN 'acknowledged'
         ELSE 'waiting' END
"""


def open_handoffs(session: WriteSession, org_id: str, deal_ids: Iterable[str], *, found: Collection[str] = ()) -> None:
    """Open a handoff for each deal that has none; what people did with an earlier one stays.

    `found` are those that had been won before anybody looked: a first load finds them, or another scope.
    """
    session.execute(
        text("""
            INSERT INTO cs.handoff (org_id, deal_id, was_found)
            SELECT :org_id, opened.id, opened.id = ANY(:found) FROM unnest(CAST(:ids AS text[])) AS opened (id)
                ON CONFLICT DO NOTHING
        """),
        {"org_id": org_id, "ids": list(deal_ids), "found": list(found)},
    )


def hold_handoff(session: WriteSession, org_id: str, deal_id: str) -> str:
    """Keep everybody else from changing a handoff until the transaction ends; returns its state."""
    open_handoffs(session, org_id, [deal_id])
    return str(
        session.execute(
            text("SELECT state FROM cs.handoff WHERE org_id = :org_id AND deal_id = :deal_id FOR UPDATE"),
            {"org_id": org_id, "deal_id": deal_id},
        ).scalar_one()
    )


def acknowledge(session: WriteSession, org_id: str, deal_id: str, *, by: str, version: int | None) -> bool:
    """Remember that CS has read the brief; who did it first stays. Returns whether this was the first time."""
    values = {"org_id": org_id, "deal_id": deal_id, "by": by, "version": version}
    done = session.execute(
        text("""
            UPDATE cs.handoff
               SET acknowledged_at = now(), acknowledged_by = :by, acknowledged_version = :version,
                   updated_at = now(), updated_by = :by
             WHERE org_id = :org_id AND deal_id = :deal_id AND acknowledged_at IS NULL
        """),
        values,
    )
    _settle_state(session, org_id, deal_id)
    return done.rowcount == 1


def set_milestones(
    session: WriteSession, org_id: str, deal_id: str, changes: Mapping[str, date | int | None], *, by: str
) -> str:
    """Change what CS knows of a handoff (`kickoff_on`, `first_value_on`, `sentiment`) and return its state."""
    known = {"kickoff_on", "first_value_on", "sentiment"}
    if not changes.keys() <= known:
        raise ValueError(f"not of a handoff: {sorted(changes.keys() - known)}")
    values: dict[str, Any] = {**changes, "org_id": org_id, "deal_id": deal_id, "by": by}
    assigned = "".join(f"{name} = :{name}, " for name in changes)
    session.execute(
        text(f"""
            UPDATE cs.handoff SET {assigned} updated_at = now(), updated_by = :by
             WHERE org_id = :org_id AND deal_id = :deal_id
        """),  # noqa: S608 - the names are those above
        values,
    )
    return _settle_state(session, org_id, deal_id)


def _settle_state(session: WriteSession, org_id: str, deal_id: str) -> str:
    statement = f"UPDATE cs.handoff SET state = {_STATE} WHERE org_id = :org_id AND deal_id = :deal_id RETURNING state"  # noqa: S608 - a constant
    return str(session.execute(text(statement), {"org_id": org_id, "deal_id": deal_id}).scalar_one())
