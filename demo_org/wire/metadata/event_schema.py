"""Schemas of change events over REST, by the event's name or by the schema's id.

REST guide, "Platform Event Schema by Event Name" and "... by Schema ID".
"""

import json
from typing import Any

from demo_org.catalog.change_events import object_of
from demo_org.errors import not_found
from demo_org.events import Schema, UnknownTopic
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def by_name(context: Context, request: Request) -> Reply:
    """The present schema of an event."""
    name = request.parts["object"]
    if object_of(name) is None:
        raise not_found()
    try:
        schema = context.events.topics.topic(f"/data/{name}").schema
    except UnknownTopic:
        raise not_found() from None
    context.events.keep_schema(schema)
    return _answer(schema, request)


def by_id(context: Context, request: Request) -> Reply:
    """The schema of an id, also of one that newer events no longer have."""
    schema = context.events.schema(request.parts["schema"])
    if schema is None:
        raise not_found()
    return _answer(schema, request)


def _answer(schema: Schema, request: Request) -> Reply:
    """As the event itself is written, or (by default) with the envelope a Streaming API message has."""
    compact = json.loads(schema.text)
    if request.query.get("payloadFormat", "EXPANDED").upper() == "COMPACT":
        return Reply(content=compact | {"uuid": schema.id})
    data = _record(
        "Data", schema="string", payload=compact, event=_record("Event", replayId="long", EventUuid="string")
    )
    whole = _record(compact["name"], data=data, channel="string")
    content = whole | {"namespace": compact["namespace"], "type": "expanded-record", "uuid": schema.id}
    return Reply(content=content)


def _record(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": key, "type": kind} for key, kind in fields.items()]}
