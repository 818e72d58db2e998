"""Which records the closure names and the mirror does not hold, asked of the rows a pass touched or of all."""

from collections.abc import Collection, Sequence

from sqlalchemy import text

from models.mirror import MIRRORS
from sync.land.landing import Landing
from sync.scope.catalog import KEY_PREFIXES, OBJECTS

#: What brings a record of an object into the closure by being named: (object that names it, its column).
NAMED_BY: dict[str, tuple[tuple[str, str], ...]] = {
    **{each.name: tuple((name, field.lower()) for name, field in each.named_by) for each in OBJECTS if each.named_by},
    "User": tuple((name, column) for name, mirror in MIRRORS.items() for column in mirror.references_to("User")),
}


def named_ids(landing: Landing, object_name: str, *, among: Collection[str]) -> list[str]:
    """Return the ids of an object that records of the closure name and that this pass must read.

    A pass over everything reads each named record once; another pass reads those that rows it touched name and that
    the mirror does not hold. Ids that the org did not show before are not asked for again.

    Args:
        landing: the pass.
        object_name: the object whose ids are wanted.
        among: the objects whose records may name them; those read since the last question.
    """
    sources = [
        _source(name, [column for each, column in NAMED_BY[object_name] if each == name], landing.everything)
        for name in dict.fromkeys(each for each, _ in NAMED_BY[object_name])
        if name in among
    ]
    if not sources:
        return []
    named = f"SELECT named.id FROM ({' UNION '.join(sources)}) AS named WHERE named.id IS NOT NULL"
    if object_name in KEY_PREFIXES:  # polymorphic columns name other objects too
        named += f" AND left(named.id, 3) = '{KEY_PREFIXES[object_name]}'"
    # Over everything, sets are subtracted: the planner takes a table that was filled a moment ago for an empty one, and
    # an anti-join over it for cheap.
    wanted = (
        f"""
        {named}
        EXCEPT SELECT id FROM pass_seen WHERE object = :object
        EXCEPT SELECT id FROM ops.unresolved
                WHERE org_id = :org_id AND object = :object AND generation = :generation
         ORDER BY 1
        """
        if landing.everything
        else f"""
        SELECT named.id FROM ({named}) AS named
         WHERE NOT EXISTS (SELECT FROM salesforce.{MIRRORS[object_name].name} AS held
                            WHERE held.org_id = :org_id AND held.id = named.id AND held.tombstone IS NULL)
           AND NOT EXISTS (SELECT FROM ops.unresolved AS unresolved
                            WHERE unresolved.org_id = :org_id AND unresolved.object = :object
                              AND unresolved.id = named.id)
         ORDER BY 1
        """
    )
    keys = {"org_id": landing.org_id, "generation": landing.generation, "object": object_name}
    return list(landing.session.execute(text(wanted), keys).scalars())


def referring_ids(landing: Landing, object_name: str) -> dict[str, list[str]]:
    """Return the records whose lookups name a record of this object that this pass buried.

    Salesforce clears such lookups without touching the records that held them, so they must be read again.
    """
    found: dict[str, list[str]] = {}
    for name, mirror in MIRRORS.items():
        columns = mirror.references_to(object_name)
        if not columns:
            continue
        names_it = " OR ".join(f"record.{column} = touched.id" for column in columns)
        ids: Sequence[str] = (
            landing.session.execute(
                text(f"""
                    SELECT DISTINCT record.id FROM pass_touched AS touched
                      JOIN salesforce.{mirror.name} AS record ON {names_it}
                     WHERE touched.object = :object AND touched.gone
                       AND record.org_id = :org_id AND record.tombstone IS NULL
                """),
                {"org_id": landing.org_id, "object": object_name},
            )
            .scalars()
            .all()
        )
        if ids:
            found[name] = list(ids)
    return found


def _source(name: str, columns: Sequence[str], everything: bool) -> str:  # noqa: FBT001 - one caller, above
    """Return SQL for the distinct ids in some columns of an object, found in one scan of it."""
    listed = ", ".join(f"(record.{column})" for column in columns)
    touched = (
        "" if everything else f" JOIN pass_touched AS touched ON touched.object = '{name}' AND touched.id = record.id"
    )
    return (
        f"SELECT DISTINCT named.id FROM closure.{MIRRORS[name].name} AS record{touched},"
        f" LATERAL (VALUES {listed}) AS named (id) WHERE record.org_id = :org_id"
    )
