"""What only a test or a demonstration may do to the org, under /demo on this machine: no login, no API call.

The acts themselves are in demo_org.control; here each gets an address.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from demo_org import control
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def clock(context: Context, request: Request) -> Reply:
    """Stop, move or release the org's clock; a GET tells the time."""
    return Reply(content=control.set_clock(context.org, _order(request)))


def begin(context: Context, request: Request) -> Reply:
    """Open a transaction that commits late, when told or by itself; it may bring its first writes."""
    body = request.json() if request.body else {}
    seconds = body.get("commit_after") if isinstance(body, dict) else None
    after = None if seconds is None else timedelta(seconds=float(seconds))
    return Reply(status=201, content=context.transactions.begin(_writes(request), commit_after=after))


def write(context: Context, request: Request) -> Reply:
    """Make more writes in an open transaction."""
    return Reply(content=context.transactions.write(request.parts["transaction"], _writes(request)))


def transactions(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """The transactions that are open."""
    return Reply(content=context.transactions.listing())


def commit(context: Context, request: Request) -> Reply:
    """Let everybody see what an open transaction wrote."""
    return Reply(content=context.transactions.commit(request.parts["transaction"]))


def rollback(context: Context, request: Request) -> Reply:
    """Forget what an open transaction wrote."""
    return Reply(content=context.transactions.rollback(request.parts["transaction"]))


def hard_delete(context: Context, request: Request) -> Reply:
    """Remove a record physically."""
    return Reply(content=control.hard_delete(context.org, request.parts["object"], request.parts["id"]))


def undelete(context: Context, request: Request) -> Reply:
    """Take a record out of the recycle bin."""
    return Reply(content=control.undelete(context.org, request.parts["object"], request.parts["id"]))


def merge(context: Context, request: Request) -> Reply:
    """Merge records into this one: {"losers": [ids]}."""
    losers = list(_order(request).get("losers", []))
    return Reply(content=control.merge(context.org, request.parts["object"], request.parts["id"], losers))


def purge(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Empty the recycle bin."""
    return Reply(content=control.purge(context.org))


def trim_log(context: Context, request: Request) -> Reply:
    """Forget old deletions: {"before": instant}."""
    return Reply(content=control.trim_log(context.org, str(_order(request).get("before", ""))))


def fields(context: Context, request: Request) -> Reply:
    """Add, remove, hide or show a field."""
    return Reply(content=control.change_field(context.org, _order(request)))


def switch_object(context: Context, request: Request) -> Reply:
    """Switch an object on or off."""
    return Reply(content=control.switch_object(context.org, request.parts["object"], _order(request)))


def permit(context: Context, request: Request) -> Reply:
    """Say what the integration user may do to an object's records and fields."""
    return Reply(content=control.permit(context.org, request.parts["object"], _order(request)))


def change_rule(context: Context, request: Request) -> Reply:
    """Add a validation rule to an object, or remove one."""
    return Reply(content=control.change_rule(context.org, request.parts["object"], _order(request)))


def switch_feature(context: Context, request: Request) -> Reply:
    """Switch a feature of the org on or off."""
    return Reply(content=control.switch_feature(context.org, request.parts["feature"], _order(request)))


def _order(request: Request) -> dict[str, Any]:
    return request.json_object() if request.body else {}


def _writes(request: Request) -> list[Mapping[str, Any]]:
    """The writes of a body: a list, {"writes": [...]}, one write, or nothing."""
    body = request.json() if request.body else []
    if isinstance(body, dict):
        body = body.get("writes", [body] if set(body) - {"commit_after"} else [])
    return list(body)
