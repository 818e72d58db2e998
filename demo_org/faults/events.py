"""Faults of change events: whoever delivers them asks the engine for strikes and does what the kind's name says."""

from demo_org.faults.kinds import Kind, Parameter, where

_DELIVERY = where("events", methods=("DELIVER",))
_SUBSCRIPTION = where("events", methods=("SUBSCRIBE",))


def _kind(name: str, doc: str, *, of: str = "delivery", by_chance: bool = True, **parameters: Parameter) -> Kind:
    at = _DELIVERY if of == "delivery" else _SUBSCRIPTION
    return Kind(name=name, group="events", doc=doc, where=at, parameters=parameters, by_chance=by_chance)


KINDS: tuple[Kind, ...] = (
    _kind("event_duplicated", "An event is delivered twice, with the same id and replay id."),
    _kind("event_reordered", "An event is delivered after the one that follows it."),
    _kind("event_lost", "An event is never delivered; the next one comes as if nothing had been."),
    _kind("event_gap", "A GAP event comes in place of an event: which record changed, without any value."),
    _kind("event_overflow", "A GAP_OVERFLOW event comes in place of an event: too much changed to tell."),
    _kind("event_undecodable", "The bytes of an event don't fit their schema."),
    _kind("stream_ended", "The stream ends with UNAVAILABLE, as when Salesforce rotates its connections."),
    _kind("replay_expired", "A replay id is older than what is kept.", of="subscription"),
    _kind("replay_corrupted", "A replay id is not understood.", of="subscription"),
    _kind("stream_refused", "No more subscriptions: the org's limit is reached.", of="subscription"),
    _kind("stream_unauthenticated", "The token of a subscription is not accepted.", of="subscription"),
)
