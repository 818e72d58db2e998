"""Reads records out of request bodies: checks JSON types as Salesforce's parser does, finds parents by external id.

What a field can hold (lengths, pick lists, ids) is the store's to check; here a value need only be of a type that can
be read into the field. Such an error refuses the whole request and names a place in the body, not a field.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from demo_org.catalog import FieldType, ObjectType
from demo_org.catalog.types import REAL_TYPES
from demo_org.errors import SalesforceFault, unknown_field
from demo_org.store.identifying import having, identifying_field, several
from demo_org.wire.context import Context

_WHOLE = re.compile(r"[+-]?\d+\Z")
_REAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_BOOLEANS = frozenset({"true", "false"})


def values_of(context: Context, described: ObjectType, record: Mapping[str, Any], body: bytes = b"") -> dict[str, Any]:
    """The values of a record by canonical field name, without its attributes."""
    values: dict[str, Any] = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        field = described.field(name)
        if field is not None:
            _check_type(field, name, value, body)
            values[field.name] = value
            continue
        lookup = described.relationship(name)
        if lookup is None or not (value is None or isinstance(value, dict)):
            raise unknown_field(name, described.name)
        values[lookup.name] = None if value is None else _parent(context, lookup, value)
    return values


def refuse_field(record: Mapping[str, Any], name: str) -> None:
    """Refuse a body that holds the field the address already names the record by."""
    if name.lower() in {each.lower() for each in record}:
        raise SalesforceFault(400, "INVALID_FIELD", f"The {name} field should not be specified in the sobject data.")


def _parent(context: Context, lookup: FieldType, reference: Mapping[str, Any]) -> str:
    """The id of the parent a nested {"Key__c": "value"} names (REST guide, relationship by external id)."""
    keys = [name for name in reference if name != "attributes"]
    targets = [context.org.catalog.find(name) for name in lookup.reference_to]
    named = (reference.get("attributes") or {}).get("type")
    for target in targets:
        if target is None or len(keys) != 1 or (named is not None and named.lower() != target.name.lower()):
            continue
        field = identifying_field(target, keys[0])
        if field is None:
            continue
        found = having(context.org, target, field, reference[keys[0]])
        if len(found) == 1:
            return found[0]
        value = reference[keys[0]]
        if found:
            raise several(field, found)
        message = f"Foreign key external ID: {value} not found for field {field.name} in entity {target.name}"
        raise SalesforceFault(400, "INVALID_FIELD", message)
    message = f"{lookup.relationship_name} needs one external ID field of {' or '.join(lookup.reference_to)}"
    raise SalesforceFault(400, "INVALID_FIELD", message)


def _check_type(field: FieldType, name: str, value: Any, body: bytes) -> None:
    if value is None or value == "" or field.compound or _fits(field, value):
        return
    line, column = _place(name, value, body)
    # "Cannot deserialize instance of string from START_OBJECT value {", the kind is the type of the field.
    message = (
        f"Cannot deserialize instance of {field.type} from {_token(value)} or request may be missing a required field "
        f"at [line:{line}, column:{column}]"
    )
    raise SalesforceFault(400, "JSON_PARSER_ERROR", message)


def _fits(field: FieldType, value: Any) -> bool:
    match value:
        case bool():
            return field.type == "boolean"
        case int():
            return field.type in REAL_TYPES | {"int", "long"}
        case float():
            return field.type in REAL_TYPES
        case str():
            return _readable(field, value)
    return False


def _readable(field: FieldType, text: str) -> bool:
    """Whether a text can be read into the field: numbers and checkboxes may come as texts, too."""
    match field.type:
        case "boolean":
            return text.lower() in _BOOLEANS
        case "int" | "long":
            return _WHOLE.match(text) is not None
        case "double" | "currency" | "percent":
            return _REAL.match(text) is not None
        case "date" | "datetime":
            return _is_instant(text)
    return True


def _is_instant(text: str) -> bool:
    try:
        if len(text) == 10:
            date.fromisoformat(text)
        else:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return text[4:5] == "-"


def _token(value: Any) -> str:
    match value:
        case bool():
            return f"VALUE_{str(value).upper()} value {str(value).lower()}"
        case int():
            return f"VALUE_NUMBER_INT value {value}"
        case float():
            return f"VALUE_NUMBER_FLOAT value {value}"
        case dict():
            return "START_OBJECT value {"
        case list():
            return "START_ARRAY value ["
    return f"VALUE_STRING value {value}"


def _place(name: str, value: Any, body: bytes) -> tuple[int, int]:
    """Where the value begins in the body: behind its first character, as the parser counts."""
    text = body.decode("utf-8", errors="replace")
    start = "{" if isinstance(value, dict) else "[" if isinstance(value, list) else json.dumps(value)
    found = re.search(rf'"{re.escape(name)}"\s*:\s*(?={re.escape(start)})', text)
    end = found.end() + 1 if found else 0
    return text.count("\n", 0, end) + 1, end - (text.rfind("\n", 0, end) + 1) + 1
