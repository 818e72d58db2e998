"""Events as the Pub/Sub API sends them: Avro in the schema each names."""

import io
import json
from functools import lru_cache
from typing import Any

import fastavro

from demo_org.events import EventBus, StoredEvent, Topic
from demo_org.events.delivery import avro_record
from demo_org.pubsub import replay
from demo_org.pubsub.contract import MESSAGES


def consumer_event(bus: EventBus, event: StoredEvent, topic: Topic) -> Any:
    """The event as a message."""
    schema = bus.schema(event.schema_id)
    assert schema is not None, "a schema is kept with the first event that has it"
    written = io.BytesIO()
    record = avro_record(event, schema, topic, bus.org.catalog)
    fastavro.schemaless_writer(written, _parsed(schema.text), record)
    producer = MESSAGES["ProducerEvent"](id=event.id, schema_id=event.schema_id, payload=written.getvalue())
    return MESSAGES["ConsumerEvent"](event=producer, replay_id=replay.written(event.replay))


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    return fastavro.parse_schema(json.loads(text))
