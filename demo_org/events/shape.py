"""The fields of an object's change events: one for each field of the object, and one for all parts of a compound field.

Avro types and doc words are those of schemas a real org hands out.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from demo_org.catalog import FieldType, ObjectType
from demo_org.catalog.change_events import event_name, told
from demo_org.ids import SEQUENCE_LENGTH, encode

Row = Mapping[str, Any]
Parts = tuple[tuple[str, str], ...]

_ADDRESS = (
    "Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode", "Latitude", "Longitude",
    "GeocodeAccuracy",
)  # fmt: skip
_PERSON = ("Salutation", "FirstName", "LastName", "MiddleName", "Suffix")
_LONG_TEXT = 255
#: the field type -> (Avro type, doc word)
_KINDS = {
    "string": ("string", "Data:Text"),
    "textarea": ("string", "Data:Text"),
    "picklist": ("string", "Data:DynamicEnum"),
    "combobox": ("string", "Data:DynamicEnum"),
    "multipicklist": ("string", "Data:MultiEnum"),
    "phone": ("string", "Data:Phone"),
    "email": ("string", "Data:Email"),
    "url": ("string", "Data:Url"),
    "currency": ("double", "Data:Currency"),
    "double": ("double", "Data:Double"),
    "percent": ("double", "Data:Percent"),
    "int": ("int", "Data:Integer"),
    "long": ("long", "Data:Long"),
    "boolean": ("boolean", "Data:Boolean"),
    "datetime": ("long", "Data:DateTime"),
    "date": ("long", "Data:DateOnly"),
    "time": ("long", "Data:TimeOnly"),
    "reference": ("string", "ForeignKey:EntityId"),
    "address": ("Address", "Data:Address"),
    "location": ("Location", "Data:Location"),
}
_EXTERNAL_KEYS = frozenset({"JigsawCompanyId", "JigsawContactId"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField:
    """One field of a change event."""

    name: str
    #: an Avro type, or the name of a record type (Address, Location, PersonName, Switchable_PersonName)
    avro: str
    doc: str
    #: (part, stored field) of a compound field
    parts: Parts = ()
    #: the name of an account is a text beside the record for a person's name
    text_too: bool = False
    convert: Callable[[Any], Any] | None = None

    def value(self, row: Row) -> Any:
        """The field's value in a stored row as an event carries it; of a compound, the parts that have one."""
        if self.parts and not self.text_too:
            known = {part: row.get(column) for part, column in self.parts}
            return {part: value for part, value in known.items() if value is not None} or None
        stored = row.get(self.name)
        return stored if stored is None or self.convert is None else self.convert(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The fields of an object's change events in order, without the header."""

    object_name: str
    event_name: str
    fields: tuple[EventField, ...]


def shape_of(described: ObjectType) -> Shape:
    """What the object's change events look like."""
    fields = tuple(
        _event_field(described, field) for field in described.fields.values() if _stands_alone(described, field)
    )
    return Shape(object_name=described.name, event_name=event_name(described.name), fields=fields)


def milliseconds(stored: str) -> int:
    """A stored instant, day or time as milliseconds: since 1970 in UTC, or of the day."""
    if "T" in stored:
        return (datetime.fromisoformat(stored) - _EPOCH) // timedelta(milliseconds=1)
    if ":" in stored:
        told = time.fromisoformat(stored.removesuffix("Z"))
        return ((told.hour * 60 + told.minute) * 60 + told.second) * 1000 + told.microsecond // 1000
    return (date.fromisoformat(stored) - _EPOCH.date()) // timedelta(milliseconds=1)


def custom_field_id(object_name: str, field_name: str) -> str:
    """The 15-character id a custom field keeps, by which a consumer knows it under another name."""
    digest = hashlib.sha256(f"{object_name}.{field_name}".encode()).digest()
    return "00NDm0" + encode(int.from_bytes(digest[:6], "big"), SEQUENCE_LENGTH)


def _stands_alone(described: ObjectType, field: FieldType) -> bool:
    whole = field.compound_field_name
    if whole is not None and whole != field.name and whole in described.fields and _is_compound(described, whole):
        return False
    return field.type in _KINDS and told(described.name, field)


def _is_compound(described: ObjectType, whole: str) -> bool:
    return described.fields[whole].compound or whole == "Name"


def _event_field(described: ObjectType, field: FieldType) -> EventField:
    avro, doc = _KINDS[field.type]
    parts: Parts = ()
    if field.type == "address":
        parts = _parts(described, field, _ADDRESS, field.name.removesuffix("Address"))
    elif field.type == "location":
        parts = _parts(described, field, ("Latitude", "Longitude"), None)
    elif field.name == "Name" and described.name == "Account":
        avro, doc, parts = "Switchable_PersonName", "Data:Switchable_PersonName", _parts(described, field, _PERSON, "")
        return EventField(name="Name", avro=avro, doc=doc, parts=parts, text_too=True)
    elif field.name == "Name" and _parts(described, field, _PERSON, ""):
        avro, doc, parts = "PersonName", "Data:PersonName", _parts(described, field, _PERSON, "")
    return EventField(
        name=field.name, avro=avro, doc=_doc(described, field, doc), parts=parts, convert=_CONVERT.get(field.type)
    )


def _parts(described: ObjectType, field: FieldType, names: tuple[str, ...], prefix: str | None) -> Parts:
    """(part, stored field) of a compound; without a prefix the stored fields are found by how they end."""
    own = [each.name for each in described.fields.values() if each.compound_field_name == field.name]
    found = []
    for name in names:
        column = next((each for each in own if (each == prefix + name if prefix is not None else name in each)), None)
        if column is not None and column != field.name:
            found.append((name, column))
    return tuple(found)


def _doc(described: ObjectType, field: FieldType, doc: str) -> str:
    if field.name == "CreatedDate":
        return "CreatedDate:DateTime"
    if field.name in _EXTERNAL_KEYS:
        return "ExternalForeignKey:ExternalId"
    if field.type == "textarea" and field.length > _LONG_TEXT:
        doc = "Data:HtmlStringPlusClob" if field.extra_type_info == "richtextarea" else "Data:StringPlusClob"
    if field.type == "picklist" and field.restricted_picklist and not field.custom:
        doc = "Data:StaticEnum"
    return f"{doc}:{custom_field_id(described.name, field.name)}" if field.custom else doc


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "datetime": milliseconds,
    "date": milliseconds,
    "time": milliseconds,
    "boolean": bool,
    "double": float,
    "currency": float,
    "percent": float,
    "int": int,
    "long": int,
}
