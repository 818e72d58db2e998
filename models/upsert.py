"""The one way records enter the mirror: a newer copy is never overwritten, an equal one costs nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.known_again import ADDRESS, TEXT_OF_VALUE, addresses, hash_of, is_hash_of_erased, without_erased
from models.mirror import Kind, Mirror
from models.mirror.custom import PARENT_COLUMN
from models.personal import ADDRESSES, ALONE, BY_OBJECT, NAMING_IN_OWN_FIELDS, OF_MESSAGES_TO, emptied

_CUSTOM_CASTS = {
    "boolean": Kind.BOOLEAN,
    "int": Kind.NUMBER,
    "long": Kind.NUMBER,
    "double": Kind.NUMBER,
    "currency": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "datetime": Kind.INSTANT,
}
"""Field types (as describe names them) whose JSON form in `custom` is not a string of what was sent."""

_PAIRS_PER_OBJECT = 45  # jsonb_build_object takes at most 100 arguments

_WAITING = {kind: "numeric" if kind is Kind.INTEGER else "text" for kind in Kind} | {
    Kind.BOOLEAN: "boolean",
    Kind.NUMBER: "numeric",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamptz",
}
"""Column types of persistent staging: a value that is none of its kind is refused with its page, before any merge.

Integers wait as numbers, since 47.0 is a valid integer on Salesforce's wire.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedField:
    """One field of a staging table: its API name and its Salesforce type."""

    name: str
    type: str


def staging_table(object_name: str) -> str:
    """Return the name of the temporary table in which copies of an object's records arrive, as text."""
    return f"staging_{object_name.lower()}"


def create_staging(object_name: str, fields: Sequence[StagedField]) -> str:
    """Return SQL that makes the staging table: one text column per field, gone with the transaction."""
    columns = ", ".join(f"{quoted(field.name.lower())} text" for field in fields)
    return f"CREATE TEMP TABLE IF NOT EXISTS {staging_table(object_name)} ({columns}) ON COMMIT DROP"


def create_waiting(table: str, mirror: Mirror, fields: Sequence[StagedField]) -> str:
    """Return SQL that makes a staging table which outlives its transaction, for pages that land one by one.

    It is not logged: what it holds can be downloaded again, and a crash of the database only empties it.
    """
    columns = []
    for field in fields:
        known = mirror.fields.get(field.name.lower())
        kind = known.kind if known is not None else _CUSTOM_CASTS.get(field.type, Kind.TEXT)
        columns.append(f"{quoted(field.name.lower())} {_WAITING[kind]}")
    return f"CREATE UNLOGGED TABLE staging.{quoted(table)} ({', '.join(columns)})"


