"""Channels, their members and managed subscriptions, as an admin makes them by the Tooling API.

PlatformEventChannel, PlatformEventChannelMember and ManagedEventSubscription are metadata: a FullName and a Metadata
object (Tooling API guide).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from demo_org.catalog.change_events import object_of
from demo_org.errors import SalesforceFault, not_found
from demo_org.events.managed import ManagedSubscription
from demo_org.ids import make_id
from demo_org.store.org import SERVER
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_STANDARD = "ChangeEvents"
_BY_KEY = re.compile(r"\bWHERE\s+(?P<field>Id|DeveloperName)\s*=\s*'(?P<key>[^']*)'", re.IGNORECASE)
_FROM = re.compile(r"\bFROM\s+ManagedEventSubscription\b", re.IGNORECASE)


def create(context: Context, request: Request) -> Reply:
    """Make a channel, a member of one, or a managed subscription."""
    maker = _MAKERS.get(request.parts["object"])
    if maker is None:
        raise not_found()
    body = request.json_object()
    metadata = body.get("Metadata")
    if not isinstance(body.get("FullName"), str) or not isinstance(metadata, dict):
        raise SalesforceFault(400, "REQUIRED_FIELD_MISSING", "FullName and Metadata are required", ("FullName",))
    made = maker(context, body["FullName"], metadata)
    return Reply(status=201, content={"id": made, "success": True, "errors": [], "warnings": [], "infos": []})


def asked(request: Request) -> bool:
    """Whether a Tooling query asks for managed subscriptions."""
    return _FROM.search(request.query.get("q", "")) is not None


def subscriptions(context: Context, request: Request) -> Reply:
    """The managed subscriptions a Tooling query asks for: all, or the one of an id or a name."""
    found = context.managed.listing()
    by_key = _BY_KEY.search(request.query["q"])
    if by_key is not None:
        only = context.managed.find(by_key["key"])
        found = [] if only is None else [only]
    content = {
        "size": len(found),
        "totalSize": len(found),
        "done": True,
        "queryLocator": None,
        "entityTypeName": "ManagedEventSubscription",
        "records": [_record(each, request.version) for each in found],
    }
    return Reply(content=content)


def _record(managed: ManagedSubscription, version: str) -> dict[str, Any]:
    place = f"/services/data/v{version}/tooling/sobjects/ManagedEventSubscription/{managed.id}"
    return {
        "attributes": {"type": "ManagedEventSubscription", "url": place},
        "Id": managed.id,
        "DeveloperName": managed.name,
        "Metadata": {
            "label": managed.label,
            "topicName": managed.topic,
            "state": managed.state,
            "version": float(version),
            "defaultReplay": managed.default_replay,
            "errorRecoveryReplay": managed.error_recovery_replay,
        },
    }


def _make_channel(context: Context, name: str, metadata: Mapping[str, Any]) -> str:
    if metadata.get("channelType", "data") != "data":
        raise SalesforceFault(400, "INVALID_INPUT", "the demo org has channels of change events only")
    context.events.topics.add_channel(name, {})
    return make_id("0YL", SERVER, len(context.events.topics.channels))


def _make_member(context: Context, name: str, metadata: Mapping[str, Any]) -> str:  # noqa: ARG001 - makers share one signature
    topics = context.events.topics
    channel, member = str(metadata.get("eventChannel", "")), object_of(str(metadata.get("selectedEntity", "")))
    if member is None:
        raise SalesforceFault(400, "INVALID_INPUT", "selectedEntity is a change event, such as AccountChangeEvent")
    if channel == _STANDARD:
        topics.select([*topics.selected, member])
    elif channel in topics.channels:
        fields = [str(each["name"]) for each in metadata.get("enrichedFields", []) if isinstance(each, dict)]
        topics.add_channel(channel, {**topics.channels[channel].members, member: fields})
    else:
        raise SalesforceFault(400, "INVALID_INPUT", f"There is no channel {channel}")
    return make_id("0v8", SERVER, len(topics.captures()))


def _make_subscription(context: Context, name: str, metadata: Mapping[str, Any]) -> str:
    facts = {
        "label": "label", "state": "state", "defaultReplay": "default_replay",
        "errorRecoveryReplay": "error_recovery_replay",
    }  # fmt: skip
    given = {ours: str(metadata[theirs]) for theirs, ours in facts.items() if theirs in metadata}
    return context.managed.make(name, str(metadata.get("topicName", "")), **given).id


_MAKERS: Mapping[str, Callable[[Context, str, Mapping[str, Any]], str]] = {
    "PlatformEventChannel": _make_channel,
    "PlatformEventChannelMember": _make_member,
    "ManagedEventSubscription": _make_subscription,
}
