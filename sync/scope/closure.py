"""The queries that read the closure: who belongs to a won deal, said in Salesforce's query language.

The same predicate makes the snapshot of an object (no time limit) and its windows (records that changed in a time
span). Salesforce allows at most two semi-joins per statement and none under OR, so an object that is reached in two
ways has two snapshot queries; what both deliver is the same record twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from sync.record import Selection, Window
from sync.salesforce.soql import PAGE_SIZE, instant_literal, list_literal, select, text_literal
from sync.scope.catalog import BY_NAME, Reach

_CONTACT_BY_ROLE = "Id IN (SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsWon = true)"
_WON = "SELECT {field} FROM Opportunity WHERE IsWon = true"
#: fields that say when a record changed, the most reliable first: SystemModstamp also moves with automatic changes
_STAMPS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotQuery:
    """One statement of a snapshot, and whether queryAll must run it (archived activities are seen only there)."""

    soql: str
    include_deleted: bool

    def page(self, after_id: str | None) -> str:
        """The same question for one page of records, in the order of their ids, for reading without a bulk job."""
        word = "AND" if " WHERE " in self.soql else "WHERE"
        behind = f" {word} Id > {text_literal(after_id)}" if after_id is not None else ""
        return f"{self.soql}{behind} ORDER BY Id LIMIT {PAGE_SIZE}"


def scope_predicates(name: str) -> tuple[str, ...]:
    """The conditions that put records of an object into the closure; any one of them is enough.

    Empty for objects that are read whole or by ids.
    """
    known = BY_NAME[name]
    match known.reach:
        case Reach.ROOT:
            found: tuple[str, ...] = ("IsWon = true",)
        case Reach.DEAL_CHILD if known.parent_field == "OpportunityId":
            found = ("Opportunity.IsWon = true",)
        case Reach.DEAL_CHILD:
            found = (f"{known.parent_field} IN ({_WON.format(field='Id')})",)
        case Reach.CUSTOMER:
            found = (f"Id IN ({_WON.format(field='AccountId')})",)
        case Reach.ACCOUNT_CHILD:
            found = (f"{known.parent_field} IN ({_WON.format(field='AccountId')})",)
        case Reach.NAMED | Reach.WHOLE:
            found = ()
        case _:
            assert_never(known.reach)
    return (*found, _CONTACT_BY_ROLE) if name == "Contact" else found


def snapshot_queries(name: str, selection: Selection) -> list[SnapshotQuery]:
    """The statements that together read every record of an object that a won deal reaches.

    None for objects that are read by the ids other records name (users, products, prices): use `by_ids_query` after the
    rest. Bulk jobs may not sort, so there is no order.
    """
    known = BY_NAME[name]
    if known.reach is Reach.NAMED:
        return []
    predicates = scope_predicates(name) or (None,)
    alive = _alive(selection)
    return [
        SnapshotQuery(
            soql=select(selection.names, name, where=[*([predicate] if predicate else []), *alive]),
            include_deleted=known.archived,
        )
        for predicate in predicates
    ]


def children_query(
    selection: Selection, parent_field: str, ids: Sequence[str], *, after_id: str | None = None
) -> SnapshotQuery:
    """All records of an object with one of these parents. Without a limit, so that Salesforce counts them all."""
    where = [f"{parent_field} IN {list_literal(ids)}", *_alive(selection)]
    soql = select(selection.names, selection.object_name, where=where, after_id=after_id, ordered=True)
    return SnapshotQuery(soql=soql, include_deleted=BY_NAME[selection.object_name].archived)


def by_ids_query(selection: Selection, ids: Sequence[str], *, after_id: str | None = None) -> str:
    """The records with these ids."""
    where = [f"Id IN {list_literal(ids)}"]
    return select(selection.names, selection.object_name, where=where, after_id=after_id, ordered=True)


def window_query(
    selection: Selection, window: Window, *, scoped: bool, after_id: str | None = None, limit: int | None = PAGE_SIZE
) -> str:
    """One page of the records that changed in a window, in the order of their ids.

    `scoped` narrows to the closure where a single predicate says it; an object that is reached in several ways, or by
    ids, is read unscoped. The order by id makes the reading proof against equal stamps and lets it go on at any page.
    """
    stamp = changed_field(selection)
    predicates = scope_predicates(selection.object_name) if scoped else ()
    reach = BY_NAME[selection.object_name].reach
    narrow = predicates if len(predicates) == 1 and reach is not Reach.CUSTOMER else ()
    where = [*narrow]
    if stamp is not None:
        where += [f"{stamp} >= {instant_literal(window.low)}", f"{stamp} < {instant_literal(window.high)}"]
    return select(selection.names, selection.object_name, where=where, after_id=after_id, ordered=True, limit=limit)


def whole_query(selection: Selection, *, after_id: str | None = None) -> str:
    """One page of all records of an object, in the order of their ids: for small objects such as the stages."""
    return select(selection.names, selection.object_name, after_id=after_id, ordered=True, limit=PAGE_SIZE)


def changed_field(selection: Selection) -> str | None:
    """The field by which changes of an object are found; None if it has none and must be read whole."""
    return next((name for name in _STAMPS if selection.has(name)), None)


def _alive(selection: Selection) -> list[str]:
    # Only queryAll needs it, and says archived and deleted apart; a plain query hides both.
    archived = BY_NAME[selection.object_name].archived
    return ["IsDeleted = false"] if archived and selection.has("IsDeleted") else []
