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
from sync.scope.catalog import ACCOUNT, ROOT, STANDARD, Closure, ClosureObject, Reach

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


def scope_predicates(name: str, closure: Closure = STANDARD) -> tuple[str, ...]:
    """The conditions that put records of an object into the closure; any one of them is enough.

    Empty for objects that are read whole, by ids, or by the ids of their parents. Contacts that only an activity names
    are not covered: they are read by ids.
    """
    known, scope = closure[name], closure.scope
    match known.reach:
        case Reach.ROOT:
            return (scope.soql(),)
        case Reach.CUSTOMER:
            return (f"Id IN ({scope.opportunities('AccountId')})",)
        case Reach.CHILD:
            hanging = _hanging_on_parent(known, closure)
            role = scope.soql(prefix="Opportunity.")
            by_role = f"Id IN (SELECT ContactId FROM OpportunityContactRole WHERE {role})"
            return (*hanging, by_role) if name == "Contact" else hanging
        case Reach.NAMED | Reach.WHOLE:
            return ()
        case _:
            assert_never(known.reach)


def _hanging_on_parent(known: ClosureObject, closure: Closure, path: str = "") -> tuple[str, ...]:
    """The conditions by which a child is reached: by its parent's own, asked through the lookup.

    `path` leads to the child from the object that is queried.
    """
    field, parent, scope = str(known.parent_field), str(known.parent), closure.scope
    lookup = _path(field)
    if parent == ROOT and lookup is not None:
        return (scope.soql(prefix=f"{path}{lookup}"),)
    # A semi-join may not begin with a path ("Order.AccountId IN (…)") nor hold another one, so only a plain condition
    # can be asked through a lookup.
    if parent in {ROOT, ACCOUNT}:
        column = "Id" if parent == ROOT else "AccountId"
        return () if path else (f"{field} IN ({scope.opportunities(column)})",)
    grandparent = closure[parent]
    return _hanging_on_parent(grandparent, closure, f"{path}{lookup}") if lookup and grandparent.parent else ()


def reached_by_query(name: str, closure: Closure = STANDARD) -> bool:
    """Whether conditions say which records of an object belong to the closure; others are read by their parents."""
    return bool(scope_predicates(name, closure))


def _path(field: str) -> str | None:
    """How a statement reaches a parent through a lookup; None for lookups that may lead to several objects."""
    if field.endswith("__c"):
        return f"{field.removesuffix('__c')}__r."
    return None if field in _POLYMORPHIC else f"{field.removesuffix('Id')}."


_POLYMORPHIC = frozenset({"WhatId", "ParentId", "RelatedToId", "LinkedEntityId"})


def snapshot_queries(name: str, selection: Selection, closure: Closure = STANDARD) -> list[SnapshotQuery]:
    """The statements that together read every record of an object that a won deal reaches.

    None for objects that are read by the ids other records name (users, products, prices) or by those of their parents:
    use `by_ids_query` and `children_query` after the rest. Bulk jobs may not sort, so there is no order.
    """
    known = closure[name]
    predicates: tuple[str | None, ...] = (None,) if known.reach is Reach.WHOLE else scope_predicates(name, closure)
    alive = _alive(selection, known)
    return [
        SnapshotQuery(
            soql=select(selection.names, name, where=[*([predicate] if predicate else []), *alive]),
            include_deleted=known.archived,
        )
        for predicate in predicates
    ]


def children_query(
    known: ClosureObject, selection: Selection, ids: Sequence[str], *, after_id: str | None = None
) -> SnapshotQuery:
    """All records of an object with one of these parents. Without a limit, so that Salesforce counts them all."""
    where = [f"{known.parent_field} IN {list_literal(ids)}", *_alive(selection, known)]
    soql = select(selection.names, selection.object_name, where=where, after_id=after_id, ordered=True)
    return SnapshotQuery(soql=soql, include_deleted=known.archived)


def by_ids_query(selection: Selection, ids: Sequence[str], *, after_id: str | None = None) -> str:
    """The records with these ids."""
    where = [f"Id IN {list_literal(ids)}"]
    return select(selection.names, selection.object_name, where=where, after_id=after_id, ordered=True)


def window_query(
    selection: Selection,
    window: Window,
    *,
    closure: Closure = STANDARD,
    scoped: bool,
    after_id: str | None = None,
    limit: int | None = PAGE_SIZE,
) -> str:
    """One page of the records that changed in a window, in the order of their ids.

    `scoped` narrows to the closure where a single predicate says it; an object that is reached in several ways, or by
    ids, is read unscoped. The order by id makes the reading proof against equal stamps and lets it go on at any page.
    """
    stamp = changed_field(selection)
    name = selection.object_name
    predicates = scope_predicates(name, closure) if scoped and closure[name].reach is not Reach.CUSTOMER else ()
    where = [*predicates] if len(predicates) == 1 else []
    if stamp is not None:
        where += [f"{stamp} >= {instant_literal(window.low)}", f"{stamp} < {instant_literal(window.high)}"]
    return select(selection.names, name, where=where, after_id=after_id, ordered=True, limit=limit)


def count_query(name: str, closure: Closure = STANDARD) -> str:
    """How many records of an object are reached by its one predicate."""
    (predicate,) = scope_predicates(name, closure)
    return f"SELECT COUNT(Id) n FROM {name} WHERE {predicate}"


def whole_query(selection: Selection, *, after_id: str | None = None) -> str:
    """One page of all records of an object, in the order of their ids: for small objects such as the stages."""
    return select(selection.names, selection.object_name, after_id=after_id, ordered=True, limit=PAGE_SIZE)


def changed_field(selection: Selection) -> str | None:
    """The field by which changes of an object are found; None if it has none and must be read whole."""
    return next((name for name in _STAMPS if selection.has(name)), None)


def _alive(selection: Selection, known: ClosureObject) -> list[str]:
    # Only queryAll needs it, and says archived and deleted apart; a plain query hides both.
    return ["IsDeleted = false"] if known.archived and selection.has("IsDeleted") else []
