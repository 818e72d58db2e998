"""An event as one subscriber gets it: without fields he may not see, with those his channel always sends."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from demo_org.catalog import Catalog, FieldType
from demo_org.events.bitmaps import pack
from demo_org.events.bus import StoredEvent
from demo_org.events.schema import Schema
from demo_org.events.topics import Topic

_LISTS = ("nulledFields", "diffFields", "changedFields")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def avro_record(event: StoredEvent, schema: Schema, topic: Topic, catalog: Catalog) -> dict[str, Any]:
    """The record to be written with the event's schema; that of a platform event has no header."""
    if not event.header:
        return event.body
    hidden = hidden_fields(event, catalog)
    header = {**event.header, **{name: pack(_visible(event.header[name], hidden), schema) for name in _LISTS}}
    return {"ChangeEventHeader": header, **_body(event, topic, hidden)}


def json_payload(event: StoredEvent, topic: Topic, catalog: Catalog) -> dict[str, Any]:
    """The payload of a Streaming API message: plain names in the header, instants as text, nothing that is null."""
    if not event.header:
        created = _EPOCH + timedelta(milliseconds=event.body["CreatedDate"])
        return event.body | {"CreatedDate": created.strftime(_INSTANT)}
    hidden = hidden_fields(event, catalog)
    header = {**event.header, **{name: _visible(event.header[name], hidden) for name in _LISTS}}
    fields = catalog.stored_object(event.header["entityName"]).fields
    body = {name: _readable(fields.get(name), value) for name, value in _body(event, topic, hidden).items()}
    for name in header["diffFields"]:
        body[name] = {"diff": body[name]}
    # An update says by null what it cleared; elsewhere null fields are left out.
    body |= {name: None for name in header["nulledFields"] if "." not in name}
    return {**body, "ChangeEventHeader": header}


def hidden_fields(event: StoredEvent, catalog: Catalog) -> frozenset[str]:
    """Fields of the event's object that field-level security keeps from the subscriber, or that are gone."""
    object_name = event.header["entityName"]
    visible = catalog.find(object_name)
    if visible is None:
        return frozenset({*event.body, *event.enriched})
    stored = catalog.stored_object(object_name).fields
    return frozenset(name for name in stored if name not in visible.fields)


def _body(event: StoredEvent, topic: Topic, hidden: Collection[str]) -> dict[str, Any]:
    extra = topic.enriched.get(event.header["entityName"], ())
    whole = {name: event.enriched[name] for name in extra if name in event.enriched} | event.body
    return {name: value for name, value in whole.items() if name not in hidden}


def _visible(names: list[str], hidden: Collection[str]) -> list[str]:
    return [name for name in names if name.partition(".")[0] not in hidden]


def _readable(field: FieldType | None, value: Any) -> Any:
    """Milliseconds as the text REST would write."""
    if field is None or isinstance(value, Mapping):
        return value
    if field.type == "datetime":
        return (_EPOCH + timedelta(milliseconds=value)).strftime(_INSTANT)
    if field.type == "date":
        return (_EPOCH + timedelta(milliseconds=value)).strftime("%Y-%m-%d")
    if field.type == "time":
        return (_EPOCH + timedelta(milliseconds=value)).strftime("%H:%M:%S.000Z")
    return value
