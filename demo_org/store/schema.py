"""Tables of the org's file: one per object, named like it, with one column per stored field.

Names come from the catalogue, never from a client, so they may stand in SQL text.
"""

import sqlite3

from demo_org.catalog import FieldType, ObjectType
from demo_org.catalog.types import INTEGER_TYPES, REAL_TYPES

SYSTEM_TABLES = """
CREATE TABLE IF NOT EXISTS _org (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- what getDeleted reports: soft and hard deletions; an undelete takes its line out again
CREATE TABLE IF NOT EXISTS _deleted_log (
    object TEXT NOT NULL, id TEXT NOT NULL, deleted_at TEXT NOT NULL, PRIMARY KEY (object, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _deleted_log_by_instant ON _deleted_log (object, deleted_at);
-- the recycle bin: which record was deleted together with which (root)
CREATE TABLE IF NOT EXISTS _bin (
    object TEXT NOT NULL, id TEXT NOT NULL, root TEXT NOT NULL, PRIMARY KEY (object, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _bin_by_root ON _bin (root);
-- plain lookups a deletion emptied, so that an undelete can restore them
CREATE TABLE IF NOT EXISTS _cleared (
    root TEXT NOT NULL, object TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL
);
-- what each user worked on last
CREATE TABLE IF NOT EXISTS _recent (
    number INTEGER PRIMARY KEY, user_id TEXT NOT NULL, object TEXT NOT NULL, id TEXT NOT NULL, UNIQUE (user_id, id)
);
CREATE INDEX IF NOT EXISTS _recent_of_user ON _recent (user_id, number);
"""

_NOT_INDEXED = frozenset({"CreatedById", "LastModifiedById", "MasterRecordId", "RecordTypeId"})


def check_own(connection: sqlite3.Connection) -> None:
    """Refuse a database that has tables of somebody else's; one that has none will be ours."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "_org" not in tables:
        raise RuntimeError(f"it is a database of something else, with a table {min(tables)}")


def column_definition(field: FieldType) -> str:
    """The column of a field; a checkbox is never null, whatever is loaded."""
    if field.type == "id":
        return f'"{field.name}" TEXT PRIMARY KEY NOT NULL'
    if field.type == "boolean":
        default = 1 if field.default else 0
        return f'"{field.name}" INTEGER NOT NULL ON CONFLICT REPLACE DEFAULT {default}'
    if field.type == "anyType":
        return f'"{field.name}"'  # of no kind, so that a number stays a number and a text a text
    if field.type in INTEGER_TYPES:
        return f'"{field.name}" INTEGER'
    return f'"{field.name}" {"REAL" if field.type in REAL_TYPES else "TEXT"}'


def indexed_fields(described: ObjectType) -> list[str]:
    """Fields a filter of the replication, of a join or of the deal list looks at."""
    return [
        field.name
        for field in described.fields.values()
        if field.name in {"SystemModstamp", "IsWon"}
        or (field.type == "reference" and field.name not in _NOT_INDEXED)
        or field.external_id
        or field.unique
    ]


def create_table(connection: sqlite3.Connection, described: ObjectType) -> None:
    """Make the object's table unless it is there; add columns the catalogue gained since."""
    fields = [field for field in described.fields.values() if field.stored]
    columns = ", ".join(column_definition(field) for field in fields)
    connection.execute(f'CREATE TABLE IF NOT EXISTS "{described.name}" ({columns})')
    present = {row[1] for row in connection.execute(f'PRAGMA table_info("{described.name}")')}
    for field in fields:
        if field.name not in present:
            add_column(connection, described.name, field)
    create_indexes(connection, described)


def create_indexes(connection: sqlite3.Connection, described: ObjectType) -> None:
    """Make the object's indexes unless they are there."""
    for name in indexed_fields(described):
        _create_index(connection, described.name, described.fields[name])


def drop_indexes(connection: sqlite3.Connection, described: ObjectType) -> None:
    """Take the indexes away for the time of a first bulk load, which is faster with them built at the end."""
    for name in indexed_fields(described):
        connection.execute(f'DROP INDEX IF EXISTS "{described.name}_by_{name}"')


def follow(connection: sqlite3.Connection, described: ObjectType | None, field: FieldType | None, what: str) -> None:
    """Give the object's table the form a change of metadata asks for."""
    if described is None:
        return
    match what:
        case "added" if field is None:
            create_table(connection, described)
        case "added" if field is not None:
            add_column(connection, described.name, field)
        case "removed" if field is not None:
            drop_column(connection, described.name, field)


def add_column(connection: sqlite3.Connection, object_name: str, field: FieldType) -> None:
    """Give the object's table the column of a new field."""
    if not field.stored:
        return
    connection.execute(f'ALTER TABLE "{object_name}" ADD COLUMN {column_definition(field)}')
    if field.type == "reference" or field.external_id or field.unique:
        _create_index(connection, object_name, field)


def drop_column(connection: sqlite3.Connection, object_name: str, field: FieldType) -> None:
    """Remove the column of a deleted custom field with its values."""
    if not field.stored:
        return
    connection.execute(f'DROP INDEX IF EXISTS "{object_name}_by_{field.name}"')
    connection.execute(f'ALTER TABLE "{object_name}" DROP COLUMN "{field.name}"')


def _create_index(connection: sqlite3.Connection, object_name: str, field: FieldType) -> None:
    # External ids are looked up without regard to case.
    compared = " COLLATE NOCASE" if field.external_id or field.unique else ""
    connection.execute(
        f'CREATE INDEX IF NOT EXISTS "{object_name}_by_{field.name}" ON "{object_name}" ("{field.name}"{compared})'
    )
