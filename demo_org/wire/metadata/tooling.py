"""The part of the Tooling API an org without code of its own can answer: its objects by query and describe.

What the Tooling API adds (Apex classes, metadata) does not exist here, and is answered as an unknown type.
"""

import re
from typing import Any

from demo_org.catalog import ObjectType
from demo_org.errors import not_found
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.metadata import describe, event_setup
from demo_org.wire.query import query

#: objects of ours that the Tooling API knows as well
_KNOWN = frozenset({"Group", "Profile", "RecordType", "User", "UserRole"})
_PLACE = re.compile(r"(/services/data/v[\d.]+)/(sobjects|query)\b")


def resources(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """What the Tooling API offers here."""
    base = f"/services/data/v{request.version}/tooling"
    return Reply(content={name: f"{base}/{name}" for name in ("query", "sobjects")})


def run_query(context: Context, request: Request) -> Reply:
    """Records of the objects the Tooling API knows."""
    if event_setup.asked(request):
        return event_setup.subscriptions(context, request)
    return _moved(query.query(context, request))


def more(context: Context, request: Request) -> Reply:
    """A following page."""
    return _moved(query.more(context, request))


def objects(context: Context, request: Request) -> Reply:
    """The list of the objects the Tooling API knows."""
    reply = _moved(describe.objects(context, request))
    if reply.status != 200:
        return reply
    known = [each for each in reply.content["sobjects"] if each["name"] in _KNOWN]
    return Reply(content=reply.content | {"sobjects": known}, headers=reply.headers)


def basic(context: Context, request: Request) -> Reply:
    """The short form of one object."""
    _check(context, request)
    return _moved(describe.basic(context, request))


def describe_object(context: Context, request: Request) -> Reply:
    """Everything about one object and its fields."""
    _check(context, request)
    return _moved(describe.describe(context, request))


def _check(context: Context, request: Request) -> ObjectType:
    described = context.org.catalog.object(request.parts["object"])
    if described.name not in _KNOWN:
        raise not_found()
    return described


def _moved(reply: Reply) -> Reply:
    """The reply with addresses below /tooling."""
    return Reply(status=reply.status, content=_move(reply.content), headers=reply.headers)


def _move(value: Any) -> Any:
    match value:
        case dict():
            return {key: _move(each) for key, each in value.items()}
        case list():
            return [_move(each) for each in value]
        case str() if value.startswith("/services/data/"):
            return _PLACE.sub(r"\1/tooling/\2", value, count=1)
    return value
