"""Reads a directory through a mapping."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from demo_org.catalog import FieldType
from demo_org.load.identity import Identities
from demo_org.load.mapping import MappingError, Table, TableMapping
from demo_org.load.report import Findings
from demo_org.load.rows import Row, RowReader, complete, defaults_of, load_rows
from demo_org.load.stages import settle_stages
from demo_org.store import Org


def load_mapped(org: Org, directory: Path, mapping: TableMapping, findings: Findings) -> None:
    """Load every table of the mapping; files it does not name are left out."""
    findings.note(f"Read through the mapping {mapping.name!r}")
    identities = Identities(org.catalog)
    for table in mapping.tables:
        path = directory / table.file
        if not path.is_file():
            raise MappingError(f"the mapping {mapping.name!r} names {table.file}, which is not in {directory}; add it")
        loader = _TableLoader(org, table, identities, findings)
        rows = list(loader.rows(path))
        if loader.reader.described.name == "Opportunity":
            settle_stages(org, rows, findings, told=table.stages)
        for field, count in loader.defaulted.items():
            findings.note(f"{table.file}: empty {field} became {table.defaults[field]}", times=count)
        load_rows(org, table.object_name, (complete(table.object_name, row) for row in rows), findings)
    _leave_out_rest(directory, mapping, findings)
    _mark_deals_with_items(org)


class _TableLoader:
    """Turns the lines of one file into rows of one object."""

    def __init__(self, org: Org, table: Table, identities: Identities, findings: Findings) -> None:
        self._org = org
        self._table = table
        self._identities = identities
        self.reader = RowReader(org, table.object_name, table.file, identities, findings)
        self._fields = {column: [self._field(name) for name in names] for column, names in table.columns.items()}
        with org.reading() as connection:
            pricebook = connection.execute("SELECT Id FROM Pricebook2 WHERE IsStandard = 1").fetchone()[0]
        self._defaults = defaults_of(table.defaults, self.reader, pricebook=pricebook)
        #: field of a mapped column -> how many lines had nothing in it
        self.defaulted: dict[str, int] = {}

    def rows(self, path: Path) -> Iterator[Row]:
        """The rows of the file."""
        seen: set[str] = set()
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            self._check(reader.fieldnames or [])
            for line in reader:
                values = self._replaced({name: (text or "").strip() for name, text in line.items() if name})
                key = values[self._table.key] if self._table.key else ""
                if not self._wanted(values) or (self._table.distinct and key in seen):
                    continue
                seen.add(key)
                yield self._row(values, key)

    def _row(self, values: dict[str, str], key: str) -> Row:
        row: Row = {}
        for column, fields in self._fields.items():
            for field in fields:
                value = self.reader.value(values[column], field, column)
                if value is not None and column in self._table.scale:
                    value = round(value * self._table.scale[column], 2)
                if value is not None or field.name not in row:
                    row[field.name] = value
        for name, columns in self._table.join.items():
            row[name] = " - ".join(values[column] for column in columns if values[column])
        for name, value in self._defaults.items():
            if row.get(name) is None:
                if name in row:
                    self.defaulted[name] = self.defaulted.get(name, 0) + 1
                row[name] = value
        if key:
            row["Id"] = self._identities.make(key + self._table.suffix, self._table.object_name)
        return row

    def _replaced(self, values: dict[str, str]) -> dict[str, str]:
        for column, replacements in self._table.values.items():
            values[column] = replacements.get(values[column], values[column])
        return values

    def _wanted(self, values: dict[str, str]) -> bool:
        return all(
            bool(values[column]) if text == "*" else values[column] == text
            for column, text in self._table.where.items()
        )  # fmt: skip

    def _field(self, name: str) -> FieldType:
        described = self._org.catalog.stored_object(self._table.object_name)
        field = described.field(name)
        if field is None and name.endswith("__c"):
            field = self._org.catalog.add_field(described.name, name, "string")
        if field is None:
            raise MappingError(f"{described.name} has no field {name}; correct the mapping, or end the name with __c")
        return field

    def _check(self, header: Sequence[str]) -> None:
        table = self._table
        named = {*table.columns, *table.values, *table.where, *(c for columns in table.join.values() for c in columns)}
        missing = sorted((named | ({table.key} if table.key else set())) - set(header))
        if missing:
            raise MappingError(f"{table.file} has no column {', '.join(missing)}; correct the mapping")


def _leave_out_rest(directory: Path, mapping: TableMapping, findings: Findings) -> None:
    used = {table.file for table in mapping.tables}
    for path in sorted(directory.glob("*.csv")):
        if path.name not in used:
            why = mapping.ignore.get(path.name, "the mapping does not name it")
            findings.leave_out(f"{path.name}: {why}")


def _mark_deals_with_items(org: Org) -> None:
    with org.writing() as connection:
        connection.execute(
            "UPDATE Opportunity SET HasOpportunityLineItem = 1 "
            "WHERE Id IN (SELECT OpportunityId FROM OpportunityLineItem WHERE IsDeleted = 0)"
        )
