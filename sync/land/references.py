"""Which records the closure names and the mirror does not hold, asked of the rows a pass touched or of all."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text

from models.mirror import Mirror
from sync.land.landing import Landing, parent_column, seen_ids
from sync.record import Selection
from sync.scope.catalog import KEY_PREFIXES, ClosureObject


def naming_columns(known: ClosureObject, mirrors: Mapping[str, Mirror]) -> dict[str, list[str]]:
    """Return the columns that bring a record of an object into the closure by naming it, by the object that has them.

    A user belongs to the closure when any field of it points at the user.
    """
    if known.name == "User":
        return {name: columns for name, mirror in mirrors.items() if (columns := mirror.references_to("User"))}
    found: dict[str, list[str]] = {}
    for name, field in known.named_by:
        found.setdefault(name, []).append(field.lower())
    return found


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
        _source(landing, name, columns)
        for name, columns in naming_columns(landing.closure[object_name], landing.mirrors).items()
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
        EXCEPT ({seen_ids(landing, object_name)})
        EXCEPT SELECT id FROM ops.unresolved
                WHERE org_id = :org_id AND object = :object AND generation = :generation
         ORDER BY 1
        """
        if landing.everything
        else f"""
        SELECT named.id FROM ({named}) AS named
         WHERE NOT EXISTS (SELECT FROM {landing.mirrors[object_name].records} AS held
                            WHERE held.org_id = :org_id AND held.id = named.id AND held.tombstone IS NULL)
           AND NOT EXISTS (SELECT FROM ops.unresolved AS unresolved
                            WHERE unresolved.org_id = :org_id AND unresolved.object = :object
                              AND unresolved.id = named.id)
         ORDER BY 1
        """
    )
    keys = {"org_id": landing.org_id, "generation": landing.generation, "object": object_name}
    return list(landing.session.execute(text(wanted), keys).scalars())


def referring_ids(
    landing: Landing, object_name: str, selections: Mapping[str, Selection]
) -> dict[str, list[tuple[str, str]]]:
    """Return the records whose lookups name a record of this object that is gone since this pass: (record, named).

    Salesforce clears such lookups without touching the records that held them, so they must be read again. Of an org's
    own lookups those of its own objects are found; those of standard objects come with the daily refresh.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for name, mirror in landing.mirrors.items():
        own = _own_lookups(mirror, selections[name], object_name) if mirror.shared and name in selections else []
        conditions = [
            *(f"record.{column} = touched.id" for column in mirror.references_to(object_name)),
            *(f"record.custom @> jsonb_build_object('{field}', touched.id)" for field in own),
        ]
        if not conditions:
            continue
        # Each lookup by itself, so that each goes by its own index.
        rows = landing.session.execute(
            text(
                " UNION ".join(
                    f"""
                    SELECT record.id, touched.id AS named FROM pass_touched AS touched
                      JOIN {mirror.records} AS record ON record.org_id = :org_id AND {condition}
                     WHERE touched.object = :object AND touched.gone AND record.tombstone IS NULL
                    """
                    for condition in conditions
                )
            ),
            {"org_id": landing.org_id, "object": object_name},
        )
        pairs = [(row.id, row.named) for row in rows]
        if pairs:
            found[name] = pairs
    return found


def _own_lookups(mirror: Mirror, selection: Selection, target: str) -> list[str]:
    return [
        field.name
        for field in selection.fields
        if target in field.reference_to and field.name.lower() not in mirror.fields and field.name.isidentifier()
    ]


def touch_children(landing: Landing, object_name: str, parent_ids: Collection[str]) -> None:
    """Let the children of records that came in count as touched, those too that are as they were.

    What they name, and what hangs on them, may have been let go of while they were outside of the closure.
    """
    held = landing.mirrors[object_name].records
    landing.session.execute(
        text(f"""
            INSERT INTO pass_touched (object, id)
            SELECT :object, held.id FROM {held} AS held
             WHERE held.org_id = :org_id AND held.tombstone IS NULL
               AND held.{parent_column(landing.closure[object_name])} = ANY(:parents)
               AND NOT EXISTS (SELECT FROM pass_touched AS touched
                                WHERE touched.object = :object AND touched.id = held.id)
        """),
        {"org_id": landing.org_id, "object": object_name, "parents": list(parent_ids)},
    )


def _source(landing: Landing, name: str, columns: Sequence[str]) -> str:
    """Return SQL for the distinct ids in some columns of an object, found in one scan of it.

    Of touched records it does not matter whether they are in the closure: asking the views would take as long as the
    store is large, and reading a record too many does no harm.
    """
    listed = ", ".join(f"(record.{column})" for column in columns)
    mirror = landing.mirrors[name]
    if landing.everything:
        source = f"{mirror.closure} AS record"
    else:
        source = (
            f"pass_touched AS touched JOIN {mirror.records} AS record"
            f" ON touched.object = '{name}' AND NOT touched.gone AND touched.id = record.id"
        )
    return (
        f"SELECT DISTINCT named.id FROM {source}, LATERAL (VALUES {listed}) AS named (id) WHERE record.org_id = :org_id"
    )
