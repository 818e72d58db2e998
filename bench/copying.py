r"""The peer of the snapshot: psql's \copy of the very bytes that Salesforce's bulk jobs deliver.

They go into tables with the columns, key and indexes of the mirror. Nothing can put these bytes there much faster. It
compares nothing, knows no deals, and makes no briefs.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL

from bench.processes import BenchError
from bench.stage import Stage
from models.embedded.binaries import choose_binaries
from models.embedded.owner import Owner
from models.mirror import MIRRORS
from sync.extract.snapshot import Begun, begin
from sync.record import ObjectShape
from sync.run.read_whole import wanted
from sync.salesforce.client import Client, connect
from sync.scope.catalog import STANDARD
from sync.scope.mapping import select_fields

_TYPES = {
    "boolean": "boolean",
    "int": "numeric",
    "long": "numeric",
    "double": "numeric",
    "currency": "numeric",
    "percent": "numeric",
    "date": "date",
    "datetime": "timestamptz",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvPage:
    """One page of one bulk job, as a file."""

    table: str
    object_name: str
    path: Path
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """All pages of a snapshot, and how long the org took to hand them out."""

    pages: tuple[CsvPage, ...]
    seconds: float

    @property
    def rows(self) -> int:
        """The rows of all pages."""
        return sum(page.rows for page in self.pages)

    @property
    def size(self) -> int:
        """The bytes of all pages."""
        return sum(page.size for page in self.pages)

    def rows_of(self, object_name: str) -> int:
        """The rows of one object."""
        return sum(page.rows for page in self.pages if page.object_name == object_name)


def fetch(stage: Stage, folder: Path) -> Fetched:
    """Ask the org what a snapshot asks (same statements, same pages) and keep the answers as files."""
    folder.mkdir()
    began = time.perf_counter()
    pages: list[CsvPage] = []
    with connect(stage.org.settings()) as client:
        described = client.describe(STANDARD.names, {})
        selections = {
            name: select_fields(shape) for name in STANDARD.names if isinstance(shape := described[name], ObjectShape)
        }
        asked = wanted(STANDARD, selections, list(selections))
        begun = [
            (name, begin(client, each, number))
            for name, each in asked.items()
            for number in range(len(each.statements(each.selection)))
        ]
        for part, (name, one) in enumerate(begun):
            pages += _pages(client, name, one, part, folder)
    return Fetched(pages=tuple(pages), seconds=time.perf_counter() - began)


def _pages(client: Client, name: str, begun: Begun, part: int, folder: Path) -> list[CsvPage]:
    job = begun.job
    if job is None:
        return []
    while not client.bulk_state(job).is_complete:
        time.sleep(0.02)
    kinds = {field.name: field.type for field in begun.selection.fields}
    table = f"{name.lower()}_{part}"  # the same record may come in two jobs of an object, so each has its own table
    found: list[CsvPage] = []
    locator: str | None = None
    while not found or locator is not None:
        with client.bulk_page(job, locator=locator) as page:
            path = folder / f"{table}_{len(found)}.csv"
            with path.open("wb") as file:
                for chunk in page.chunks:
                    file.write(chunk)
        found.append(
            CsvPage(
                table=table,
                object_name=name,
                path=path,
                columns=page.columns,
                types=tuple(_column_type(name, column, kinds[column]) for column in page.columns),
                rows=page.expected_rows or 0,
            )
        )
        locator = page.next_locator
    client.delete_bulk(job)
    return [each for each in found if each.rows]


def _column_type(object_name: str, field: str, kind: str) -> str:
    """The type that the mirror gives a field; one without a column of its own gets what says the same."""
    known = MIRRORS[object_name].fields.get(field.lower())
    return _TYPES.get(kind, "text") if known is None else known.kind.column_type().compile(dialect=postgresql.dialect())


class Psql:
    """The psql program, working in one database of a stage."""

    def __init__(self, stage: Stage, database: str) -> None:
        self._program = _program(stage.home)
        url: URL = stage.server.set(database=database)
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "PGHOST": str(url.query["host"]),
            "PGPORT": str(url.query["port"]),
            "PGUSER": url.username or "",
            "PGPASSWORD": str(url.password or ""),
            "PGDATABASE": database,
            "PGTZ": "UTC",
        }

    def make_tables(self, pages: Sequence[CsvPage], *, typed: bool) -> None:
        """Make the tables anew, empty: all columns text, or those of the mirror with its key and indexes."""
        first = {page.table: page for page in reversed(pages)}
        statements = ["SET client_min_messages = warning;"]
        for table, page in first.items():
            columns = ", ".join(
                f'"{name.lower()}" {kind if typed else "text"}'
                for name, kind in zip(page.columns, page.types, strict=True)
            )
            if not typed:
                statements.append(f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table} ({columns});")
                continue
            statements.append(
                f"DROP TABLE IF EXISTS {table}; CREATE TABLE {table}"
                f" (org_id text NOT NULL DEFAULT '00D000000000001EAA', {columns}, PRIMARY KEY (org_id, id));"
            )
            statements += _indexes(page)
        self._run("\n".join(statements), arguments=[])

    def copy(self, pages: Sequence[CsvPage]) -> tuple[float, int]:
        r"""Run one \copy for each page in one transaction; returns the seconds of the whole psql, and the rows."""
        script = "\n".join(
            rf"\copy {page.table} ({_listed(page.columns)}) from '{page.path}'"
            f" with (format csv, header true, force_null ({_listed(page.columns)}))"
            for page in pages
        )
        began = time.perf_counter()
        said = self._run(script, arguments=["--single-transaction"])
        seconds = time.perf_counter() - began
        return seconds, sum(int(line.split()[1]) for line in said.splitlines() if line.startswith("COPY "))

    def _run(self, script: str, *, arguments: Sequence[str]) -> str:
        done = subprocess.run(
            [self._program, "--no-psqlrc", "--set=ON_ERROR_STOP=1", *arguments],
            env=self._environment,
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(f"psql failed: {done.stderr}")
        return done.stdout


def _indexes(page: CsvPage) -> list[str]:
    """The indexes of the mirror, as far as the page has their columns."""
    present = {"org_id", *(name.lower() for name in page.columns)}
    made = []
    for index in MIRRORS[page.object_name].table.indexes:
        columns = [column.name for column in index.columns]
        if not present.issuperset(columns):
            continue
        if index.dialect_options["postgresql"]["using"] == "gin":
            made.append("CREATE EXTENSION IF NOT EXISTS pg_trgm;")
            made.append(f"CREATE INDEX ON {page.table} USING gin ({_listed(columns)} gin_trgm_ops);")
        else:
            filled = index.dialect_options["postgresql"]["where"] is not None
            only = f" WHERE {_listed(columns[-1:])} IS NOT NULL" if filled else ""
            made.append(f"CREATE INDEX ON {page.table} ({_listed(columns)}){only};")
    return made


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name.lower()}"' for name in columns)


def _program(home: Path) -> str:
    us = Owner(uid=os.geteuid(), gid=os.getegid(), lent=False)
    binaries = choose_binaries(owner=us, beside=home, data_major=None)
    bundled = Path(binaries.program("psql"))
    found = str(bundled) if bundled.exists() else shutil.which("psql")
    if found is None:
        raise BenchError("there is no psql; install PostgreSQL's client programs")
    return found
