"""Events on their way to one subscriber, and the faults that may strike each."""

from dataclasses import dataclass, field, replace
from typing import Any

from demo_org.events import EventBus, StoredEvent, Topic
from demo_org.faults import Faults
from demo_org.pubsub.encoding import consumer_event
from demo_org.pubsub.refusals import Refused, unavailable

_LARGEST = 3_000_000  # bytes of one answer: clients take four million


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One subscriber's share of the bus: what is read, and what goes out for it."""

    bus: EventBus
    faults: Faults
    #: an event that a fault holds back until the next one has gone
    held: Any = None
    #: how the stream ends once what came before has gone
    ending: Refused | None = None
    _messages: list[Any] = field(default_factory=list)

    def of(self, stored: list[StoredEvent], topic: Topic) -> tuple[list[Any], int]:
        """The messages for some events, and the position of the last one read; large ones are left for later."""
        self._messages, size, position = [], 0, 0
        for each in stored:
            before = len(self._messages)
            self._put(each, topic)
            size += sum(message.ByteSize() for message in self._messages[before:])
            position = each.replay
            if self.ending is not None or size > _LARGEST:
                break
        return self._messages, position

    def _put(self, event: StoredEvent, topic: Topic) -> None:
        struck = None if self.faults.idle else self._strike(event, topic)
        match struck:
            case "event_lost":
                return
            case "stream_ended":
                self.ending = unavailable()
                return
            case "event_gap":
                event = _without_values(event, f"GAP_{event.header['changeType'].removeprefix('GAP_')}")
            case "event_overflow":
                event = _without_values(event, "GAP_OVERFLOW")
        message = consumer_event(self.bus, event, topic)
        if struck == "event_undecodable":
            message.event.payload = message.event.payload[: len(message.event.payload) // 2]
        if struck == "event_reordered" and self.held is None:
            self.held = message
            return
        held, self.held = self.held, None
        self._messages += [message, *([held] if held is not None else [])]
        if struck == "event_duplicated":
            self._messages.append(message)

    def _strike(self, event: StoredEvent, topic: Topic) -> str | None:
        return self.faults.event("DELIVER", topic=topic.name, object_name=event.header["entityName"])


def _without_values(event: StoredEvent, change_type: str) -> StoredEvent:
    ids = [] if change_type == "GAP_OVERFLOW" else event.header["recordIds"]
    nothing: dict[str, Any] = {"nulledFields": [], "diffFields": [], "changedFields": []}
    header = {**event.header, **nothing, "changeType": change_type, "recordIds": ids}
    return replace(event, header=header, body={}, enriched={})
