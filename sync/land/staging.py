"""How records get into the database at the speed of COPY.

A pass stages what it reads as text in a temporary table, and casts it there. A complete reading is staged page by page
in typed tables that outlive the worker: a page with a value that is none of its kind is refused by itself, and the
merge has less to do. A snapshot's CSV bytes go through unparsed; records of REST replies are written row by row.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import text

from models.mirror import Mirror
from models.session import ReadSession, WriteSession, driver
from models.upsert import StagedField, create_staging, create_waiting, quoted, staging_table
from sync.record import Records, Selection

#: what a pass notes of its own doing
_NOTEBOOK = (
    "CREATE TEMP TABLE pass_touched (object text, id text, gone boolean NOT NULL DEFAULT false) ON COMMIT DROP",
    # The deals and accounts on which a record hangs no longer that hung on them before.
    "CREATE TEMP TABLE pass_left (id text) ON COMMIT DROP",
    "CREATE TEMP TABLE pass_seen (object text, id text) ON COMMIT DROP",
)


def open_notebook(session: WriteSession) -> None:
    """Make the tables in which a pass notes what it wrote and came across; they vanish with its transaction."""
    for statement in _NOTEBOOK:
        session.execute(text(statement))


def staged_fields(selection: Selection) -> list[StagedField]:
    """Return the fields of a selection as the staging table wants them."""
    return [StagedField(name=field.name, type=field.type) for field in selection.fields]


def open_staging(session: WriteSession, selection: Selection) -> None:
    """Make the staging table of an object, or empty the one this transaction has."""
    name = selection.object_name
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{staging_table(name)}"))
    session.execute(text(create_staging(name, staged_fields(selection))))


def stage_records(session: WriteSession, selection: Selection, records: Records) -> None:
    """Copy records of REST replies into the staging table of this transaction."""
    copy_records(session, ("pg_temp", staging_table(selection.object_name)), selection.names, records)


def open_waiting(session: WriteSession, table: str, mirror: Mirror, fields: Sequence[StagedField]) -> None:
    """Make the staging table in which a complete reading waits for its merge; it is empty afterwards."""
    drop_waiting(session, table)
    session.execute(text(create_waiting(table, mirror, fields)))


def drop_waiting(session: WriteSession, table: str) -> None:
    """Remove such a table."""
    session.execute(text(f"DROP TABLE IF EXISTS {waiting(table)}"))


def rows_waiting(session: ReadSession, table: str) -> int | None:
    """Return how many rows wait in such a table; None when it is not there."""
    if session.execute(text("SELECT to_regclass(:name)"), {"name": waiting(table)}).scalar_one() is None:
        return None
    return int(session.execute(text(f"SELECT count(*) FROM {waiting(table)}")).scalar_one())


def waiting(table: str) -> str:
    """Return the SQL name of such a table."""
    return f"staging.{quoted(table)}"


def copy_records(session: WriteSession, table: tuple[str, str], names: Sequence[str], records: Records) -> None:
    """Copy records of REST replies into a table."""
    with driver(session).cursor() as cursor, cursor.copy(_copy(table, names, "")) as copy:
        for record in records:
            copy.write_row([_text(record.get(name)) for name in names])


def copy_csv(session: WriteSession, table: tuple[str, str], columns: Sequence[str], chunks: Iterable[bytes]) -> int:
    """Copy one CSV page, header line included, into a table.

    Args:
        session: the transaction.
        table: schema and name.
        columns: the names in the page's own header line.
        chunks: its bytes.

    Returns:
        How many rows the database took.
    """
    # Bulk CSV quotes everything, so a null arrives as "" and only FORCE_NULL reads it as one.
    listed = sql.SQL(", ").join(sql.Identifier(column.lower()) for column in columns)
    options = sql.SQL("WITH (FORMAT csv, HEADER true, FORCE_NULL ({}))").format(listed)
    with driver(session).cursor() as cursor:
        with cursor.copy(_copy(table, columns, options)) as copy:
            for chunk in chunks:
                copy.write(chunk)
        return cursor.rowcount


def _copy(table: tuple[str, str], columns: Sequence[str], options: sql.Composable | str) -> sql.Composed:
    listed = sql.SQL(", ").join(sql.Identifier(column.lower()) for column in columns)
    tail = sql.SQL(options) if isinstance(options, str) else options
    return sql.SQL("COPY {} ({}) FROM STDIN {}").format(sql.Identifier(*table), listed, tail)


def _text(value: Any) -> str | None:
    match value:
        case None | "":
            return None  # Salesforce stores no empty strings: both mean that there is nothing
        case True:
            return "true"
        case False:
            return "false"
        case str():
            return value.replace("\x00", "")  # PostgreSQL takes no NUL in a text
        case _:
            return str(value)
