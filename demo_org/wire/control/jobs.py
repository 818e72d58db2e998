"""Jobs of the system and of admins, started through the control plane; what each does is in demo_org.jobs."""

from datetime import timedelta
from typing import Any

from demo_org import jobs
from demo_org.errors import SalesforceFault
from demo_org.semantics import conversion, field_history
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def convert(context: Context, request: Request) -> Reply:
    """Convert a lead into an account, a contact and a deal."""
    order = _order(request)
    wanted = order.get("opportunity", True)
    with context.org.transaction() as unit:
        made = conversion.convert(
            unit,
            request.parts["id"],
            account_id=order.get("account"),
            contact_id=order.get("contact"),
            opportunity_name=wanted if isinstance(wanted, str) else None,
            with_opportunity=bool(wanted),
        )
    content = {"account": made.account_id, "contact": made.contact_id, "opportunity": made.opportunity_id}
    return Reply(content=content)


def archive_activities(context: Context, request: Request) -> Reply:
    """Archive old events and old closed tasks: only queryAll shows them from then on."""
    order = _order(request)
    age = timedelta(days=float(order["older_than_days"])) if "older_than_days" in order else jobs.ARCHIVED_AFTER
    with context.org.transaction() as unit:
        return _changed(jobs.archive_activities(unit, older_than=age))


def flip_stage(context: Context, request: Request) -> Reply:
    """Change what a stage means; its deals are won, or not, at once, without any stamp."""
    order = _order(request)
    closed = order.get("is_closed")
    with context.org.transaction() as unit:
        changed = jobs.flip_stage(unit, _text(order, "stage"), is_won=bool(order.get("is_won")), is_closed=closed)
    return _changed(changed)


def rename_value(context: Context, request: Request) -> Reply:
    """Replace a value of a picklist in all records; only SystemModstamp moves."""
    order = _order(request)
    words = [_text(order, name) for name in ("object", "field", "old", "new")]
    with context.org.transaction() as unit:
        return _changed(jobs.rename_value(unit, *words))


def touch(context: Context, request: Request) -> Reply:
    """Move SystemModstamp, and nothing else, of some records or all of an object."""
    order = _order(request)
    with context.org.transaction() as unit:
        return _changed(jobs.touch(unit, _text(order, "object"), order.get("ids")))


def transfer(context: Context, request: Request) -> Reply:
    """Give a user's accounts, contacts, notes and open deals to another user."""
    order = _order(request)
    with context.org.transaction() as unit:
        closed_too = bool(order.get("closed_too"))
        return _changed(jobs.transfer(unit, _text(order, "former"), _text(order, "owner"), closed_too=closed_too))


def expire_bin(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Remove for good what has lain in the recycle bin for 15 days."""
    with context.org.transaction() as unit:
        return _changed(jobs.expire_bin(unit))


def purge_history(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Remove field history older than 18 months; nothing tells of it."""
    with context.org.transaction() as unit:
        return _changed(jobs.purge_history(unit))


def track_history(context: Context, request: Request) -> Reply:
    """Choose the fields of an object whose changes are kept in its history."""
    order = _order(request)
    name, fields = _text(order, "object"), [str(each) for each in order.get("fields") or []]
    with context.org.transaction() as unit:
        field_history.track(unit, name, fields)
    return Reply(content={"object": name, "fields": fields})


def _changed(count: int) -> Reply:
    return Reply(content={"changed": count})


def _order(request: Request) -> dict[str, Any]:
    return request.json_object() if request.body else {}


def _text(order: dict[str, Any], name: str) -> str:
    value = order.get(name)
    if not isinstance(value, str) or not value:
        raise SalesforceFault(400, "REQUIRED_FIELD_MISSING", f"Say which {name}: give it as a text")
    return value
