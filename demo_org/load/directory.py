"""Reads a directory of CSV files into the org: through a mapping if there is one, else one file per object."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from demo_org.catalog import FieldType, ObjectType
from demo_org.load.identity import Identities
from demo_org.load.mapped import load_mapped
from demo_org.load.mapping import read_header, read_mapping, shipped_for
from demo_org.load.naming import VERSION_COLUMNS, custom_name, field_of, is_loader_column, object_of
from demo_org.load.report import Findings, LoadReport
from demo_org.load.rows import Row, RowReader, complete, load_rows
from demo_org.load.stages import settle_stages
from demo_org.store import Org

_LONG_TEXT = 32_768
_SHORT_TEXT = 255
_FIELD_SIZE = 1 << 24


def load_directory(org: Org, directory: str | Path, mapping: str | Path | None = None) -> LoadReport:
    """Load the rows others wrote and report what was done with them.

    Without a mapping the directory is looked up among the data sets the demo org knows; an unknown one is read as one
    CSV file per object. Rows come in as an import would make them: nothing of them is in the recycle bin.
    """
    folder = Path(directory)
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no directory; give one with CSV files")
    if not any(folder.glob("*.csv")):
        raise FileNotFoundError(f"{folder} holds no CSV files; put one file per object there, such as Opportunity.csv")
    csv.field_size_limit(_FIELD_SIZE)
    findings = Findings()
    tables = read_mapping(Path(mapping)) if mapping is not None else shipped_for(folder)
    if tables is not None:
        load_mapped(org, folder, tables, findings)
    else:
        _load_plain(org, folder, findings)
    return findings.report()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of a file and the field it fills."""

    place: int
    name: str
    field: FieldType


def _load_plain(org: Org, folder: Path, findings: Findings) -> None:
    identities = Identities(org.catalog)
    for path in sorted(folder.glob("*.csv")):
        header = read_header(path)
        described = object_of(path.stem, org.catalog)
        if VERSION_COLUMNS & {name.lower() for name in header}:
            findings.leave_out(f"{path.name}: it holds former versions of rows (history mode), not rows")
        elif described is None:
            findings.leave_out(f"{path.name}: no object of the org has such a name; rename it or use a mapping")
        else:
            _load_file(org, path, header, described, identities, findings)


def _load_file(
    org: Org, path: Path, header: list[str], described: ObjectType, identities: Identities, findings: Findings
) -> None:
    columns = _columns(org, path, header, described, findings)
    reader = RowReader(org, described.name, path.name, identities, findings)
    rows = [_row(line, columns, reader) for line in _lines(path)]
    if described.name == "Opportunity":
        settle_stages(org, rows, findings)
    load_rows(org, described.name, (complete(described.name, row) for row in rows), findings)


def _columns(
    org: Org, path: Path, header: list[str], described: ObjectType, findings: Findings
) -> list[_Column]:  # fmt: skip
    """Find the field of every column; make custom fields for those that have none and are not empty."""
    columns: list[_Column] = []
    taken: set[str] = set()
    left_out: list[str] = []
    made: list[str] = []
    lengths: dict[int, int] | None = None
    for place, name in enumerate(header):
        if is_loader_column(name):
            left_out.append(name)
            continue
        field = field_of(name, described)
        if field is not None and field.name == "IsDeleted":
            left_out.append(f"{name} (an import makes live rows only)")
            continue
        if field is None or field.name in taken:
            lengths = _lengths(path) if lengths is None else lengths
            if not lengths.get(place):
                continue
            field = _new_field(org, described, name, lengths[place], taken)
            made.append(field.name)
        taken.add(field.name)
        columns.append(_Column(place=place, name=name, field=field))
    if left_out:
        findings.leave_out(f"{path.name}: {', '.join(left_out)}")
    if made:
        findings.note(f"{path.name}: new custom fields of {described.name}: {', '.join(made)}")
    return columns


def _new_field(org: Org, described: ObjectType, column: str, length: int, taken: set[str]) -> FieldType:
    present = org.catalog.stored_object(described.name)
    plain_name = custom_name(column, ())
    known = present.field(plain_name)
    if known is not None and known.name not in taken:
        return known
    name = custom_name(column, present.fields)
    long = length > _SHORT_TEXT
    return org.catalog.add_field(
        described.name, name, "textarea" if long else "string", length=_LONG_TEXT if long else _SHORT_TEXT
    )


def _row(line: list[str], columns: list[_Column], reader: RowReader) -> Row:
    return {
        column.field.name: reader.value(line[column.place], column.field, column.name)
        for column in columns
        if column.place < len(line)
    }


def _lengths(path: Path) -> dict[int, int]:
    """How long the longest text of each column is."""
    lengths: dict[int, int] = {}
    for line in _lines(path):
        for place, text in enumerate(line):
            lengths[place] = max(lengths.get(place, 0), len(text.strip()))
    return lengths


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        reader = csv.reader(file)
        next(reader, None)
        yield from (line for line in reader if line)
