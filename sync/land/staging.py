"""How records get into the database at the speed of COPY: as text, into a temporary table, cast there.

A snapshot's CSV bytes go through unparsed; records of REST replies are written row by row. Casting in SQL costs the
same as typed staging tables and lets one bad value be told apart from a broken file.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import text

from models.session import WriteSession, driver
from models.upsert import StagedField, create_staging, staging_table
from sync.record import Records, Selection


def staged_fields(selection: Selection) -> list[StagedField]:
    """Return the fields of a selection as the staging table wants them."""
    return [StagedField(name=field.name, type=field.type) for field in selection.fields]


def open_staging(session: WriteSession, selection: Selection) -> None:
    """Make the staging table of an object, or empty the one this transaction has."""
    name = selection.object_name
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{staging_table(name)}"))
    session.execute(text(create_staging(name, staged_fields(selection))))


def stage_records(session: WriteSession, selection: Selection, records: Records) -> None:
    """Copy records of REST replies into the staging table."""
    names = selection.names
    with driver(session).cursor() as cursor, cursor.copy(_copy(selection.object_name, names, "")) as copy:
        for record in records:
            copy.write_row([_text(record.get(name)) for name in names])


def stage_csv(session: WriteSession, object_name: str, columns: Sequence[str], chunks: Iterable[bytes]) -> int:
    """Copy one CSV page, header line included, into the staging table.

    Args:
        session: the transaction.
        object_name: the object whose page it is.
        columns: the names in the page's own header line.
        chunks: its bytes.

    Returns:
        How many rows the database took.
    """
    # Bulk CSV quotes everything, so a null arrives as "" and only FORCE_NULL reads it as one.
    listed = sql.SQL(", ").join(sql.Identifier(column.lower()) for column in columns)
    options = sql.SQL("WITH (FORMAT csv, HEADER true, FORCE_NULL ({}))").format(listed)
    with driver(session).cursor() as cursor:
        with cursor.copy(_copy(object_name, columns, options)) as copy:
            for chunk in chunks:
                copy.write(chunk)
        return cursor.rowcount


def _copy(object_name: str, columns: Sequence[str], options: sql.Composable | str) -> sql.Composed:
    listed = sql.SQL(", ").join(sql.Identifier(column.lower()) for column in columns)
    tail = sql.SQL(options) if isinstance(options, str) else options
    table = sql.Identifier("pg_temp", staging_table(object_name))
    return sql.SQL("COPY {} ({}) FROM STDIN {}").format(table, listed, tail)


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
