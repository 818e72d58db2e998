"""Managed event subscriptions: the org itself remembers how far a client has come, once the client has said so."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.events.bus import EventBus, Position
from demo_org.events.topics import UnknownTopic
from demo_org.ids import make_id, normalise
from demo_org.store.org import SERVER

PRESETS = ("LATEST", "EARLIEST")
STATES = ("RUN", "STOP")
_NOTE = "managed_subscriptions"
_PREFIX = "18x"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedSubscription:
    """One of them, as its record in the Tooling API tells it."""

    id: str
    name: str
    topic: str
    label: str = ""
    state: str = "RUN"
    #: where a client begins that has committed nothing, and one whose committed position is no longer kept
    default_replay: str = "LATEST"
    error_recovery_replay: str = "LATEST"
    committed: int | None = None


class ManagedSubscriptions:
    """All of them; they survive a restart."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._by_name: dict[str, ManagedSubscription] = {}
        self.take_up()

    def take_up(self) -> None:
        """Read those the org's file has."""
        kept = json.loads(self._bus.org.remember(_NOTE) or "[]")
        self._by_name = {each["name"]: ManagedSubscription(**each) for each in kept}

    def listing(self) -> list[ManagedSubscription]:
        """Every one of them."""
        return list(self._by_name.values())

    def make(self, name: str, topic: str, **facts: Any) -> ManagedSubscription:
        """A new one."""
        if name in self._by_name:
            raise SalesforceFault(400, "DUPLICATE_DEVELOPER_NAME", f"There is already a subscription named {name}")
        try:
            self._bus.topics.topic(topic)
        except UnknownTopic:
            raise SalesforceFault(400, "INVALID_INPUT", f"There is no topic {topic}") from None
        number = len(self._by_name) + 1
        made = ManagedSubscription(id=make_id(_PREFIX, SERVER, number), name=name, topic=topic, **facts)
        if made.state not in STATES or not {made.default_replay, made.error_recovery_replay} <= set(PRESETS):
            raise SalesforceFault(400, "INVALID_INPUT", "state is RUN or STOP, a replay is LATEST or EARLIEST")
        return self._keep(made)

    def find(self, key: str) -> ManagedSubscription | None:
        """The one with this id or name."""
        known = normalise(key)
        return next((each for each in self._by_name.values() if key == each.name or known == each.id), None)

    def commit(self, subscription: ManagedSubscription, position: int) -> bool:
        """Remember how far the client has come; False if nobody can have come there."""
        try:
            self._bus.check(position)
        except Position:
            return False
        self._keep(replace(self._by_name[subscription.name], committed=position))
        return True

    def start(self, subscription: ManagedSubscription) -> int:
        """Where a client that comes (back) goes on."""
        committed = self._by_name[subscription.name].committed
        if committed is None:
            return self._preset(subscription.default_replay)
        try:
            self._bus.check(committed)
        except Position:
            return self._preset(subscription.error_recovery_replay)
        return committed

    def _preset(self, name: str) -> int:
        return self._bus.earliest() if name == "EARLIEST" else self._bus.tip

    def _keep(self, subscription: ManagedSubscription) -> ManagedSubscription:
        self._by_name[subscription.name] = subscription
        self._bus.org.keep(_NOTE, json.dumps([asdict(each) for each in self._by_name.values()]))
        return subscription
