"""What changed in one window: all of it in one composite call when nothing overflows a page.

Opportunities are read whatever their stage, and deleted ones too, so that a deal that is reopened or deleted is seen to
leave. The liveliest children are read as records, of the other objects only the ids that changed; ids of vanished
records come from Salesforce's deletion log, which also knows hard deletions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync.errors import SyncError
from sync.extract.parts import ListPart, QueryPart, drain
from sync.record import Records, Selection, Window
from sync.salesforce.client import Client
from sync.scope.catalog import NEVER_DELETED, POLL_QUERIED, POLL_REPLICATED, ROOT
from sync.scope.closure import whole_query, window_query

STAGES = "OpportunityStage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What one window brought."""

    #: every opportunity that changed, won or not, deleted or not
    opportunities: Records
    #: changed records of the queried objects (and of those whose ids can't be listed)
    changed: dict[str, Records]
    #: ids that changed, of the other objects, in the closure or not
    updated_ids: dict[str, tuple[str, ...]]
    #: ids that vanished, in the closure or not
    deleted_ids: dict[str, tuple[str, ...]]
    #: up to when Salesforce's lists of an object are complete; the next window must not begin later
    covered: dict[str, datetime]
    #: objects whose deletion log begins later than asked for: compare all their ids
    deletions_lost: frozenset[str]
    #: all stages
    stages: Records
    #: what could not be read, by object; the rest is whole
    failed: dict[str, SyncError]
    #: Salesforce's clock in the first reply
    server_date: datetime | None


def poll(
    client: Client,
    selections: Mapping[str, Selection],
    window: Window,
    *,
    deleted_since: datetime,
    replicated: Sequence[str] = POLL_REPLICATED,
    queried: Sequence[str] = POLL_QUERIED,
) -> Poll:
    """Read one window. Objects without a selection (absent in this org) are left out.

    `replicated` is DEEP_REPLICATED for a deep look. An object may be queried and replicated: its changed ids then also
    tell of records that left the scope.
    """
    listable = [name for name in replicated if name in selections and selections[name].shape.replicateable]
    asked = [name for name in (ROOT, *queried) if name in selections]
    unlisted = [name for name in replicated if name in selections and name not in (*listable, *asked)]
    queries = {name: _window_part(selections[name], window) for name in (*asked, *unlisted)}
    stages = [_stages_part(selections[STAGES])] if STAGES in selections else []
    updated = [ListPart(name, window.low, window.high, deleted=False) for name in listable]
    deleted = [
        ListPart(name, deleted_since, window.high, deleted=True)
        for name in dict.fromkeys((*asked, *listable))
        if name not in NEVER_DELETED and selections[name].shape.replicateable
    ]
    # The stages go with the first five: they are small, and their meaning decides who is in.
    ordered = [*list(queries.values())[: len(asked)], *stages, *list(queries.values())[len(asked) :]]
    server_date = drain(client, [*ordered, *updated, *deleted])
    return _poll_of(queries, stages, updated, deleted, server_date=server_date)


def _window_part(selection: Selection, window: Window) -> QueryPart:
    is_root = selection.object_name == ROOT
    return QueryPart(
        selection.object_name,
        lambda after_id: window_query(selection, window, scoped=not is_root, after_id=after_id),
        include_deleted=is_root,
    )


def _stages_part(selection: Selection) -> QueryPart:
    return QueryPart(STAGES, lambda after_id: whole_query(selection, after_id=after_id))


def _poll_of(
    queries: Mapping[str, QueryPart],
    stages: Sequence[QueryPart],
    updated: Sequence[ListPart],
    deleted: Sequence[ListPart],
    *,
    server_date: datetime | None,
) -> Poll:
    covered: dict[str, datetime] = {}
    for part in (*updated, *deleted):
        if part.changes is not None:
            latest = part.changes.latest_covered
            covered[part.object_name] = min(covered.get(part.object_name, latest), latest)
    parts: list[QueryPart | ListPart] = [*queries.values(), *stages, *updated, *deleted]
    return Poll(
        opportunities=_whole(queries[ROOT]) if ROOT in queries else [],
        changed={name: part.records for name, part in queries.items() if name != ROOT and part.error is None},
        updated_ids={part.object_name: part.changes.ids for part in updated if part.changes is not None},
        deleted_ids={part.object_name: part.changes.ids for part in deleted if part.changes is not None},
        covered=covered,
        deletions_lost=frozenset(part.object_name for part in deleted if _log_is_short(part)),
        stages=_whole(stages[0]) if stages else [],
        failed={part.object_name: part.error for part in parts if part.error is not None},
        server_date=server_date,
    )


def _whole(part: QueryPart) -> Records:
    """The records of a part that was read to its end; a part that broke off brings none."""
    return part.records if part.error is None else []


def _log_is_short(part: ListPart) -> bool:
    """Whether Salesforce has forgotten deletions since the start: its log is purged early when it grows too long."""
    changes = part.changes
    return changes is not None and changes.earliest_available is not None and changes.earliest_available > part.start
