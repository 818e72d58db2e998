"""Events on their way to one subscriber, and the faults that may strike each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from demo_org.events.bus import StoredEvent
from demo_org.events.topics import Topic
from demo_org.faults import Faults

#: faults that need the header of a change event
_OF_RECORDS = {"event_gap", "event_overflow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An event to be sent, maybe in bytes that don't fit its schema."""

    event: StoredEvent
    spoiled: bool = False


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One subscriber's way from the bus: what goes out for each event, while faults are in force and while not."""

    faults: Faults
    #: the stream ends here: nothing more goes out
    ended: bool = False
    _held: Outgoing | None = None

    def of(self, event: StoredEvent, topic: Topic) -> Iterable[Outgoing]:
        """What is sent for an event: it, as a rule."""
        struck = None
        if not self.faults.idle:
            struck = self.faults.event("DELIVER", topic=topic.name, object_name=event.header.get("entityName"))
        match struck if event.header or struck not in _OF_RECORDS else None:
            case "event_lost":
                return ()
            case "stream_ended":
                self.ended = True
                return ()
            case "event_gap":
                event = _without_values(event, f"GAP_{event.header['changeType'].removeprefix('GAP_')}")
            case "event_overflow":
                event = _without_values(event, "GAP_OVERFLOW")
        going = Outgoing(event=event, spoiled=struck == "event_undecodable")
        if struck == "event_reordered" and self._held is None:
            self._held = going  # it goes after the one that follows it
            return ()
        held, self._held = self._held, None
        twice = [going] if struck == "event_duplicated" else []
        return [going, *twice, *([held] if held is not None else [])]


def _without_values(event: StoredEvent, change_type: str) -> StoredEvent:
    ids = [] if change_type == "GAP_OVERFLOW" else event.header["recordIds"]
    nothing: dict[str, Any] = {"nulledFields": [], "diffFields": [], "changedFields": []}
    header = {**event.header, **nothing, "changeType": change_type, "recordIds": ids}
    return replace(event, header=header, body={}, enriched={})
