"""Which objects are selected for Change Data Capture, and which channels tell of them.

/data/ChangeEvents tells of every object selected in Setup, /data/OpportunityChangeEvent of one, a custom channel
/data/SalesSync__chn of its members, with the fields that enrich their events.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from demo_org.catalog.change_events import event_name, has_change_events, object_of
from demo_org.errors import SalesforceFault
from demo_org.events.platform import PlatformEvent, checked_event
from demo_org.events.schema import Schema, mixed_schema, schema_of
from demo_org.events.shape import Shape, shape_of
from demo_org.events.transaction import Capture
from demo_org.store import Org

#: what a new demo org tells of, so that it can be listened to at once. (A real org has nothing selected at first.)
DEFAULT_OBJECTS = ("Account", "Contact", "Opportunity", "OpportunityContactRole", "OpportunityLineItem")
ALL = "/data/ChangeEvents"
_NOTE = "change_events"
_CHANNEL = re.compile(r"[A-Za-z]\w*__chn\Z")


class UnknownTopic(Exception):
    """There is no topic of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A channel somebody may listen to."""

    name: str
    #: names of the change events it delivers
    events: tuple[str, ...]
    schema: Schema
    #: whether programs may put events on it
    can_publish: bool = False
    #: fields that are always in an event of an object
    enriched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A custom channel: its members, and the fields always sent with each."""

    name: str
    members: Mapping[str, tuple[str, ...]]


class Topics:
    """The selection of one org; it survives a restart."""

    def __init__(self, org: Org, *, selected: Iterable[str], most: int) -> None:
        self._org = org
        self._most = most
        self._channels: dict[str, Channel] = {}
        self._platform: dict[str, PlatformEvent] = {}
        self._captures: dict[str, Capture] | None = None
        self._shapes: dict[str, Shape] = {}
        self._selected: tuple[str, ...] = ()
        self._first = tuple(selected)
        self.take_up()
        org.catalog.on_change(lambda *_: self._forget_captures())

    def take_up(self) -> None:
        """Read what the org's file says is selected; in a new one, select what was asked for."""
        self._forget_captures()
        self._channels, self._platform = {}, {}
        kept = self._org.remember(_NOTE)
        if kept is None:
            self.select(name for name in self._first if self._org.catalog.find(name) is not None)
            return
        state = json.loads(kept)
        self._selected = tuple(state["selected"])
        self._platform = {name: checked_event(name, fields) for name, fields in state.get("platform", {}).items()}
        for name, members in state["channels"].items():
            self._channels[name] = Channel(name=name, members={k: tuple(v) for k, v in members.items()})

    @property
    def selected(self) -> tuple[str, ...]:
        """Objects whose changes go to the standard channel."""
        return self._selected

    @property
    def channels(self) -> Mapping[str, Channel]:
        """The custom channels by name."""
        return self._channels

    def select(self, names: Iterable[str]) -> None:
        """Select the objects of the standard channel, as an admin does in Setup."""
        chosen = tuple(dict.fromkeys(self._checked(name) for name in names))
        self._check_count([*chosen, *(member for each in self._channels.values() for member in each.members)])
        self._selected = chosen
        self._keep()

    def add_channel(self, name: str, members: Mapping[str, Iterable[str]]) -> Channel:
        """Make a custom channel, or set its members anew: object -> fields that enrich its events."""
        if not _CHANNEL.match(name):
            raise SalesforceFault(400, "INVALID_INPUT", f"{name} is no name for a channel; end it with __chn")
        chosen = {self._checked(member): tuple(fields) for member, fields in members.items()}
        others = [member for each in self._channels.values() if each.name != name for member in each.members]
        self._check_count([*self._selected, *others, *chosen])
        made = Channel(name=name, members=chosen)
        self._channels[name] = made
        self._keep()
        return made

    def remove_channel(self, name: str) -> None:
        """Take a custom channel away."""
        if self._channels.pop(name, None) is not None:
            self._keep()

    @property
    def platform_events(self) -> Mapping[str, PlatformEvent]:
        """The platform events that are defined, by name."""
        return self._platform

    def define_event(self, name: str, fields: Mapping[str, str]) -> PlatformEvent:
        """Define a platform event, or its fields anew."""
        made = self._platform[name] = checked_event(name, fields)
        self._keep()
        return made

    def captures(self) -> Mapping[str, Capture]:
        """Every object that some channel tells of, with the fields its events must have."""
        found = self._captures
        if found is None:
            enriched: dict[str, dict[str, None]] = {name: {} for name in self._selected}
            for channel in self._channels.values():
                for member, fields in channel.members.items():
                    enriched.setdefault(member, {}).update(dict.fromkeys(fields))
            stored = self._org.catalog.stored
            found = {
                name: Capture(shape=self._shape(name), enriched=tuple(fields))
                for name, fields in enriched.items()
                if name in stored
            }
            self._captures = found
        return found

    def topic(self, name: str) -> Topic:
        """The topic of a name; an object that is not selected has one that stays silent."""
        if name == ALL:
            return Topic(name=name, events=tuple(event_name(each) for each in self._selected), schema=mixed_schema())
        event = self._platform.get(name.removeprefix("/event/"))
        if event is not None and name.startswith("/event/"):
            return Topic(name=name, events=(event.name,), schema=event.schema, can_publish=True)
        short = name.removeprefix("/data/")
        channel = self._channels.get(short)
        if channel is not None and short != name:
            events = tuple(event_name(each) for each in channel.members)
            return Topic(name=name, events=events, schema=mixed_schema(), enriched=channel.members)
        object_name = object_of(short) if short != name else None
        described = self._org.catalog.find(object_name) if object_name else None
        if described is None or described.name != object_name or not has_change_events(described):
            raise UnknownTopic(name)
        schema = schema_of(self._shape(described.name))
        return Topic(name=name, events=(short,) if described.name in self._selected else (), schema=schema)

    def _shape(self, name: str) -> Shape:
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes[name] = shape_of(self._org.catalog.featured_object(name))
        return found

    def _checked(self, name: str) -> str:
        described = self._org.catalog.find(name)
        if described is None or not has_change_events(described):
            message = f"{name} can't be selected for Change Data Capture"
            raise SalesforceFault(400, "INVALID_INPUT", message)
        return described.name

    def _check_count(self, names: Iterable[str]) -> None:
        # Without the add-on licence an org selects five objects, over all channels (Change Data Capture allocations).
        if len(set(names)) > self._most:
            message = f"You can select up to {self._most} entities for Change Data Capture"
            raise SalesforceFault(400, "LIMIT_EXCEEDED", message)

    def _keep(self) -> None:
        self._forget_captures()
        channels = {each.name: {k: list(v) for k, v in each.members.items()} for each in self._channels.values()}
        platform = {each.name: dict(each.fields) for each in self._platform.values()}
        self._org.keep(_NOTE, json.dumps({"selected": self._selected, "channels": channels, "platform": platform}))

    def _forget_captures(self) -> None:
        self._captures = None
        self._shapes = {}
