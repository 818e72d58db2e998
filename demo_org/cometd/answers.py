"""Answers the messages of a Bayeux client: handshake, connect, subscribe, unsubscribe, disconnect.

Bayeux 1.0 with Salesforce's replay extension and its texts of errors (Streaming API guide).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from demo_org.catalog import Catalog
from demo_org.cometd.listeners import Listener, Listeners, Subscription
from demo_org.events import Position, StoredEvent, Topic, UnknownTopic
from demo_org.events.delivery import json_payload

Message = dict[str, Any]
NEW_ONLY, ALL_KEPT = -1, -2
_MOST_AT_ONCE = 200  # events of one answer
_UUID_SINCE = 49.0  # the version from which on events have an EventUuid
_REJECTED = {"reconnect": "none"}
_AGAIN = {"interval": 0, "reconnect": "handshake"}
_NO_SESSION = "401::Authentication invalid"


class Streaming:
    """The Streaming API of one org."""

    def __init__(self, listeners: Listeners, catalog: Catalog, *, seconds: float) -> None:
        self._listeners = listeners
        self._catalog = catalog
        self._seconds = seconds

    def answer(self, messages: Sequence[Message], *, version: float, logged_in: bool) -> list[Message]:
        """The answers to some messages; to a connect, the events the client has waited for come before its own."""
        answers: list[Message] = []
        for each in messages:
            answers += self._events_for(each, version, logged_in=logged_in)
            answers.append(self._answer(each, logged_in=logged_in))
        return answers

    def waits(self, messages: Sequence[Message]) -> Listener | None:
        """The client whose answer is held until there is something to say; None if it is answered at once."""
        for each in messages:
            if each.get("channel") == "/meta/connect":
                listener = self._listeners.find(each.get("clientId"))
                now = _part(each, "advice").get("timeout") == 0
                if listener is None or now or not listener.connected or self._listeners.something_for(listener):
                    return None
                return listener
        return None

    def _answer(self, message: Message, *, logged_in: bool) -> Message:
        channel = str(message.get("channel", ""))
        act = self._acts().get(channel)
        answer: Message = {"channel": channel, **({"id": message["id"]} if "id" in message else {})}
        if channel == "/meta/handshake":
            return answer | self._shake_hands(logged_in=logged_in)
        if not logged_in:
            return answer | _refused(_NO_SESSION, advice=_AGAIN)
        listener = self._listeners.find(message.get("clientId"))
        if listener is None:
            return answer | _refused("403::Unknown client", advice=_AGAIN)
        answer["clientId"] = listener.id
        if act is None:
            return answer | _refused("403:denied_by_security_policy:publish_denied")
        return answer | act(listener, message)

    def _acts(self) -> Mapping[str, Callable[[Listener, Message], Message]]:
        return {
            "/meta/connect": self._connect,
            "/meta/subscribe": self._subscribe,
            "/meta/unsubscribe": self._unsubscribe,
            "/meta/disconnect": self._disconnect,
        }

    def _shake_hands(self, *, logged_in: bool) -> Message:
        if not logged_in:
            failure = {"sfdc": {"failureReason": _NO_SESSION}, "replay": True, "payload.format": True}
            return _refused(_NO_SESSION, advice=_REJECTED) | {"ext": failure}
        return {
            "ext": {"replay": True, "payload.format": True},
            "minimumVersion": "1.0",
            "version": "1.0",
            "clientId": self._listeners.shake_hands().id,
            "supportedConnectionTypes": ["long-polling"],
            "successful": True,
        }

    def _connect(self, listener: Listener, message: Message) -> Message:  # noqa: ARG002 - acts share one signature
        listener.connected = True
        if listener.over:
            return _refused("403::Organization total events daily limit exceeded", advice=_REJECTED)
        advice = {"interval": 0, "timeout": int(self._seconds * 1000), "reconnect": "retry"}
        return {"advice": advice, "successful": True}

    def _subscribe(self, listener: Listener, message: Message) -> Message:
        wanted = message.get("subscription")
        channels = wanted if isinstance(wanted, list) else [wanted]
        told = {"subscription": wanted}
        bus = self._listeners.bus
        for channel in map(str, channels):
            try:
                topic = bus.topics.topic(channel)
            except UnknownTopic:
                return told | _refused(f"400::The channel you requested to subscribe to does not exist {{{channel}}}")
            replay = _part(_part(message, "ext"), "replay").get(channel, NEW_ONLY)
            try:
                self._listeners.subscribe(listener, topic, self._position(replay))
            except Position:
                return told | _refused(
                    f"400::The replayId {{{replay}}} you provided was invalid.  Please provide a valid ID, -2 to "
                    "replay all events, or -1 to replay only new events."
                )
        return told | {"successful": True}

    def _unsubscribe(self, listener: Listener, message: Message) -> Message:
        listener.subscriptions.pop(str(message.get("subscription")), None)
        return {"subscription": message.get("subscription"), "successful": True}

    def _disconnect(self, listener: Listener, message: Message) -> Message:  # noqa: ARG002 - see above
        self._listeners.forget(listener)
        return {"successful": True}

    def _position(self, replay: object) -> int:
        bus = self._listeners.bus
        if replay == NEW_ONLY:
            return bus.tip
        if replay == ALL_KEPT:
            return bus.earliest()
        if not isinstance(replay, int) or isinstance(replay, bool):
            raise Position(replay)
        bus.check(replay)
        return replay

    def _events_for(self, message: Message, version: float, *, logged_in: bool) -> list[Message]:
        """The events of a connect, oldest first on each channel."""
        listener = self._listeners.find(message.get("clientId"))
        if message.get("channel") != "/meta/connect" or listener is None or not logged_in:
            return []
        found: list[Message] = []
        reached: list[tuple[Subscription, int]] = []
        for each in listener.subscriptions.values():
            topic = self._listeners.bus.topics.topic(each.channel)
            stored, position = self._listeners.bus.after(each.position, topic.events, _MOST_AT_ONCE)
            reached.append((each, position))
            found += [
                self._told(going.event, topic, version) for event in stored for going in each.delivery.of(event, topic)
            ]
        listener.over = not self._listeners.bus.allowance.spend(len(found))
        if listener.over:
            return []
        for each, position in reached:
            each.position = position
        return found

    def _told(self, event: StoredEvent, topic: Topic, version: float) -> Message:
        place: Message = {"replayId": event.replay}
        if version >= _UUID_SINCE:
            place["EventUuid"] = event.id
        data = {"schema": event.schema_id, "payload": json_payload(event, topic, self._catalog), "event": place}
        return {"data": data, "channel": topic.name}


def _refused(error: str, *, advice: Mapping[str, object] | None = None) -> Message:
    return {"successful": False, "error": error, **({"advice": dict(advice)} if advice else {})}


def _part(message: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = message.get(name)
    return found if isinstance(found, dict) else {}
