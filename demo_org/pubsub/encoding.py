"""Events as the Pub/Sub API sends them: Avro in the schema each names."""

import io
import json
from functools import lru_cache
from typing import Any

import fastavro

from demo_org.events import EventBus, Topic
from demo_org.events.delivery import avro_record
from demo_org.events.striking import Outgoing
from demo_org.pubsub import replay
from demo_org.pubsub.contract import MESSAGES


def consumer_event(bus: EventBus, going: Outgoing, topic: Topic) -> Any:
    """The event as a message."""
    event = going.event
    schema = bus.schema(event.schema_id)
    assert schema is not None, "a schema is kept with the first event that has it"
    written = io.BytesIO()
    record = avro_record(event, schema, topic, bus.org.catalog)
    fastavro.schemaless_writer(written, _parsed(schema.text), record)
    payload = written.getvalue()
    if going.spoiled:
        payload = payload[: len(payload) // 2]
    producer = MESSAGES["ProducerEvent"](id=event.id, schema_id=event.schema_id, payload=payload)
    return MESSAGES["ConsumerEvent"](event=producer, replay_id=replay.written(event.replay))


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return fastavro.parse_schema(json.loads(text))
