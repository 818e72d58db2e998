"""Complete readings that wait in staging tables enter the mirror, and tell what they did not come across."""

from sqlalchemy import text

from models import scope
from models.bulk_job import BulkRow
from models.errors import RowExists
from models.session import savepoint
from models.upsert import StagedField, fill, merge
from sync.errors import ResultTruncated
from sync.land.landing import Landing, seen_ids
from sync.land.staging import rows_waiting, waiting


def merge_reading(landing: Landing, row: BulkRow) -> None:
    """Write what a complete reading brought and what is newer than the mirror's copy.

    It counts as old as it is: what passes have written since its job was created stays, tombstones too.

    Raises:
        ResultTruncated: what waits is not what was downloaded; nothing of it may be used.
    """
    name, staged = row.object_name, waiting(row.staging)
    rows = rows_waiting(landing.session, row.staging)
    if rows != row.rows_landed:
        raise ResultTruncated(object_name=name, expected=row.rows_landed, got=rows or 0)
    landing.readings[name].append(row)
    count = landing.counts[name]
    count.rows_read += rows
    if not rows:
        return
    landing.forget(landing.mirrors[name], staged, staged_fields_of(row))
    # Rows that are not noted bring nothing along: only a pass over everything asks for what all records name.
    is_first = landing.everything and landing.is_empty(name)
    written, grown = _filled(landing, row) if is_first else _merged(landing, row)
    count.rows_written += written
    count.grown += grown
    landing.measure_grown(name)
    scope.resolved(landing.session, landing.org_id, name, by=staged)


def unseen(landing: Landing, object_name: str) -> list[str]:
    """Return the records of the closure that complete readings did not come across.

    Records that a pass has written since the readings began are none of them.
    """
    if object_name in landing.filled:
        return []
    oldest = min((row.generation for row in landing.readings[object_name]), default=landing.generation)
    held = text(f"""
        SELECT id FROM {landing.mirrors[object_name].closure} AS held
         WHERE org_id = :org_id AND generation < :generation {landing.not_purged(landing.closure[object_name])}
        EXCEPT ({seen_ids(landing, object_name)})
    """)
    values = {**landing.keys(), "generation": oldest, "object": object_name}
    return list(landing.session.execute(held, values).scalars())


def staged_fields_of(row: BulkRow) -> list[StagedField]:
    """Return the fields that wait in a reading's table."""
    return [StagedField(name=name, type=kind) for name, kind in row.fields]


def _filled(landing: Landing, row: BulkRow) -> tuple[int, int]:
    """Write a first reading without comparing; returns how many rows were written, and how many of them live."""
    statement = fill(landing.mirrors[row.object_name], staged_fields_of(row), staged=waiting(row.staging))
    try:
        with savepoint(landing.session):
            written, living = landing.session.execute(text(statement), _keys(landing, row)).one()
    except RowExists:
        return _merged(landing, row)
    landing.filled.add(row.object_name)
    return written, living


def _merged(landing: Landing, row: BulkRow) -> tuple[int, int]:
    """Write what differs. A job delivers each record once; should it not, sorting what waits puts it right."""
    mirror, fields = landing.mirrors[row.object_name], staged_fields_of(row)
    try:
        with savepoint(landing.session):
            statement = merge(mirror, fields, unique=True, staged=waiting(row.staging))
            inserted, updated, grown = landing.session.execute(text(statement), _keys(landing, row)).one()
    except RowExists:
        statement = merge(mirror, fields, unique=False, staged=waiting(row.staging))
        inserted, updated, grown = landing.session.execute(text(statement), _keys(landing, row)).one()
    return inserted + updated, grown


def _keys(landing: Landing, row: BulkRow) -> dict[str, object]:
    return {"org_id": landing.org_id, "generation": row.generation}
