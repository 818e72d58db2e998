"""Answers getUpdated and getDeleted: which records changed or went in a window of time, and how sure that is.

REST guide: seconds are ignored; the window must be a minute at least; the answer's latestDateCovered is held back
below transactions that are still open, because they will commit records with older stamps.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault
from demo_org.store.values import stamp_of, stamp_text

if TYPE_CHECKING:
    from demo_org.store.org import Org

UPDATED_REACH = timedelta(days=30)
DELETED_REACH = timedelta(days=15)
ID_LIMIT = 600_000


def to_minute(instant: datetime) -> datetime:
    """The instant with its seconds cut off, as the replication calls read every time they are given."""
    return instant.astimezone(UTC).replace(second=0, microsecond=0)


def updated_ids(org: "Org", object_name: str, start: datetime, end: datetime) -> tuple[list[str], datetime]:
    """Ids of live records stamped in [start, end), oldest change first, and latestDateCovered."""
    described = _replicateable(org, object_name)
    first, last = _window(org, start, end)
    covered = _covered(org, last)
    stamp = watermark_field(described)
    live = " AND IsDeleted = 0" if "IsDeleted" in org.catalog.stored_object(described.name).fields else ""
    with org.reading() as connection:
        rows = connection.execute(
            f'SELECT Id FROM "{described.name}" WHERE {stamp} >= ? AND {stamp} < ?{live} '  # noqa: S608 - names come from the catalogue
            f"ORDER BY {stamp}, Id LIMIT {ID_LIMIT + 1}",
            (stamp_text(first), stamp_text(last)),
        ).fetchall()
    _check_count(rows)
    return [row[0] for row in rows], covered


def deleted_ids(
    org: "Org", object_name: str, start: datetime, end: datetime
) -> tuple[list[tuple[str, datetime]], datetime, datetime]:
    """(id, deleted at) of [start, end), earliestDateAvailable and latestDateCovered."""
    described = _replicateable(org, object_name)
    first, last = _window(org, start, end)
    covered = _covered(org, last)
    earliest = earliest_available(org)
    with org.reading() as connection:
        rows = connection.execute(
            "SELECT id, deleted_at FROM _deleted_log WHERE object = ? AND deleted_at >= ? AND deleted_at < ? "
            "ORDER BY deleted_at, id LIMIT ?",
            (described.name, stamp_text(max(first, earliest)), stamp_text(last), ID_LIMIT + 1),
        ).fetchall()
    _check_count(rows)
    return [(record_id, stamp_of(text)) for record_id, text in rows], earliest, covered


def watermark_field(described: ObjectType) -> str:
    """The field a replication goes by: SystemModstamp where the object has one."""
    return next(name for name in ("SystemModstamp", "LastModifiedDate", "CreatedDate") if name in described.fields)


def earliest_available(org: "Org") -> datetime:
    """How far back the log of deletions reaches: 15 days, or less after it was trimmed."""
    reach = to_minute(org.clock.now() - DELETED_REACH)
    trimmed = org.remember("deleted_log_from")
    return reach if trimmed is None else max(reach, stamp_of(trimmed))


def trim_deleted_log(org: "Org", before: datetime) -> None:
    """Forget deletions older than the instant, as Salesforce does when the log grows over its limit."""
    with org.writing() as connection:
        connection.execute("DELETE FROM _deleted_log WHERE deleted_at < ?", (stamp_text(before),))
        org.keep("deleted_log_from", stamp_text(to_minute(before)))


def _replicateable(org: "Org", object_name: str) -> ObjectType:
    described = org.catalog.object(object_name)
    if not described.replicateable:
        message = f"entity type {described.name} is not replicateable"
        raise SalesforceFault(400, "INVALID_TYPE_FOR_OPERATION", message)
    return described


def _window(org: "Org", start: datetime, end: datetime) -> tuple[datetime, datetime]:
    first, last, now = to_minute(start), to_minute(end), org.clock.now()
    if last - first < timedelta(minutes=1):
        raise _bad_window("endDate must be at least one minute greater than startDate")
    if first > now:
        raise _bad_window("startDate cannot be in the future")
    if first < to_minute(now) - UPDATED_REACH:
        raise _bad_window("startDate cannot be more than 30 days ago")
    return first, last


def _covered(org: "Org", last: datetime) -> datetime:
    # Read before the rows: whatever commits in between is repeated by the next window instead of lost.
    oldest = org.oldest_open()
    present = org.clock.now()
    return to_minute(min(last, present, oldest if oldest is not None else present))


def _bad_window(message: str) -> SalesforceFault:
    return SalesforceFault(400, "INVALID_REPLICATION_DATE", message)


def _check_count(rows: list[tuple[str, ...]]) -> None:
    if len(rows) > ID_LIMIT:
        message = f"Too many ids for one answer ({ID_LIMIT}); ask for a shorter window"
        raise SalesforceFault(400, "EXCEEDED_ID_LIMIT", message)
