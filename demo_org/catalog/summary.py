"""Roll-up summary fields as an admin defines them, checked against the objects they add up."""

from collections.abc import Callable, Mapping
from typing import Any

from demo_org.catalog.types import FieldType, ObjectType, RollUp
from demo_org.errors import SalesforceFault

_OPERATIONS = frozenset({"count", "sum", "min", "max"})
_OPERATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_ADDED = frozenset({"currency", "double", "percent", "int"})
_COMPARED = _ADDED | {"date", "datetime"}


def roll_up_of(parent: ObjectType, facts: Mapping[str, Any], find: Callable[[str], ObjectType]) -> RollUp:
    """The roll-up of {"child", "operation", "field", "lookup", "filters": [[field, operator, value]]}; or a fault."""
    child = find(facts["child"])
    operation = str(facts.get("operation", "count")).lower()
    if operation not in _OPERATIONS:
        raise _wrong(f"{operation} is no operation of a roll-up; use one of {', '.join(sorted(_OPERATIONS))}")
    summed = None if operation == "count" else _field(child, facts.get("field") or "")
    if summed is not None and summed.type not in (_ADDED if operation == "sum" else _COMPARED):
        raise _wrong(f"{child.name}.{summed.name} cannot be summarized by {operation}")
    return RollUp(
        child_object=child.name,
        lookup=_lookup(parent, child, facts.get("lookup")).name,
        operation=operation,
        field=None if summed is None else summed.name,
        filters=tuple(_filter(child, *each) for each in facts.get("filters", ())),
    )


def restored(facts: Mapping[str, Any]) -> RollUp:
    """The roll-up a former process wrote down."""
    return RollUp(**{**facts, "filters": tuple(tuple(each) for each in facts["filters"])})


def _lookup(parent: ObjectType, child: ObjectType, name: str | None) -> FieldType:
    for field in child.fields.values():
        if parent.name in field.reference_to and name in {None, field.name}:
            return field
    raise _wrong(f"{child.name} has no lookup {name or ''} to {parent.name}")


def _filter(child: ObjectType, name: str, operator: str, value: Any) -> tuple[str, str, str | int | float | None]:
    if operator not in _OPERATORS:
        raise _wrong(f"{operator} is no operator of a filter; use one of {' '.join(sorted(_OPERATORS))}")
    return _field(child, name).name, operator, int(value) if isinstance(value, bool) else value


def _field(child: ObjectType, name: str) -> FieldType:
    found = child.field(name)
    if found is None or found.compound:
        raise _wrong(f"{child.name} has no field {name}")
    return found


def _wrong(message: str) -> SalesforceFault:
    return SalesforceFault(400, "FIELD_INTEGRITY_EXCEPTION", message)