def merge(
    mirror: Mirror,
    fields: Sequence[StagedField],
    *,
    relevant: str = "true",
    unique: bool = False,
    staged: str | None = None,
) -> str:
    """Return SQL that casts what is staged and writes what is newer than, or differs from, the mirror's copy.

    Of several staged copies of a record the newest counts. A copy is newer when its SystemModstamp is, or when it
    is as old but was read by a later pass (formula fields move without a modstamp). A tombstone that a later pass has
    set stays. Unchanged records are filtered out before the INSERT, because ON CONFLICT would lock every row it looks
    at.

    Args:
        mirror: the mirror of the object that is staged.
        fields: the staged fields. Fields that are not staged keep what they held: never a silent NULL.
        relevant: SQL condition over `fresh` (the new copy); rows that fail it land only when already known.
        unique: whether no record is staged twice; it spares the database a sort of all that is staged.
        staged: the table with the copies, when it is not the temporary one of this transaction.

    Parameters of the statement: org_id, generation. It returns one row: inserted, updated, and by how many
    living records the mirror grew. The deals and accounts that a record no longer hangs on are noted in `pass_left`:
    what they show has changed, too.
    """
    read = _read(mirror, fields)
    columns = [column for column in read if column != "custom"]
    custom = _custom(mirror, fields)
    stamp = "s.systemmodstamp::timestamptz" if "systemmodstamp" in columns else "NULL::timestamptz"
    compared = " OR ".join(
        [f"known.{quoted(column)} IS DISTINCT FROM fresh.{quoted(column)}" for column in columns]
        + [f"(known.custom - {_keys(custom)}) || fresh.custom IS DISTINCT FROM known.custom" if custom else "false"]
    )
    gone = "CASE WHEN fresh.isdeleted THEN 'recycle_bin' END" if "isdeleted" in columns else "NULL"
    updates = ", ".join(
        [f"{quoted(column)} = excluded.{quoted(column)}" for column in columns]
        + ([f"custom = (known.custom - {_keys(custom)}) || excluded.custom"] if custom else [])
        + ["generation = excluded.generation", "tombstone = excluded.tombstone", "landed_at = now()"]
    )
    newer = _not_older(mirror)
    left = _left_behind(mirror, columns)
    return f"""
        WITH fresh AS (
            SELECT {"" if unique else "DISTINCT ON (s.id)"} s.id,
                   {", ".join(f"{expression} AS {quoted(column)}" for column, expression in read.items())}
              FROM {staged or staging_table(mirror.object_name)} AS s
             WHERE s.id IS NOT NULL
             {"" if unique else f"ORDER BY s.id, {stamp} DESC NULLS LAST"}
        ), changed AS (
            SELECT fresh.*, (known.id IS NOT NULL AND known.tombstone IS NULL)::int AS lived, {left} AS left_behind
              FROM fresh
              LEFT JOIN salesforce.{mirror.name} AS known ON known.org_id = :org_id AND known.id = fresh.id
             WHERE (known.id IS NULL AND ({relevant}))
                OR (known.id IS NOT NULL AND {newer.format(new="fresh", generation=":generation")}
                    AND (known.tombstone IS DISTINCT FROM {gone} OR {compared}))
        ), written AS (
            INSERT INTO salesforce.{mirror.name} AS known ({_listed(read)})
            SELECT :org_id, fresh.id, {", ".join(f"fresh.{quoted(column)}" for column in read)}, :generation, {gone}
              FROM changed AS fresh
                ON CONFLICT (org_id, id) DO UPDATE SET {updates}
             WHERE {newer.format(new="excluded", generation="excluded.generation")}
            RETURNING id, (xmax = 0) AS inserted, (tombstone IS NULL)::int AS lives
        ), noted AS (
            INSERT INTO pass_touched (object, id, gone) SELECT '{mirror.object_name}', id, lives = 0 FROM written
        ), noted_left AS (
            INSERT INTO pass_left (id)
            SELECT DISTINCT parent FROM changed, unnest(changed.left_behind) AS parent WHERE parent IS NOT NULL
        )
        SELECT count(*) FILTER (WHERE inserted), count(*) FILTER (WHERE NOT inserted), coalesce(sum(lives - lived), 0)
          FROM written JOIN changed USING (id)
    """


def _left_behind(mirror: Mirror, columns: Sequence[str]) -> str:
    """Return SQL for the deals and accounts that the known copy named and the new one does not name in their place."""
    parents = [
        column
        for column in columns
        if column in mirror.fields and {"Opportunity", "Account"} & set(mirror.fields[column].reference_to)
    ]
    if not parents:
        return "NULL::text[]"
    former = ", ".join(
        f"CASE WHEN known.{quoted(column)} IS DISTINCT FROM fresh.{quoted(column)} THEN known.{quoted(column)} END"
        for column in parents
    )
    return f"ARRAY[{former}]::text[]"


def fill(mirror: Mirror, fields: Sequence[StagedField], *, staged: str) -> str:
    """Return SQL that writes all that is staged into a mirror which holds no record of this object and org yet.

    There is nothing to compare with, so it compares nothing, and it takes no note of single records. A record that is
    staged twice breaks it.

    Parameters of the statement: org_id, generation. It returns one row: inserted, and how many of them live.
    """
    read = _read(mirror, fields)
    gone = "CASE WHEN s.isdeleted THEN 'recycle_bin' END" if "isdeleted" in read else "NULL"
    return f"""
        WITH written AS (
            INSERT INTO salesforce.{mirror.name} ({_listed(read)})
            SELECT :org_id, s.id, {", ".join(read.values())}, :generation, {gone}
              FROM {staged} AS s
             WHERE s.id IS NOT NULL
            RETURNING tombstone
        )
        SELECT count(*), count(*) FILTER (WHERE tombstone IS NULL) FROM written
    """


def quoted(name: str) -> str:
    """Quote an identifier; colons are refused since the statement is run with named parameters."""
    if '"' in name or ":" in name or "\x00" in name:
        raise ValueError(f"not a field name: {name!r}")
    return f'"{name}"'


