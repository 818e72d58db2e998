"""Applies rows to records of one object, 200 to a transaction with one stamp, and tells what became of each.

A row that is refused leaves the others alone. A file whose columns make no sense is refused whole.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from demo_org.bulk.rows import NULL
from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import SalesforceFault, malformed_id
from demo_org.ids import normalise
from demo_org.store import Org
from demo_org.store.identifying import having, identifying_field, several
from demo_org.store.unit import Unit

CHUNK = 200  # records of one transaction (Bulk API 2.0 guide, "How Requests Are Processed")
#: Account.Ext__c, or Account:What.Ext__c where the lookup may point at several objects
_RELATED = re.compile(r"(?:(?P<object>\w+):)?(?P<relationship>\w+)\.(?P<field>\w+)\Z")


class Operation(StrEnum):
    """What is done with the rows."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"
    HARD_DELETE = "hardDelete"


class RefusedBatch(Exception):
    """The rows cannot be applied at all; the text is the message of the job or batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one row."""

    record_id: str | None = None
    created: bool = False
    fault: SalesforceFault | None = None

    @property
    def error(self) -> str:
        """The refusal as result files write it: CODE:message:fields --; empty for a success."""
        if self.fault is None:
            return ""
        return f"{self.fault.code}:{self.fault.message}:{','.join(self.fault.fields)} --"


@dataclass(frozen=True, slots=True)
class _Column:
    """Where the values of one column go: a field, or a lookup whose record is found by an identifying field."""

    field: FieldType
    target: ObjectType | None = None
    by: FieldType | None = None


class Loader:
    """Applies the rows of one file, or of one batch."""

    def __init__(
        self,
        org: Org,
        object_name: str,
        operation: Operation,
        columns: Sequence[str],
        *,
        user_id: str,
        external_id: str | None = None,
    ) -> None:
        self._org = org
        self._user_id = user_id
        self._described = org.catalog.object(object_name)
        self._operation = operation
        self._columns = [self._column(name.strip()) for name in columns]
        self._key = self._key_field(external_id) if operation is Operation.UPSERT else None
        names = [each.field.name for each in self._columns]
        if operation in {Operation.UPDATE, Operation.DELETE, Operation.HARD_DELETE} and "Id" not in names:
            raise RefusedBatch("InvalidBatch : Field name not found : Id")
        if operation in {Operation.DELETE, Operation.HARD_DELETE} and len(names) > 1:
            raise RefusedBatch("InvalidBatch : A delete batch must contain only ids")
        if self._key is not None and self._key.name not in names:
            raise RefusedBatch(f"InvalidBatch : Field name not found : {self._key.name}")

    def load(self, rows: Iterable[Sequence[Any]]) -> Iterator[list[Outcome]]:
        """Apply the rows; yields the outcomes of each transaction once it is committed.

        A value is None (leave the field alone), NULL (make it empty), or what the field shall hold.
        """
        pending = iter(rows)
        while chunk := list(islice(pending, CHUNK)):
            with self._org.transaction(user_id=self._user_id) as unit:
                outcomes = [self._apply(unit, row) for row in chunk]
            yield outcomes

    def _apply(self, unit: Unit, row: Sequence[Any]) -> Outcome:
        try:
            return self._act(unit, row)
        except SalesforceFault as fault:
            return Outcome(fault=fault)

    def _act(self, unit: Unit, row: Sequence[Any]) -> Outcome:
        values = self._values(row)
        record_id = values.pop("Id", None)
        name = self._described.name
        match self._operation:
            case Operation.INSERT:
                return Outcome(record_id=unit.insert(name, values), created=True)
            case Operation.UPDATE:
                known = self._checked(record_id)
                unit.update(name, known, values)
            case Operation.DELETE:
                known = self._checked(record_id)
                unit.delete(name, known)
            case Operation.HARD_DELETE:
                known = self._checked(record_id)
                unit.hard_delete(name, known)
            case Operation.UPSERT:
                return self._upsert(unit, record_id, values)
        return Outcome(record_id=known)

    def _upsert(self, unit: Unit, record_id: object, values: dict[str, Any]) -> Outcome:
        assert self._key is not None, "an upsert has a key"
        name = self._described.name
        if self._key.type == "id":
            if record_id is None:
                return Outcome(record_id=unit.insert(name, values), created=True)
            known = self._checked(record_id)
            unit.update(name, known, values)
            return Outcome(record_id=known)
        value = values.get(self._key.name)
        if value is None:
            raise SalesforceFault(400, "MISSING_ARGUMENT", f"{self._key.name} not specified")
        found = having(self._org, self._described, self._key, value)
        if len(found) > 1:
            raise several(self._key, found)
        if not found:
            return Outcome(record_id=unit.insert(name, values), created=True)
        unit.update(name, found[0], {key: each for key, each in values.items() if key != self._key.name})
        return Outcome(record_id=found[0])

    def _values(self, row: Sequence[Any]) -> dict[str, Any]:
        if len(row) != len(self._columns):
            message = f"Row has {len(row)} values, but the head has {len(self._columns)} columns"
            raise SalesforceFault(400, "INVALID_CSV_ROW", message)
        values: dict[str, Any] = {}
        for column, value in zip(self._columns, row, strict=True):
            if value is None:
                continue
            field = column.field.name
            values[field] = None if value is NULL else value if column.by is None else self._found(column, value)
        return values

    def _found(self, column: _Column, value: object) -> str:
        assert column.target is not None, "a column of another object's field has that object"
        assert column.by is not None, "and the field"
        found = having(self._org, column.target, column.by, value)
        if len(found) != 1:
            what = "more than one record" if found else "no record"
            message = f"Foreign key external ID: {value} {what} found for field {column.by.name} in entity "
            raise SalesforceFault(400, "INVALID_FIELD", message + column.target.name, (column.field.name,))
        return found[0]

    def _checked(self, record_id: object) -> str:
        if record_id is None:
            raise SalesforceFault(400, "MISSING_ARGUMENT", "Id not specified in an update call")
        known = normalise(record_id)
        if known is None or (self._described.key_prefix and not known.startswith(self._described.key_prefix)):
            raise malformed_id(record_id)
        return known

    def _column(self, name: str) -> _Column:
        field = self._described.field(name)
        if field is not None:
            return _Column(field)
        related = _RELATED.match(name)
        lookup = self._described.relationship(related["relationship"]) if related is not None else None
        if related is None or lookup is None:
            raise RefusedBatch(f"InvalidBatch : Field name not found : {name}")
        target = self._org.catalog.find(related["object"] or lookup.reference_to[0])
        by = identifying_field(target, related["field"]) if target is not None else None
        if target is None or by is None:
            raise RefusedBatch(f"InvalidBatch : Field name not found : {name}")
        return _Column(lookup, target, by)

    def _key_field(self, name: str | None) -> FieldType:
        field = identifying_field(self._described, name or "Id")
        if field is None:
            raise RefusedBatch(f"InvalidJob : External ID was not found for {self._described.name} object")
        return field
