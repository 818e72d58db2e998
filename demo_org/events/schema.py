"""Avro schemas of change events, and the fingerprints they are known by.

A schema's id is a hash of its text in 22 characters, so it changes with every field that comes or goes.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from demo_org.events.shape import EventField, Shape

NAMESPACE = "com.sforce.eventbus"
CHANGE_TYPES = (
    "CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW",
    "SNAPSHOT",
)  # fmt: skip
_TEXTS: dict[str, Any] = {"type": "array", "items": "string"}
HEADER: dict[str, Any] = {
    "type": "record",
    "name": "ChangeEventHeader",
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": _TEXTS},
        {"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)}},
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": _TEXTS},
        {"name": "diffFields", "type": _TEXTS},
        {"name": "changedFields", "type": _TEXTS},
    ],
}
_RECORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "Address": (
        ("Street", "string"), ("City", "string"), ("State", "string"), ("PostalCode", "string"), ("Country", "string"),
        ("StateCode", "string"), ("CountryCode", "string"), ("Latitude", "double"), ("Longitude", "double"),
        ("GeocodeAccuracy", "string"),
    ),
    "Location": (("Latitude", "double"), ("Longitude", "double")),
    "Switchable_PersonName": (("Salutation", "string"), ("FirstName", "string"), ("LastName", "string")),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """An Avro schema as text, the id it is asked for by, and where its fields stand."""

    id: str
    text: str
    #: names of the top-level fields in order, the header first
    fields: tuple[str, ...]
    #: parts of each compound field, in order
    parts: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, text: str) -> "Schema":
        """The schema of a text."""
        fields = json.loads(text)["fields"]
        records: dict[str, tuple[str, ...]] = {}
        parts = {each["name"]: found for each in fields if (found := _record_parts(each["type"], records))}
        return cls(id=fingerprint(text), text=text, fields=tuple(each["name"] for each in fields), parts=parts)


def fingerprint(text: str) -> str:
    """The id of a schema: 16 bytes of hash in the letters of URLs."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@lru_cache(maxsize=256)
def schema_of(shape: Shape) -> Schema:
    """The schema of an object's change events."""
    named: set[str] = set()
    fields = [_header_field(), *(_field(each, named) for each in shape.fields)]
    return Schema.of(_text({"type": "record", "name": shape.event_name, "namespace": NAMESPACE, "fields": fields}))


@lru_cache(maxsize=1)
def mixed_schema() -> Schema:
    """The schema of a channel with several objects: what all their events share. Each event names its own schema."""
    return Schema.of(
        _text({"type": "record", "name": "ChangeEvents", "namespace": NAMESPACE, "fields": [_header_field()]})
    )


def _header_field() -> dict[str, Any]:
    return {"name": "ChangeEventHeader", "type": HEADER, "doc": "Data:ComplexValueType"}


def _field(field: EventField, named: set[str]) -> dict[str, Any]:
    types = ["null", *(["string"] if field.text_too else []), _type(field, named)]
    return {"name": field.name, "type": types, "doc": field.doc, "default": None}


def _type(field: EventField, named: set[str]) -> Any:
    if field.avro == "PersonName":
        parts = tuple((part, "string") for part, _ in field.parts)
    elif field.avro in _RECORDS:
        parts = _RECORDS[field.avro]
    else:
        return field.avro
    if field.avro in named:  # Avro writes a record type out once and names it afterwards
        return field.avro
    named.add(field.avro)
    fields = [{"name": part, "type": ["null", kind], "default": None} for part, kind in parts]
    return {"type": "record", "name": field.avro, "fields": fields}


def _record_parts(union: Any, records: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    for each in union if isinstance(union, list) else ():
        if isinstance(each, dict):
            records[each["name"]] = tuple(part["name"] for part in each["fields"])
            return records[each["name"]]
        if each in records:
            return records[each]
    return ()


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, separators=(",", ":"))
