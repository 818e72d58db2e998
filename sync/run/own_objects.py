"""Objects of the org's own that people add to the closure, leave out of it, or reach by another lookup than before."""

from collections.abc import Mapping

from sqlalchemy import text

from models import org
from models.mirror import custom_mirror
from models.proof import metadata_changed
from models.session import ReadSession, WriteSession
from models.upsert import bury
from sync.land.objects import KnownObject, own_objects_of
from sync.run.context import Context
from sync.run.scope_in_force import ScopeInForce
from sync.scope.catalog import Closure

_LEFT_OUT = "left_out"


def closure_of(known: Mapping[str, KnownObject], scope: ScopeInForce) -> Closure:
    """Return the closure of the org under a scope."""
    return Closure(own_objects_of(known, scope.scope.closure), scope=scope.now)


def reached_otherwise(session: WriteSession, org_id: str, closure: Closure) -> list[str]:
    """Return the objects that hang on another record than in the pass before, and must be read whole therefore.

    People may have chosen another lookup, or a field that led to the deal may have been hidden, or shown again.
    """
    lookups = {f"lookup of {each.name}": f"{each.parent}.{each.parent_field}" for each in closure.custom}
    changed = set(metadata_changed(session, org_id, lookups))
    return [each.name for each in closure.custom if f"lookup of {each.name}" in changed]


def newly_left_out(session: ReadSession, org_id: str, scope: ScopeInForce) -> list[str]:
    """Return the objects that are to be left out and of which the mirror may hold records."""
    states = org.object_states(session, org_id)
    return [name for name in scope.scope.closure.leave_out if name in states and states[name].state != _LEFT_OUT]


def leave_out(ctx: Context, scope: ScopeInForce) -> None:
    """Turn the records of objects that are left out into tombstones, from which a snapshot brings them back."""
    for name in newly_left_out(ctx.session, ctx.org_id, scope):
        mirror = custom_mirror(name, "")
        held = text(f"SELECT id FROM {mirror.records} AS held WHERE org_id = :org_id AND tombstone IS NULL")
        ids = list(ctx.session.execute(held, {"org_id": ctx.org_id}).scalars())
        keys = {"org_id": ctx.org_id, "generation": ctx.generation, "ids": ids, "how": _LEFT_OUT}
        ctx.session.execute(text(bury(mirror)), keys)
        _forget(ctx.session, ctx.org_id, name)


def _forget(session: WriteSession, org_id: str, name: str) -> None:
    """Let the object be described and read whole when it is wanted again."""
    org.set_object_state(
        session, org_id, name, state=_LEFT_OUT, detail="The scope leaves it out.", rows=0, snapshot_at=None,
        watermark=None, describe_modified=None,
    )  # fmt: skip
