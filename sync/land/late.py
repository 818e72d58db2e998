"""Records that became visible late: their stamp lies before what their object had been read up to.

Salesforce stamps a record when a transaction saves it, and shows it when the transaction commits. The overlap of the
windows catches such records; how many there are, and how late they come, says whether the overlap is wide enough.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from sync.land.landing import Landing
from sync.record import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How many records of an object came late in one pass, and by how much the latest of them."""

    rows: int = 0
    most: timedelta = timedelta()

    def __add__(self, more: "Lateness") -> "Lateness":
        """Both together."""
        return Lateness(rows=self.rows + more.rows, most=max(self.most, more.most))


def possibly_late(landing: Landing, object_name: str, records: Records, *, watermark: datetime) -> dict[str, datetime]:
    """Return which of these records are new, or newer than the mirror's copy, although stamped before the watermark.

    To be asked before they are stored; values are their stamps.
    """
    stamps = {
        each["Id"]: stamp
        for each in records
        if (stamp := _stamp(each.get("SystemModstamp"))) is not None and stamp < watermark
    }
    if not stamps:
        return {}
    held = landing.session.execute(
        text(
            f"SELECT id, systemmodstamp FROM {landing.mirrors[object_name].records} AS held"
            " WHERE org_id = :org_id AND id = ANY(:ids) AND tombstone IS NULL"
        ),
        {"org_id": landing.org_id, "ids": list(stamps)},
    )
    known = {row.id for row in held if row.systemmodstamp is None or row.systemmodstamp >= stamps[row.id]}
    return {key: stamp for key, stamp in stamps.items() if key not in known}


def lateness(landing: Landing, object_name: str, stamps: dict[str, datetime], *, watermark: datetime) -> Lateness:
    """Count those of the possibly late records that this pass has stored; others do not belong to the closure."""
    landed = _stored_now(landing, object_name, stamps) if stamps else set()
    return Lateness(rows=len(landed), most=max((watermark - stamps[each] for each in landed), default=timedelta()))


def _stored_now(landing: Landing, object_name: str, ids: Iterable[str]) -> set[str]:
    found = landing.session.execute(
        text(
            f"SELECT id FROM {landing.mirrors[object_name].records} AS held"
            " WHERE org_id = :org_id AND id = ANY(:ids) AND generation = :generation"
        ),
        {"org_id": landing.org_id, "ids": list(ids), "generation": landing.generation},
    )
    return set(found.scalars())


def _stamp(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
