"""What an admin sets up for change events, and what a test makes happen on the bus, under /demo/events."""

from collections.abc import Mapping
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.store.journal import Act
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def events(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Tell the objects selected, the custom channels, and how far the bus reaches."""
    topics, bus = context.events.topics, context.events
    channels = {
        each.name: {name: list(fields) for name, fields in each.members.items()} for each in topics.channels.values()
    }
    defined = {each.name: dict(each.fields) for each in topics.platform_events.values()}
    told = {"selected": list(topics.selected), "channels": channels, "platform_events": defined}
    return Reply(content=told | {"earliest": bus.earliest(), "tip": bus.tip})


def select_events(context: Context, request: Request) -> Reply:
    """Select objects for the standard channel, or make and remove channels of one's own."""
    wanted, topics = request.json_object(), context.events.topics
    if "selected" in wanted:
        topics.select(map(str, _list(wanted["selected"])))
    if "channel" in wanted:
        topics.add_channel(str(wanted["channel"]), _members(wanted.get("members")))
    if "platform_event" in wanted:
        fields = wanted.get("fields", {})
        if not isinstance(fields, dict):
            raise SalesforceFault(400, "INVALID_INPUT", "the fields of an event are an object: name and kind of each")
        topics.define_event(str(wanted["platform_event"]), {name: str(kind) for name, kind in fields.items()})
    if "remove_channel" in wanted:
        topics.remove_channel(str(wanted["remove_channel"]))
    return events(context, request)


def gap_events(context: Context, request: Request) -> Reply:
    """Tell of a job that changed records past the application servers, as archiving does."""
    wanted = request.json_object()
    described = context.org.catalog.object(str(wanted.get("object")))
    try:
        act = Act(wanted.get("change", "UPDATE"))
    except ValueError:
        raise SalesforceFault(400, "INVALID_INPUT", "a change is CREATE, UPDATE, DELETE or UNDELETE") from None
    ids = [str(each) for each in _list(wanted.get("ids", [f"{described.key_prefix}*"]))]
    with context.org.transaction() as unit:
        unit.journal.note_below(act, described.name, ids)
    return events(context, request)


def _members(given: Any) -> Mapping[str, list[str]]:
    if not isinstance(given, dict) or not all(isinstance(fields, list) for fields in given.values()):
        raise SalesforceFault(400, "INVALID_INPUT", "a channel's members are objects with the fields that enrich them")
    return {str(name): [str(field) for field in fields] for name, fields in given.items()}


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise SalesforceFault(400, "INVALID_INPUT", "send a list")
    return given
