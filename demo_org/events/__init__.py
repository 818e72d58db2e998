"""Change Data Capture: the events that commits yield, the channels they go to, and the bus that keeps them three days.

Needs nothing but the standard library; demo_org.pubsub serves the bus over gRPC.
"""

from demo_org.events.bus import EventBus, Position, StoredEvent
from demo_org.events.schema import Schema
from demo_org.events.topics import DEFAULT_OBJECTS, Channel, Topic, Topics, UnknownTopic

__all__ = [
    "DEFAULT_OBJECTS",
    "Channel",
    "EventBus",
    "Position",
    "Schema",
    "StoredEvent",
    "Topic",
    "Topics",
    "UnknownTopic",
]
