"""What changed: all of it in one composite call when nothing overflows a page.

Opportunities are read whatever their stage, and deleted ones too, so that a deal that is reopened or deleted is seen to
leave. A few objects are read as records, of the others only the ids that changed; ids of vanished records come from
Salesforce's deletion log, which also knows hard deletions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.errors import ObjectMissing, SyncError
from sync.extract.parts import CountPart, DescribePart, ListPart, Part, QueryPart, drain
from sync.extract.turn import Turn
from sync.record import ObjectShape, Records, Selection, Unchanged, Window
from sync.salesforce.client import Client
from sync.scope.catalog import ROOT, Closure, Reach
from sync.scope.closure import count_query, snapshot_queries, whole_query, window_query


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What one turn brought."""

    #: changed records: of opportunities every one, won or not, deleted or not
    changed: dict[str, Records]
    #: all records that the closure has of an object
    sets: dict[str, Records]
    #: how many records the closure has of an object, by Salesforce's count
    counts: dict[str, int]
    #: ids that changed, in the closure or not
    updated_ids: dict[str, tuple[str, ...]]
    #: ids that vanished, in the closure or not
    deleted_ids: dict[str, tuple[str, ...]]
    #: up to when Salesforce's lists of an object are complete; the next window must not begin later
    covered: dict[str, datetime]
    #: objects whose deletion log begins later than asked for: compare all their ids
    deletions_lost: frozenset[str]
    #: what describe said
    described: dict[str, ObjectShape | Unchanged | ObjectMissing]
    #: what could not be read, by object; the rest is whole
    failed: dict[str, SyncError]
    #: Salesforce's clock in the first reply
    server_date: datetime | None

    @property
    def opportunities(self) -> Records:
        """Every opportunity that changed."""
        return self.changed.get(ROOT, [])


def poll(
    client: Client,
    closure: Closure,
    selections: Mapping[str, Selection],
    turn: Turn,
    *,
    last_modified: Mapping[str, str] | None = None,
) -> Poll:
    """Ask what a turn says. `last_modified` is what we have of each description, for If-Modified-Since."""
    queries = {
        name: _window_part(closure, selections[name], window)
        for name, window in sorted(turn.queried.items(), key=lambda item: closure.names.index(item[0]))
    }
    sets = {name: _set_part(closure, selections[name]) for name in turn.sets}
    counts = {name: CountPart(name, count_query(name, closure)) for name in turn.counted}
    updated = [ListPart(name, window.low, window.high, deleted=False) for name, window in turn.updated.items()]
    deleted = [ListPart(name, window.low, window.high, deleted=True) for name, window in turn.deleted.items()]
    described = [DescribePart(name, (last_modified or {}).get(name)) for name in turn.described]
    # The stages go with the first five queries: they are small, and their meaning decides who is in.
    windows = list(queries.values())
    asked: list[Part] = [*windows[:3], *sets.values(), *windows[3:], *counts.values(), *updated, *deleted, *described]
    server_date = drain(client, asked)
    parts: list[QueryPart | CountPart | ListPart] = [*windows, *sets.values(), *counts.values(), *updated, *deleted]
    return Poll(
        changed={name: part.records for name, part in queries.items() if part.error is None},
        sets={name: part.records for name, part in sets.items() if part.error is None},
        counts={name: part.count for name, part in counts.items() if part.count is not None},
        updated_ids={part.object_name: part.changes.ids for part in updated if part.changes is not None},
        deleted_ids={part.object_name: part.changes.ids for part in deleted if part.changes is not None},
        covered=_covered([*updated, *deleted]),
        deletions_lost=frozenset(part.object_name for part in deleted if _log_is_short(part)),
        described={part.object_name: part.answer for part in described if part.answer is not None},
        failed={part.object_name: part.error for part in parts if part.error is not None},
        server_date=server_date,
    )


def _window_part(closure: Closure, selection: Selection, window: Window) -> QueryPart:
    is_root = selection.object_name == ROOT
    known = closure[selection.object_name]
    return QueryPart(
        selection.object_name,
        lambda after_id: window_query(selection, window, closure=closure, scoped=not is_root, after_id=after_id),
        include_deleted=is_root or known.archived,
    )


def _set_part(closure: Closure, selection: Selection) -> QueryPart:
    name = selection.object_name
    if closure[name].reach is Reach.WHOLE:
        return QueryPart(name, lambda after_id: whole_query(selection, after_id=after_id))
    (query,) = snapshot_queries(name, selection, closure)
    return QueryPart(name, query.page, include_deleted=query.include_deleted)


def _covered(lists: Sequence[ListPart]) -> dict[str, datetime]:
    covered: dict[str, datetime] = {}
    for part in lists:
        if part.changes is not None:
            latest = part.changes.latest_covered
            covered[part.object_name] = min(covered.get(part.object_name, latest), latest)
    return covered


def _log_is_short(part: ListPart) -> bool:
    """Whether Salesforce has forgotten deletions since the start: its log is purged early when it grows too long."""
    changes = part.changes
    return changes is not None and changes.earliest_available is not None and changes.earliest_available > part.start
