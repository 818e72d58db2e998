"""Lookups that a deletion has cleared: an undelete restores them without a stamp, so who held them is remembered."""

from collections.abc import Iterable

from sqlalchemy import Column, Table, Text, text

from models.mirror import metadata
from models.session import WriteSession

CLEARED_LOOKUP = Table(
    "cleared_lookup",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("target", Text, primary_key=True),  # the record that is gone
    Column("object", Text, primary_key=True),
    Column("id", Text, primary_key=True),  # the record that named it
    schema="ops",
)


def lookups_cleared(session: WriteSession, org_id: str, object_name: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Remember the records of an object that named what is gone: (record, what it named)."""
    listed = list(pairs)
    session.execute(
        text("""
            INSERT INTO ops.cleared_lookup (org_id, target, object, id)
            SELECT :org_id, pair.target, :object, pair.id
              FROM unnest(CAST(:ids AS text[]), CAST(:targets AS text[])) AS pair (id, target)
                ON CONFLICT DO NOTHING
        """),
        {
            "org_id": org_id,
            "object": object_name,
            "ids": [record for record, _ in listed],
            "targets": [target for _, target in listed],
        },
    )


def lookups_restored(session: WriteSession, org_id: str) -> dict[str, list[str]]:
    """Return the records, by object, that named what has come back in this pass, and forget about them."""
    rows = session.execute(
        text("""
            DELETE FROM ops.cleared_lookup AS cleared USING pass_touched AS touched
             WHERE cleared.org_id = :org_id AND touched.id = cleared.target AND NOT touched.gone
            RETURNING cleared.object, cleared.id
        """),
        {"org_id": org_id},
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.object, []).append(row.id)
    return found
