"""An org with a bus, for the tests of change events."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from demo_org.clock import Clock
from demo_org.events import DEFAULT_OBJECTS, EventBus, StoredEvent, Topics
from demo_org.store import Org

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Bus:
    """An org with a bus, and what arrived since the last look."""

    def __init__(self, org: Org, *, selected: tuple[str, ...] = DEFAULT_OBJECTS, **limits: Any) -> None:
        self.org = org
        self.topics = Topics(org, selected=selected, most=limits.pop("most", 5))
        self.bus = EventBus(org, self.topics, **limits)
        self.position = self.bus.tip

    def news(self, topic: str = "/data/ChangeEvents") -> list[StoredEvent]:
        """Events since the last look."""
        found, self.position = self.bus.after(self.position, self.topics.topic(topic).events, 10_000)
        return found

    def told(self) -> list[tuple[str, str, int]]:
        """Change, object and number of records of each new event."""
        return [(e.header["changeType"], e.header["entityName"], len(e.header["recordIds"])) for e in self.news()]


@contextmanager
def opened(**options: Any) -> Iterator[Bus]:
    """A bus over an empty org at noon."""
    with Org.open(clock=Clock(frozen_at=NOON)) as org:
        yield Bus(org, **options)
