"""Completing the closure: all children of what came in or changed, and every record that the closure names."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby

from models import scope
from models.lookup import lookups_cleared, lookups_restored
from sync.extract.aggregate import by_ids, children
from sync.extract.turn import QUERIED
from sync.land.references import named_ids, referring_ids, touch_children
from sync.record import SetOf
from sync.run.context import Context
from sync.scope.catalog import ACCOUNT, ROOT, ClosureObject, Reach
from sync.scope.closure import reached_by_query

#: named records that are in memory together, as they came and decoded
_NAMED_AT_ONCE = 2_000
#: children of a deal that change together with it, or that vanish without a trace: they are read again with each
#: change of their deal. All others have windows of their own.
CHANGING_WITH_DEAL = (
    "OpportunityLineItem",
    "OpportunityContactRole",
    "OpportunityHistory",
    "OpportunityFieldHistory",
    "ContentDocumentLink",
)


def complete_aggregates(
    ctx: Context, entered: Sequence[str], same_second: Sequence[str], *, whole: Collection[str]
) -> None:
    """Fetch everything that hangs on deals that came in, on accounts that got a deal, and what changes with a deal."""
    changed = ctx.landing.members([*ctx.landing.touched(ROOT, gone=False), *same_second])
    came = sorted(set(entered))
    stayed = sorted(set(changed) - set(entered))
    everywhere = ctx.landing.everything or bool(whole)
    accounts = scope.accounts_to_fill(
        ctx.session, ctx.org_id, entered=came, generation=ctx.generation, everywhere=everywhere
    )
    wanted = {
        each.name
        for each in ctx.closure
        if each.reach is Reach.CHILD and each.name in ctx.selections and each.name not in whole
    }
    asked: dict[str, Sequence[str]] = {
        each.name: accounts for each in ctx.closure.children_of(ACCOUNT) if each.name in wanted and accounts
    }
    for each in ctx.closure.children_of(ROOT):
        deals = [*came, *stayed] if each.name in CHANGING_WITH_DEAL else came
        if each.name in wanted and deals:
            asked[each.name] = deals
    _replace(ctx, asked)
    for parent, newcomers in ((ROOT, came), (ACCOUNT, accounts)):
        # Those too that were not asked for: an object that is read whole in this pass, or can't be read now.
        _touch(ctx, {each.name: newcomers for each in ctx.closure.children_of(parent)})
    scope.accounts_filled(ctx.session, ctx.org_id, accounts, generation=ctx.generation)


def complete_references(ctx: Context) -> None:
    """Read the children of what was touched, and what the closure names and we do not hold, until nothing is missing.

    Parents have parents, and a child may name what has children itself.
    """
    if not ctx.landing.whole and not ctx.landing.has_touched():
        return
    _refetch_holders(ctx)
    done: dict[str, set[str]] = {
        child.name: set() for parent in ctx.closure.parents for child in ctx.closure.children_of(parent)
    }
    among: Collection[str] = ctx.closure.names if ctx.landing.everything else ctx.landing.touched_objects()
    among = among or ctx.landing.whole
    while among:
        read = _read_children(ctx, done)
        read |= _read_named(ctx, among=[*among, *read])
        among = read


def _read_children(ctx: Context, done: dict[str, set[str]]) -> set[str]:
    """Read the children of records other than deals and accounts; returns the objects that were asked for."""
    asked: dict[str, list[str]] = {}
    for child in ctx.closure:
        if child.name in done and child.name in ctx.selections and child.parent in ctx.selections:
            ids = [each for each in _childless(ctx, child) if each not in done[child.name]]
            done[child.name].update(ids)
            if ids:
                asked[child.name] = ids
    _replace(ctx, asked)
    _touch(ctx, asked)
    return set(asked)


def _touch(ctx: Context, parents: Mapping[str, Sequence[str]]) -> None:
    """Let the children of some records, by the children's object, count as touched, unchanged ones too."""
    if ctx.landing.everything:  # such a pass looks at all that the closure names
        return
    for name, ids in parents.items():
        if ids:
            touch_children(ctx.landing, name, ids)


