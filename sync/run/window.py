"""Reading one window: what changed since the last pass lands, what vanished is looked for and becomes a tombstone."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from models import org
from sync.errors import FieldHidden
from sync.extract.poll import Poll, poll
from sync.extract.turn import Standing, Turn, everything, next_turn
from sync.extract.ways import jobs_are_cheaper
from sync.land.metadata import description_changed, setup_changed
from sync.land.objects import remember_descriptions
from sync.record import Records
from sync.run.context import Context
from sync.scope.catalog import ROOT, STAGES, Closure, Reach

#: Rows become visible later than their modstamp says (a transaction stamps when it saves and shows when it commits),
#: so what a window covers is read again for a while: a little each time, and more from time to time.
OVERLAP = timedelta(seconds=60)
DEEP_OVERLAP = timedelta(minutes=15)
DEEP_EVERY = timedelta(minutes=5)
#: More newcomers than this are read as a snapshot instead of one by one.
MANY_DEALS = 2_000


class WindowRead:
    """What reading a window has left to do for the rest of the pass."""

    def __init__(self, found: Poll, *, whole: list[str], same_second: list[str]) -> None:
        self._found = found
        #: objects that must be read whole after it
        self.whole = whole
        #: deals that may have been saved again within the second in which they were last read
        self.same_second = same_second

    def bury_unseen(self, ctx: Context) -> None:
        """Turn records into tombstones that are not in a complete set of their object; after deals came and left."""
        for name, records in self._found.sets.items():
            gone = set(ctx.landing.living(name)) - {record["Id"] for record in records}
            ctx.landing.bury(name, gone, how="deleted")

    def compare_counts(self, ctx: Context) -> None:
        """Ask for a snapshot of objects of which the org counts another number of records than the closure has."""
        for name, count in self._found.counts.items():
            if count != ctx.landing.size(name):
                org.forget_snapshots(ctx.session, ctx.org_id, [name])


def read_window(ctx: Context, whole: Sequence[str]) -> WindowRead:
    """Read what changed since the watermarks, of all objects or, in a live pass, of those whose turn it is."""
    high = max(ctx.client.server_now, ctx.high) + timedelta(seconds=2)
    readable = {name: each for name, each in ctx.selections.items() if name not in whole}
    standings = _standings(ctx)
    choose = next_turn if ctx.kind == "live" else everything
    turn = choose(ctx.closure, readable, standings, high)
    ctx.progress("poll", None, 0)
    modified = {
        name: state.shape.last_modified
        for name, state in ctx.known.items()
        if state.shape is not None and state.shape.last_modified
    }
    found = poll(ctx.client, ctx.closure, readable, turn, last_modified=modified)
    if found.server_date is not None:
        ctx.high = found.server_date
    for error in found.failed.values():
        if isinstance(error, FieldHidden):
            raise error  # the pass begins anew without the field, and reads the same window
    ctx.note_failures(found.failed)
    ctx.deletions_listed = set(found.deleted_ids) - found.deletions_lost
    same_second = _saved_since_last_pass(ctx, found.opportunities)
    for name, records in {**found.sets, **found.changed}.items():
        ctx.land(name, records, in_window=name in found.changed)
    _bury_unseen_of_the_org(ctx, found)
    ctx.metadata_changed += setup_changed(ctx.landing, [name for name in found.sets if _is_setup(ctx, name)])
    _look_at(ctx, found)
    _commit(ctx, turn, standings, found)
    grown = remember_descriptions(ctx.session, ctx.org_id, ctx.known, found.described)
    org.forget_snapshots(ctx.session, ctx.org_id, grown)
    ctx.metadata_changed += description_changed(ctx.session, ctx.org_id, found.described)
    again = [*whole, *with_children(ctx.closure, found.deletions_lost)]
    hanging = [name for name in with_children(ctx.closure, [ROOT]) if name in ctx.selections]
    rows = sum(ctx.known[name].rows for name in hanging)
    if jobs_are_cheaper(len(ctx.landing.touched(ROOT)), objects=len(hanging), rows=rows):
        again += hanging
    ordered = [name for name in ctx.closure.names if name in again and name in ctx.selections]
    return WindowRead(found, whole=ordered, same_second=same_second)


def with_children(closure: Closure, names: Collection[str]) -> list[str]:
    """Return the objects and all that hangs on their records, since a new record brings its children."""
    found = list(names)
    for name in found:
        found += [child.name for child in closure.children_of(name) if child.name not in found]
    return found


def _standings(ctx: Context) -> dict[str, Standing]:
    standings: dict[str, Standing] = {}
    for name in ctx.closure.names:
        state = ctx.known.get(name)
        watermark = state.watermark if state is not None else None
        is_deep = ctx.kind != "live" or state is None or state.deep_at is None or ctx.high - state.deep_at >= DEEP_EVERY
        if is_deep:
            ctx.deep.add(name)
        low = min(watermark or ctx.high, ctx.high) - (DEEP_OVERLAP if is_deep else OVERLAP)
        standings[name] = Standing(
            low=low,
            watermark=watermark,
            read_at=state.read_at if state is not None else None,
            rows=state.rows if state is not None else 0,
            described_at=state.described_at if state is not None else None,
        )
    return standings


def _saved_since_last_pass(ctx: Context, opportunities: Records) -> list[str]:
    """Return the opportunities with a stamp as young as the last reading.

    Stamps count whole seconds: a deal that was read and then saved twice within one second may look the same and yet
    have new children, such as the history of both saves.
    """
    last = ctx.known[ROOT].watermark
    if last is None:
        return []
    since = last - timedelta(seconds=1)
    return [each["Id"] for each in opportunities if datetime.fromisoformat(each["SystemModstamp"]) >= since]


def _is_setup(ctx: Context, name: str) -> bool:
    """Whether an object has a few records, kept by an admin, that say how others are to be understood."""
    return ctx.closure[name].reach is Reach.WHOLE


def _bury_unseen_of_the_org(ctx: Context, found: Poll) -> None:
    """Objects that are read whole do not depend on which deals there are, so what is gone is gone."""
    for name, records in found.sets.items():
        if _is_setup(ctx, name):
            gone = set(ctx.landing.living(name)) - {record["Id"] for record in records}
            ctx.landing.bury(name, gone, how="deleted")


def _look_at(ctx: Context, found: Poll) -> None:
    """Fetch the records whose ids changed or vanished, as far as they concern the closure."""
    wanted: dict[str, set[str]] = {}
    for name, ids in found.updated_ids.items():
        # A child that we do not know may have come to a record of ours; of what is only named, known records matter.
        is_child = ctx.closure[name].reach is Reach.CHILD
        wanted[name] = set(ids) if is_child else ctx.landing.known(name, ids)
    vanished_ids = {name: ctx.landing.alive(name, ids) for name, ids in found.deleted_ids.items()}
    for name, alive in vanished_ids.items():
        wanted.setdefault(name, set()).update(alive)
    present = ctx.fetch({name: sorted(ids) for name, ids in wanted.items() if ids}, in_window=True)
    for name, alive in vanished_ids.items():
        ctx.landing.bury(name, alive - present.get(name, set()), how="deleted")


def _commit(ctx: Context, turn: Turn, standings: dict[str, Standing], found: Poll) -> None:
    """Note how far each object of the turn has been read."""
    read = turn.names - ctx.failed.keys()
    if ROOT in read:
        # What is written only together with a deal has been seen as far as the deals have.
        read |= {each.name for each in ctx.closure if each.silent and each.name in ctx.selections}
    for name in read:
        ctx.committed[name] = standings[name].low
        ctx.high_of[name] = min(ctx.high, found.covered.get(name, ctx.high))
    ctx.deep &= read


__all__ = ["STAGES", "WindowRead", "read_window", "with_children"]
