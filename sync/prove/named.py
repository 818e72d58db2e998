"""The ids that the org must be asked for by name, because no condition leads to their records."""

from collections.abc import Mapping

from sqlalchemy import text

from models.mirror import Mirror
from models.session import ReadSession
from sync.land.references import naming_columns
from sync.scope.catalog import KEY_PREFIXES, ClosureObject


def ids_named(session: ReadSession, org_id: str, known: ClosureObject, mirrors: Mapping[str, Mirror]) -> list[str]:
    """Return the ids of an object that records of the closure name, whether the mirror holds them or not."""
    sources = [
        f"SELECT DISTINCT named.id FROM {mirrors[name].closure} AS record,"
        f" LATERAL (VALUES {', '.join(f'(record.{column})' for column in columns)}) AS named (id)"
        " WHERE record.org_id = :org_id"
        for name, columns in naming_columns(known, mirrors).items()
    ]
    if not sources:
        return []
    prefix = KEY_PREFIXES.get(known.name, "")  # polymorphic columns name other objects too
    rows = session.execute(
        text(f"""
            SELECT named.id FROM ({" UNION ".join(sources)}) AS named
             WHERE named.id IS NOT NULL AND starts_with(named.id, :prefix) ORDER BY 1
        """),
        {"org_id": org_id, "prefix": prefix},
    )
    return list(rows.scalars())


def ids_held(session: ReadSession, org_id: str, mirror: Mirror) -> list[str]:
    """Return the ids of the records of an object that are in the closure."""
    statement = text(f"SELECT record.id FROM {mirror.closure} AS record WHERE record.org_id = :org_id ORDER BY 1")
    return list(session.execute(statement, {"org_id": org_id}).scalars())