def _childless(ctx: Context, child: ClosureObject) -> list[str]:
    """Return the parents whose children this pass must read: those it touched, or all where it reads the object whole.

    What is read whole by queries of its own has no need of it.
    """
    parent = str(child.parent)
    if child.name not in ctx.landing.whole:
        return sorted(ctx.landing.alive(parent, ctx.landing.touched(parent, gone=False)))
    return [] if reached_by_query(child.name, ctx.closure) else sorted(ctx.landing.living(parent))


def _read_named(ctx: Context, *, among: Collection[str]) -> set[str]:
    wanted: dict[str, list[str]] = {}
    for each in ctx.closure:
        if (each.reach in {Reach.NAMED, Reach.CUSTOMER} or each.named_by) and each.name in ctx.selections:
            ids = named_ids(ctx.landing, each.name, among=among)
            if ids:
                wanted[each.name] = ids
    if not wanted:
        return set()
    ctx.progress("references", None, sum(map(len, wanted.values())))
    for part in _parts(wanted):
        asked = [ctx.selections[name] for name in part]
        for name, records in by_ids(ctx.client, asked, part).items():
            ctx.landing.land(ctx.selections[name], records)
            absent = set(part[name]) - {record["Id"] for record in records}
            scope.remember_unresolved(ctx.session, ctx.org_id, name, absent, generation=ctx.generation)
    return set(wanted)


def _parts(wanted: Mapping[str, Sequence[str]]) -> Iterator[dict[str, list[str]]]:
    """Divide ids of several objects so that the records of each part fit into memory, and into few calls."""
    pairs = [(name, record_id) for name, ids in wanted.items() for record_id in ids]
    for start in range(0, len(pairs), _NAMED_AT_ONCE):
        part: dict[str, list[str]] = {}
        for name, record_id in pairs[start : start + _NAMED_AT_ONCE]:
            part.setdefault(name, []).append(record_id)
        yield part


def _replace(ctx: Context, asked: Mapping[str, Sequence[str]]) -> None:
    """Read and store complete sets of children, by the ids of their parents.

    A child that is missing is gone, or has moved to another parent: ask for it.
    """
    missing: dict[str, list[str]] = {}
    with closing(children(ctx.client, ctx.closure, ctx.selections, asked)) as sets:
        for name, of_object in groupby(_told(ctx, sets), key=lambda each: each.object_name):
            gone = ctx.landing.replace_sets(ctx.selections[name], of_object)
            if name in QUERIED:  # these can't move
                ctx.bury_vanished(name, set(gone))
            elif gone:
                missing[name] = gone
    present = ctx.fetch(missing)
    for name, ids in missing.items():
        ctx.bury_vanished(name, set(ids) - present.get(name, set()))


def _told(ctx: Context, sets: Iterable[SetOf]) -> Iterator[SetOf]:
    """The sets as they come, with word of how far the reading is."""
    rows = 0
    for each in sets:
        rows += len(each.records)
        ctx.progress("children", each.object_name, rows)
        yield each


def _refetch_holders(ctx: Context) -> None:
    """Read again what looked up a record that is gone, or is back: Salesforce clears and restores without a stamp."""
    holders: dict[str, set[str]] = {}
    for name in ctx.landing.touched_objects(gone=True):
        for holder, pairs in referring_ids(ctx.landing, name, ctx.selections).items():
            if holder in ctx.selections:
                holders.setdefault(holder, set()).update(record for record, _ in pairs)
                lookups_cleared(ctx.session, ctx.org_id, holder, pairs)
    for holder, restored in lookups_restored(ctx.session, ctx.org_id).items():
        if holder in ctx.selections:
            holders.setdefault(holder, set()).update(restored)
    ctx.fetch({name: sorted(ids) for name, ids in holders.items()})
