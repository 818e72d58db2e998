"""What one poll asks: as much as one composite call holds, those objects first that were asked longest ago.

What the store knows of each object is the only memory, so another worker goes on where the last one ended.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sync.record import Selection, Window
from sync.salesforce.composite import MAX_PARTS, MAX_QUERIES
from sync.salesforce.soql import PAGE_SIZE
from sync.scope.catalog import ROOT, STAGES, Closure, ClosureObject, Reach
from sync.scope.closure import reached_by_query

#: objects that every poll queries: their parent can't change, so a query of the closure shows all that happens to
#: them but deletions. Line items that a quote replaces vanish without a trace in the recycle bin.
QUERIED: tuple[str, ...] = ("OpportunityLineItem", "OpportunityContactRole")

#: how much sooner it is the turn of an object that changes often
_LIVELY = 2
_BEGINNING_OF_RECORDS = timedelta(days=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far an object has been read: where its next window begins, and what decides whose turn it is."""

    #: low end of its next window
    low: datetime
    #: everything before it has landed; None before its first snapshot
    watermark: datetime | None
    #: when it was asked for last, which may be later than its watermark: lists of changes end with a full minute
    read_at: datetime | None = None
    #: records that the store holds of it
    rows: int = 0
    #: when it was described last
    described_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Turn:
    """What one poll asks."""

    #: records that changed in a window
    queried: dict[str, Window] = field(default_factory=dict)
    #: all records of the closure, where they are few
    sets: list[str] = field(default_factory=list)
    #: how many records the closure has
    counted: list[str] = field(default_factory=list)
    #: ids that changed in a window
    updated: dict[str, Window] = field(default_factory=dict)
    #: ids that vanished in a window
    deleted: dict[str, Window] = field(default_factory=dict)
    #: descriptions that may have changed
    described: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The objects about which this poll learns everything that happened to them in their windows."""
        return {*self.queried, *self.sets, *self.updated}


def everything(
    closure: Closure, selections: Mapping[str, Selection], standings: Mapping[str, Standing], high: datetime
) -> Turn:
    """What a deep look asks: all objects, and each in the way that hides nothing."""
    turn = Turn()
    _ask_root(turn, selections, standings, high)
    for each in _readable(closure, selections, standings):
        standing = standings[each.name]
        if _is_small_set(closure, each, selections[each.name], standing):
            turn.sets.append(each.name)
        elif not _is_listable(each, selections):
            turn.queried[each.name] = _window(standing, high)
            if each.reach is Reach.CHILD and reached_by_query(each.name, closure):
                turn.counted.append(each.name)
        else:
            _list(turn, each, _window(standing, high))
    return turn


def next_turn(
    closure: Closure, selections: Mapping[str, Selection], standings: Mapping[str, Standing], high: datetime
) -> Turn:
    """What a live poll asks: one composite call full."""
    turn = Turn()
    _ask_root(turn, selections, standings, high)
    if STAGES in standings and STAGES in selections:
        turn.sets.append(STAGES)
    readable = list(_readable(closure, selections, standings))
    for each in readable:
        if each.name in QUERIED:
            window = _window(standings[each.name], high)
            turn.queried[each.name] = window
            if selections[each.name].shape.replicateable:
                turn.deleted[each.name] = window
    _ask_unlistable(turn, closure, readable, selections, standings, high)
    turn.described = _described_longest_ago(standings)
    free = MAX_PARTS - len(turn.queried) - len(turn.sets) - len(turn.deleted) - len(turn.described)
    listable = [each for each in readable if each.name not in QUERIED and _is_listable(each, selections)]
    for each in sorted(listable, key=lambda each: _waiting(each, standings, high), reverse=True):
        price = 1 if each.undying else 2
        if price > free:
            break
        free -= price
        _list(turn, each, _window(standings[each.name], high))
    return turn


def _ask_root(
    turn: Turn, selections: Mapping[str, Selection], standings: Mapping[str, Standing], high: datetime
) -> None:
    if ROOT in standings and ROOT in selections:
        turn.queried[ROOT] = _window(standings[ROOT], high)
        if selections[ROOT].shape.replicateable:
            turn.deleted[ROOT] = turn.queried[ROOT]


def _ask_unlistable(
    turn: Turn,
    closure: Closure,
    readable: Iterable[ClosureObject],
    selections: Mapping[str, Selection],
    standings: Mapping[str, Standing],
    high: datetime,
) -> None:
    """Fill the query slots that are left with objects of which Salesforce keeps no lists of changes."""
    unlistable = [
        each
        for each in readable
        if each.name != STAGES and each.name not in QUERIED and not _is_listable(each, selections)
    ]
    free = MAX_QUERIES - len(turn.queried) - len(turn.sets)
    for each in sorted(unlistable, key=lambda each: _waiting(each, standings, high), reverse=True)[: max(0, free)]:
        if _is_small_set(closure, each, selections[each.name], standings[each.name]):
            turn.sets.append(each.name)
        else:
            turn.queried[each.name] = _window(standings[each.name], high)


def _readable(
    closure: Closure, selections: Mapping[str, Selection], standings: Mapping[str, Standing]
) -> Iterable[ClosureObject]:
    return (
        each
        for each in closure
        if each.name in selections and each.name in standings and each.name != ROOT and not each.silent
    )


def _is_listable(each: ClosureObject, selections: Mapping[str, Selection]) -> bool:
    return each.reach is not Reach.WHOLE and selections[each.name].shape.replicateable


def _is_small_set(closure: Closure, each: ClosureObject, selection: Selection, standing: Standing) -> bool:
    """Whether all records of an object are asked for: those read whole, and few children that can't be listed."""
    if each.reach is Reach.WHOLE:
        return True
    few = each.reach is Reach.CHILD and not selection.shape.replicateable and standing.rows < PAGE_SIZE // 2
    return few and reached_by_query(each.name, closure)


def _list(turn: Turn, each: ClosureObject, window: Window) -> None:
    turn.updated[each.name] = window
    if not each.undying:
        turn.deleted[each.name] = window


def _described_longest_ago(standings: Mapping[str, Standing]) -> list[str]:
    """The object whose description is the oldest, absent objects included: one of these may have appeared."""
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(standings, key=lambda name: standings[name].described_at or never)[:1]


def _waiting(each: ClosureObject, standings: Mapping[str, Standing], high: datetime) -> timedelta:
    standing = standings[each.name]
    since = standing.read_at or standing.watermark
    waited = _BEGINNING_OF_RECORDS if standing.watermark is None or since is None else high - since
    return waited * (_LIVELY if each.lively else 1)


def _window(standing: Standing, high: datetime) -> Window:
    return Window(low=min(standing.low, high - timedelta(seconds=1)), high=high)