def _read(mirror: Mirror, fields: Sequence[StagedField]) -> dict[str, str]:
    """Return what is read of a staged row `s`: column of the mirror -> SQL, `custom` last."""
    columns = [field.name.lower() for field in fields if field.name.lower() in mirror.fields]
    read = {column: mirror.fields[column].kind.cast(f"s.{quoted(column)}") for column in columns}
    if mirror.shared:
        read["object"] = f"'{mirror.object_name}'"
        if mirror.parent_source in {field.name for field in fields}:
            read[PARENT_COLUMN] = f"s.{quoted(str(mirror.parent_source).lower())}"
    return {**read, "custom": _custom_object(_custom(mirror, fields))}


def _custom(mirror: Mirror, fields: Sequence[StagedField]) -> list[StagedField]:
    return [field for field in fields if field.name.lower() not in mirror.fields and field.name != "Id"]


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(["org_id", "id", *map(quoted, columns), "generation", "tombstone"])


def _not_older(mirror: Mirror) -> str:
    stays = "(known.tombstone IS NULL OR known.generation <= {generation})"
    if "systemmodstamp" not in mirror.fields:
        return "known.generation <= {generation}"
    return (
        "(coalesce(known.systemmodstamp, '-infinity'), known.generation)"
        f" <= (coalesce({{new}}.systemmodstamp, '-infinity'), {{generation}}) AND {stays}"
    )


def _custom_object(custom: Sequence[StagedField]) -> str:
    if not custom:
        return "'{}'::jsonb"
    pairs = [f"'{field.name}', {_custom_value(field)}" for field in custom if quoted(field.name)]
    groups = [pairs[start : start + _PAIRS_PER_OBJECT] for start in range(0, len(pairs), _PAIRS_PER_OBJECT)]
    built = " || ".join(f"jsonb_build_object({', '.join(group)})" for group in groups)
    # Most records fill none or few of them, and building an object of nothing costs as much as one of values.
    columns = [f"s.{quoted(field.name.lower())}" for field in custom]
    empty = " AND ".join(
        f"num_nonnulls({', '.join(columns[start : start + _PAIRS_PER_OBJECT])}) = 0"
        for start in range(0, len(columns), _PAIRS_PER_OBJECT)
    )
    return f"CASE WHEN {empty} THEN '{{}}'::jsonb ELSE jsonb_strip_nulls({built}) END"


def _custom_value(field: StagedField) -> str:
    return f"to_jsonb({_CUSTOM_CASTS.get(field.type, Kind.TEXT).cast('s.' + quoted(field.name.lower()))})"


def _keys(custom: Sequence[StagedField]) -> str:
    return "ARRAY[" + ", ".join(f"'{field.name}'" for field in custom) + "]"


def bury(mirror: Mirror) -> str:
    """Return SQL that turns records into tombstones; it returns the ids that were none before.

    Parameters of the statement: org_id, generation, ids, and how we know that the records are gone.
    """
    return f"""
        WITH gone AS (
            UPDATE salesforce.{mirror.name}
               SET tombstone = :how, generation = :generation, landed_at = now()
             WHERE org_id = :org_id AND id = ANY(:ids) AND tombstone IS NULL
            RETURNING id
        ), noted AS (
            INSERT INTO pass_touched (object, id, gone) SELECT '{mirror.object_name}', id, true FROM gone
        )
        SELECT id FROM gone
    """


def forget(mirror: Mirror) -> str:
    """Return SQL that removes records which are outside of the closure and which this pass did not come across.

    Their object was read whole, so a change of them before this pass is in no later window: when they come back, they
    must be read, not taken as they were. Parameters of the statement: org_id, object.
    """
    own = " AND held.object = :object" if mirror.shared else ""
    return f"""
        DELETE FROM salesforce.{mirror.name} AS held
         USING (SELECT id FROM {mirror.records} AS record WHERE record.org_id = :org_id AND record.tombstone IS NULL
                EXCEPT SELECT id FROM pass_seen WHERE object = :object
                EXCEPT SELECT id FROM {mirror.closure} AS shown WHERE shown.org_id = :org_id) AS unread
         WHERE held.org_id = :org_id AND held.id = unread.id{own}
    """


def distrust(mirror: Mirror) -> str:
    """Return SQL that forgets the versions of records, so that the next copy wins whatever its stamp says.

    Parameters of the statement: org_id and ids.
    """
    return f"""
        UPDATE salesforce.{mirror.name} SET systemmodstamp = NULL, generation = 0
         WHERE org_id = :org_id AND id = ANY(:ids)
    """


