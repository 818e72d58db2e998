"""The clients of the Streaming API that have shaken hands, what each listens to, and how it is woken."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from demo_org.events import EventBus, Topic
from demo_org.events.striking import Delivery
from demo_org.faults import Faults

_MOST_CLIENTS = 1000  # concurrent CometD clients of an org (Streaming API limits, Enterprise Edition)
Wake = Callable[[], object]


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One channel a client listens to, and how far it has heard."""

    channel: str
    position: int
    delivery: Delivery


@dataclass(slots=True, kw_only=True)
class Listener:
    """One client between its handshake and its disconnect."""

    id: str
    #: the first connect is answered at once, so that a client knows it is connected
    connected: bool = False
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    #: the org's deliveries of the day did not hold what it should have heard
    over: bool = False
    #: what ends its present waiting
    wakes: list[Wake] = field(default_factory=list)

    def wake(self) -> None:
        """End its waiting."""
        for each in list(self.wakes):
            each()


class Listeners:
    """All clients of one org."""

    def __init__(self, bus: EventBus, faults: Faults) -> None:
        self.bus = bus
        self.faults = faults
        self._lock = threading.Lock()
        self._known: dict[str, Listener] = {}
        self._stop_waking = bus.on_events(self._wake_all)

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._stop_waking()
        self._wake_all()

    def shake_hands(self) -> Listener:
        """A new client."""
        with self._lock:
            if len(self._known) >= _MOST_CLIENTS:
                self._known.pop(next(iter(self._known)))  # the oldest has most likely gone without a word
            made = Listener(id=secrets.token_hex(14))
            self._known[made.id] = made
            return made

    def find(self, client_id: object) -> Listener | None:
        """The client of an id."""
        return self._known.get(client_id) if isinstance(client_id, str) else None

    def forget(self, listener: Listener) -> None:
        """A client has gone."""
        with self._lock:
            self._known.pop(listener.id, None)
        listener.wake()

    def subscribe(self, listener: Listener, topic: Topic, position: int) -> None:
        """Let the client hear a topic from a position on."""
        listener.subscriptions[topic.name] = Subscription(
            channel=topic.name, position=position, delivery=Delivery(faults=self.faults)
        )
        listener.wake()

    def something_for(self, listener: Listener) -> bool:
        """Whether the client would hear something now."""
        return any(
            self.bus.after(each.position, self.bus.topics.topic(each.channel).events, 1)[0]
            for each in listener.subscriptions.values()
        )

    def _wake_all(self) -> None:
        for each in list(self._known.values()):
            each.wake()
