"""The ids that came from the org against those of the closure: checksums first, single ids where these differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text

from models.session import ReadSession
from sync.prove.held import Held
from sync.prove.spans import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How many records one side has, and a checksum over their ids and stamps."""

    rows: int
    checksum: int | None


@dataclass(slots=True, kw_only=True)
class Suspects:
    """The records of one object in which store and org seem to differ."""

    #: the org has it, the closure does not
    missing: set[str] = field(default_factory=set)
    #: the closure has it, the org did not show it
    extra: set[str] = field(default_factory=set)
    #: both have it, in different versions
    changed: set[str] = field(default_factory=set)

    @property
    def ids(self) -> set[str]:
        """All of them."""
        return self.missing | self.extra | self.changed


# The same text from both sides, so that the same records give the same number, in whatever order they come.
_CHECKSUM = "bit_xor(hashtextextended(id || ' ' || coalesce(extract(epoch FROM stamp)::text, ''), 0))"


def compared(session: ReadSession, org_id: str, held: Held, spans: Sequence[Span]) -> tuple[Side, Suspects]:
    """Compare some spans of an object; returns what the store has there and where the two sides differ."""
    ours, theirs = _side(session, org_id, _of_store(held, spans)), _side(session, org_id, _of_org(held))
    if ours == theirs:
        return ours, Suspects()
    rows = session.execute(
        text(f"""
            SELECT coalesce(ours.id, theirs.id) AS id, ours.id IS NULL AS missing, theirs.id IS NULL AS extra
              FROM ({_of_store(held, spans)}) AS ours FULL JOIN ({_of_org(held)}) AS theirs ON theirs.id = ours.id
             WHERE ours.id IS NULL OR theirs.id IS NULL OR ours.stamp IS DISTINCT FROM theirs.stamp
        """),
        {"org_id": org_id},
    )
    found = Suspects()
    for row in rows:
        group = found.missing if row.missing else found.extra if row.extra else found.changed
        group.add(row.id)
    if held.known.kept:
        found.extra.clear()
    return ours, found


def stamps_held(session: ReadSession, org_id: str, held: Held, ids: Sequence[str]) -> dict[str, datetime | None]:
    """Return which of these records the closure has, each with the stamp of our copy."""
    rows = session.execute(
        text(
            f"SELECT record.id, {held.stamp_column} AS stamp FROM {held.source}"
            " WHERE record.org_id = :org_id AND record.id = ANY(:ids)"
        ),
        {"org_id": org_id, "ids": list(ids)},
    )
    return {row.id: row.stamp for row in rows}


def rows_held(session: ReadSession, org_id: str, helds: Mapping[str, Held]) -> dict[str, int]:
    """Count the records of the closure, by object."""
    return {
        name: int(
            session.execute(
                text(f"SELECT count(*) FROM {held.source} WHERE record.org_id = :org_id"), {"org_id": org_id}
            ).scalar_one()
        )
        for name, held in helds.items()
    }


def _side(session: ReadSession, org_id: str, records: str) -> Side:
    row = session.execute(
        text(f"SELECT count(*) AS counted, {_CHECKSUM} AS checksum FROM ({records}) AS side"), {"org_id": org_id}
    ).one()
    return Side(rows=row.counted, checksum=row.checksum)


def _of_store(held: Held, spans: Sequence[Span]) -> str:
    within = " OR ".join(f"({held.within(span)})" for span in spans) or "false"
    return (
        f"SELECT record.id, {held.stamp_column} AS stamp FROM {held.source}"
        f" WHERE record.org_id = :org_id AND ({within})"
    )


def _of_org(held: Held) -> str:
    # Two ways may lead to a record, which then came twice.
    return f"SELECT id, max(stamp) AS stamp FROM proof_seen WHERE object = '{held.name}' GROUP BY id"