def set_stale_aside(mirror: Mirror) -> str:
    """Return SQL that takes copies out of the staging table unless the mirror has the very same version of them.

    It returns the ids of living records that the mirror has in another version. Parameters of the statement: org_id.
    """
    return f"""
        WITH stale AS (
            DELETE FROM {staging_table(mirror.object_name)} AS s
             WHERE NOT EXISTS (
                   SELECT FROM salesforce.{mirror.name} AS known
                    WHERE known.org_id = :org_id AND known.id = s.id AND known.tombstone IS NULL
                      AND known.systemmodstamp = s.systemmodstamp::timestamptz)
            RETURNING s.id
        )
        SELECT stale.id FROM stale
          JOIN salesforce.{mirror.name} AS known ON known.org_id = :org_id AND known.id = stale.id
         WHERE known.tombstone IS NULL
         ORDER BY 1
    """


def forget_persons(mirror: Mirror, *, staged: Mapping[str, str] | None = None, table: str = "") -> list[str]:
    """Return SQL that takes out of records what is about people who were erased.

    Either of copies that are staged in `table` (`staged`: their columns, each with the Salesforce type of its field),
    before they are compared with the mirror; so a proof, which compares in the same way, finds no difference. Or of
    the mirror itself. Stamps and generations stay, so the records go on being equal to the org's.

    Parameters of the statements: org_id.
    """
    columns = list(mirror.fields) if staged is None else list(staged)
    target = f"salesforce.{mirror.name}" if staged is None else table
    here = "record.org_id = :org_id AND " if staged is None else ""
    statements = []
    personal = BY_OBJECT.get(mirror.object_name)
    lost = [f"{quoted(column)} = NULL" for column in emptied(mirror, columns)]
    if staged is None and personal is not None and personal.custom:
        lost.append("custom = '{}'::jsonb")
    if personal is not None and lost:
        if personal.names in {*columns, "id"}:
            theirs = f"record.{personal.names} = gone.contact_id"
        else:
            theirs = (
                f"EXISTS (SELECT FROM salesforce.{mirror.name} AS known WHERE known.org_id = :org_id"
                f" AND known.id = record.id AND known.{personal.names} = gone.contact_id)"
            )
        statements.append(
            f"UPDATE {target} AS record SET {', '.join(lost)} FROM cs.erased_contact AS gone"
            f" WHERE {here}gone.org_id = :org_id AND {theirs}"
        )
    lists = [column for column in ADDRESSES.get(mirror.object_name, ()) if column in columns]
    if lists:
        emptied_too = [f"{column} = NULL" for column in OF_MESSAGES_TO[mirror.object_name] if column in columns]
        taken_out = ", ".join([*(f"{column} = {without_erased('record.' + column)}" for column in lists), *emptied_too])
        together = f"concat_ws(';', {', '.join(f'record.{column}' for column in lists)})"
        statements.append(
            f"UPDATE {target} AS record SET {taken_out} WHERE {here}EXISTS (SELECT FROM {addresses(together)}"
            f" WHERE {is_hash_of_erased(ADDRESS)})"
        )
    statements += [
        f"UPDATE {target} AS record SET {column} = NULL"
        f" WHERE {here}octet_length(record.{column}) < 1000 AND {is_hash_of_erased('record.' + column)}"
        for column in ALONE.get(mirror.object_name, ())
        if column in columns
    ]
    customer = NAMING_IN_OWN_FIELDS.get(mirror.object_name)
    if customer is not None and customer in columns:
        statements += _forget_names_alone(mirror, target, here, customer, staged)
    return statements


def _forget_names_alone(
    mirror: Mirror, target: str, here: str, customer: str, staged: Mapping[str, str] | None
) -> list[str]:
    """SQL that empties fields of an org's own which hold nothing but the name of somebody who was erased."""
    theirs = f"gone.org_id = :org_id AND gone.customer_id = record.{customer}"
    if staged is None:
        rest = (
            "(SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(record.custom)"
            f" WHERE NOT coalesce({hash_of(TEXT_OF_VALUE)} = ANY(gone.hashes), false))"
        )
        return [f"UPDATE {target} AS record SET custom = {rest} FROM cs.erased_contact AS gone WHERE {here}{theirs}"]
    own = [name for name, kind in staged.items() if name not in mirror.fields and kind == "string"]
    emptied_if = ", ".join(
        f"{quoted(name)} = CASE WHEN {hash_of('record.' + quoted(name))} = ANY(gone.hashes) THEN NULL"
        f" ELSE record.{quoted(name)} END"
        for name in own
    )
    return [f"UPDATE {target} AS record SET {emptied_if} FROM cs.erased_contact AS gone WHERE {theirs}"] if own else []
