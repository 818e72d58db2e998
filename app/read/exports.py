"""Whole tables as files, for spreadsheets, notebooks and warehouses: CSV, or Parquet with types."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from psycopg import sql
from psycopg.rows import dict_row

from app.read.csv import to_csv
from app.read.encode import plain_row
from models.session import ReadSession, driver

_BATCH = 2_000


class Dataset(StrEnum):
    """What can be had as a file."""

    TERMS = "terms"
    OUTCOMES = "outcomes"
    DEALS = "deals"


#: dataset -> the view it is, and the columns that tell its rows apart
_VIEWS: Mapping[Dataset, tuple[str, str]] = {
    Dataset.TERMS: ("term", "term_id"),
    Dataset.OUTCOMES: ("renewal_outcome", "term_id"),
    Dataset.DEALS: ("deal", "deal_id"),
}
#: PostgreSQL's type -> that of a column in a Parquet file
_TYPES = {
    "boolean": "BOOLEAN", "date": "DATE", "integer": "INTEGER", "bigint": "BIGINT", "numeric": "DECIMAL(38,6)",
    "timestamp with time zone": "TIMESTAMPTZ",
}  # fmt: skip


def columns_of(session: ReadSession, dataset: Dataset) -> dict[str, str]:
    """The columns of a dataset in their order, with the type that each has in a Parquet file."""
    statement = """
        SELECT column_name, data_type FROM information_schema.columns
         WHERE table_schema = 'cs_v1' AND table_name = %s ORDER BY ordinal_position
    """
    rows: Sequence[Any] = driver(session).execute(statement, (_VIEWS[dataset][0],)).fetchall()
    return {name: _TYPES.get(kind, "VARCHAR") for name, kind in rows}


def write_csv(session: ReadSession, dataset: Dataset, out: BinaryIO) -> int:
    """Write a dataset as CSV in UTF-8, a few rows in memory at a time; returns how many there were."""
    columns = list(columns_of(session, dataset))
    out.write(to_csv([], columns))
    count = 0
    for rows in _batches(session, dataset):
        written = to_csv(rows, columns)
        out.write(written[written.index(b"\r\n") + 2 :])
        count += len(rows)
    return count


def write_parquet(session: ReadSession, dataset: Dataset, out: Path) -> int:
    """Write a dataset as a Parquet file, compressed, each column with its type; returns how many rows there were."""
    import duckdb  # noqa: PLC0415 - an extra that nothing else needs

    columns = columns_of(session, dataset)
    with tempfile.TemporaryDirectory(prefix="baton-export-") as folder:
        raw = Path(folder) / "rows.csv"
        with raw.open("wb") as held, driver(session).cursor().copy(_copied(dataset, list(columns))) as copied:
            for block in copied:
                held.write(block)
        # Nothing is fetched from anywhere, whatever a file may hold.
        with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as engine:
            engine.execute("SET TimeZone = 'UTC'")
            values = {"raw": str(raw), "out": str(out)}
            engine.execute(f"COPY ({_read(columns)}) TO $out (FORMAT parquet, COMPRESSION zstd)", values)
            counted = engine.execute("SELECT count(*) FROM read_parquet($out)", {"out": str(out)}).fetchone()
    return int(counted[0]) if counted else 0


def _read(columns: Mapping[str, str]) -> str:
    """The rows as PostgreSQL wrote them, each column with its type; `$raw` is the file."""
    typed = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    options = (
        f"columns = {{{typed}}}, header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '\\N',"
        " allow_quoted_nulls = false, auto_detect = false"
    )
    return f"SELECT * FROM read_csv($raw, {options})"  # noqa: S608 - names and types are those of our own views


def _batches(session: ReadSession, dataset: Dataset) -> Iterator[list[dict[str, Any]]]:
    view, key = _VIEWS[dataset]
    statement = sql.SQL("SELECT * FROM cs_v1.{} ORDER BY org_id, {}").format(sql.Identifier(view), sql.Identifier(key))
    with driver(session).cursor("export", row_factory=dict_row) as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(_BATCH):
            yield [plain_row(row) for row in rows]


def _copied(dataset: Dataset, columns: Sequence[str]) -> sql.Composed:
    """The rows as PostgreSQL writes them; lists become words in a row, as in CSV."""
    view, key = _VIEWS[dataset]
    listed = sql.SQL(", ").join(
        sql.SQL("array_to_string({0}, ' ')").format(sql.Identifier(name)) if name == "renews" else sql.Identifier(name)
        for name in columns
    )
    return sql.SQL(
        "COPY (SELECT {} FROM cs_v1.{} ORDER BY org_id, {}) TO STDOUT (FORMAT csv, NULL '\\N', ENCODING 'UTF8')"
    ).format(listed, sql.Identifier(view), sql.Identifier(key))
