"""A mapping tells how tables of any shape become Salesforce rows: file to object, column to field.

Words of a [[table]]: file, object; key (the column whose text the record's id is made from), suffix (for a second
record of one key), distinct (one row per key), where (column = text; "*" means filled); columns (column = field or
fields; a lookup takes the text that is the other table's key), values (column = text replaced by text), scale (column =
factor), join (field = columns put together), defaults (field = value where nothing else fills it), stages (what a
StageName means). [recognise] lists the files and headers by which a directory is known, [ignore] files without rows.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SHIPPED = Path(__file__).parent / "mappings"
_WORDS = frozenset({
    "file", "object", "key", "suffix", "distinct", "where", "columns", "values", "scale", "join", "defaults", "stages",
})  # fmt: skip


class MappingError(ValueError):
    """The mapping file cannot be used as it is; the message says which line of it to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """How one file becomes rows of one object."""

    file: str
    object_name: str
    key: str | None
    suffix: str
    distinct: bool
    where: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]]
    scale: Mapping[str, float]
    join: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, Any]
    stages: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """A whole mapping file."""

    name: str
    recognise: Mapping[str, frozenset[str]]
    ignore: Mapping[str, str]
    tables: tuple[Table, ...]

    def knows(self, directory: Path) -> bool:
        """Whether the directory holds the files with the headers this mapping is about."""
        return bool(self.recognise) and all(
            (directory / file).is_file() and header <= set(read_header(directory / file))
            for file, header in self.recognise.items()
        )


def read_mapping(path: Path) -> TableMapping:
    """Read a mapping file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"{path} is no readable TOML file ({error}); correct it and start again") from error
    tables = content.get("table", [])
    if not tables:
        raise MappingError(f"{path} has no [[table]]; name at least one file and its object")
    return TableMapping(
        name=content.get("name", path.stem),
        recognise={file: frozenset(header) for file, header in content.get("recognise", {}).items()},
        ignore=content.get("ignore", {}),
        tables=tuple(_table(entry, path) for entry in tables),
    )


def shipped_for(directory: Path) -> TableMapping | None:
    """The mapping that comes with the demo org for a data set it recognises."""
    for path in sorted(_SHIPPED.glob("*.toml")):
        mapping = read_mapping(path)
        if mapping.knows(directory):
            return mapping
    return None


def read_header(path: Path) -> list[str]:
    """The column names of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        return next(csv.reader(file), [])


def _table(entry: dict[str, Any], path: Path) -> Table:
    unknown = set(entry) - _WORDS
    if unknown:
        raise MappingError(f"{path}: a table says {', '.join(sorted(unknown))}; known are {', '.join(sorted(_WORDS))}")
    for word in ("file", "object", "columns"):
        if word not in entry:
            raise MappingError(f"{path}: a table lacks {word!r}; add it")
    return Table(
        file=entry["file"],
        object_name=entry["object"],
        key=entry.get("key"),
        suffix=entry.get("suffix", ""),
        distinct=entry.get("distinct", False),
        where=entry.get("where", {}),
        columns={column: _tuple(fields) for column, fields in entry["columns"].items()},
        values=entry.get("values", {}),
        scale=entry.get("scale", {}),
        join={field: _tuple(columns) for field, columns in entry.get("join", {}).items()},
        defaults=entry.get("defaults", {}),
        stages=entry.get("stages", {}),
    )


def _tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
