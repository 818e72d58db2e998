"""The Publish and PublishStream calls: programs put platform events on the bus."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import fastavro

from demo_org.events import Schema, Topic
from demo_org.pubsub import replay
from demo_org.pubsub.calls import Call
from demo_org.pubsub.contract import MESSAGES
from demo_org.pubsub.refusals import not_fed, not_publishable, topic_changed
from demo_org.pubsub.settings import PubSubSettings
from demo_org.pubsub.subscribe import topic_of

_PUBLISH_ERROR = 1  # PUBLISH in the contract's ErrorCode
_LARGEST = 1_000_000  # bytes of an event


def publish(call: Call, topic_name: str, events: list[Any]) -> Any:
    """Put events on the bus; each has a result of its own, in the order they came."""
    topic = topic_of(call, topic_name)
    if not topic.can_publish:
        raise not_publishable(topic_name)
    bus = call.context.events
    bus.keep_schema(topic.schema)
    results = [_published(call, topic, each) for each in events]
    bus.wake()
    return MESSAGES["PublishResponse"](results=results, schema_id=topic.schema.id, rpc_id=call.id)


async def publish_stream(call: Call, requests: AsyncIterator[Any], settings: PubSubSettings) -> AsyncIterator[Any]:
    """Answer each request of a stream; the first names the topic."""
    name = ""
    while True:
        try:
            async with asyncio.timeout(settings.publish_patience):
                request = await anext(requests, None)
        except TimeoutError:
            raise not_fed() from None
        if request is None:
            return
        if name and request.topic_name not in {"", name}:
            raise topic_changed()
        name = name or request.topic_name
        yield await call.run(partial(publish, call, name, list(request.events)))


def _published(call: Call, topic: Topic, event: Any) -> Any:
    result = MESSAGES["PublishResult"](correlation_key=event.id)
    schema = call.context.events.schema(event.schema_id)
    record = None if schema is None else _record(schema, event.payload)
    if record is None or schema is None or len(event.payload) > _LARGEST:
        text = "The payload is not an event of the topic's schema, or is larger than 1 MB."
        result.error.CopyFrom(MESSAGES["Error"](code=_PUBLISH_ERROR, msg=text))
        return result
    now = int(call.context.org.clock.now().timestamp()) * 1000
    session = call.context.sessions.peek(call.token)
    record |= {"CreatedDate": now, "CreatedById": session.user_id if session is not None else ""}
    position = call.context.events.publish(topic.events[0], schema, record, event_id=event.id)
    result.replay_id = replay.written(position)
    return result


def _record(schema: Schema, payload: bytes) -> dict[str, Any] | None:
    stream = io.BytesIO(payload)
    try:
        read = fastavro.schemaless_reader(stream, fastavro.parse_schema(json.loads(schema.text)))
    except (EOFError, ValueError, IndexError, UnicodeDecodeError, OverflowError):
        return None
    return dict(read) if isinstance(read, dict) and stream.tell() == len(payload) else None
