"""Whole aggregates: every child of some deals, whenever it was last changed, and the records that others name.

A set of children is complete or an error: Salesforce's count of the first page must be the number of rows that came.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence

from sync.errors import ObjectMissing
from sync.extract.parts import QueryPart, in_order
from sync.record import Records, Selection, SetOf
from sync.salesforce.client import Client
from sync.salesforce.soql import MAX_STATEMENT
from sync.scope.catalog import Closure, ClosureObject
from sync.scope.closure import by_ids_query, children_query

#: parents of one query of children, so that few answers need a second page
PARENTS_PER_QUERY = 200
#: ids of one query by ids
IDS_PER_QUERY = 1_000
#: characters of one id in a list: quotes, 18 characters, comma
_ID_LENGTH = 21


def children(
    client: Client, closure: Closure, selections: Mapping[str, Selection], wanted: Mapping[str, Sequence[str]]
) -> Generator[SetOf, None, None]:
    """All children that some parents have of some objects, asked together, which saves calls.

    The sets come object by object, each as soon as it is complete, while the next ones are on their way.

    Args:
        client: the org.
        closure: the objects and how they hang together.
        selections: what is read of each object; those without a selection are left out.
        wanted: the ids of the parents, by the name of the child object.
    """
    planned: dict[QueryPart, tuple[ClosureObject, tuple[str, ...]]] = {}
    for name, parent_ids in wanted.items():
        selection, known = selections.get(name), closure[name]
        if selection is None or known.parent_field is None or not selection.has(known.parent_field):
            continue
        pieces = chunks(sorted(set(parent_ids)), _ids_per_query(selection, most=PARENTS_PER_QUERY))
        planned |= {_children_part(known, selection, piece): (known, piece) for piece in pieces}
    for part in in_order(client, list(planned)):
        known, piece = planned.pop(part)
        if isinstance(part.error, ObjectMissing):
            continue  # an object that vanished since describe is a state of the object, not of these deals
        if part.error is not None:
            raise part.error
        yield SetOf(
            object_name=known.name,
            records=part.taken(),
            parent_field=str(known.parent_field),
            parent_ids=piece,
            complete=True,
        )


def by_ids(
    client: Client,
    selections: Iterable[Selection],
    ids: Mapping[str, Iterable[str]],
    *,
    include_deleted: bool = False,
) -> dict[str, Records]:
    """The records with some ids of several objects, packed into as few calls as possible."""
    parts: list[QueryPart] = []
    for selection in selections:
        wanted = sorted(set(ids.get(selection.object_name, ())))
        pieces = chunks(wanted, _ids_per_query(selection, most=IDS_PER_QUERY))
        parts.extend(_by_ids_part(selection, piece, include_deleted=include_deleted) for piece in pieces)
    found: dict[str, Records] = {selection.object_name: [] for selection in selections}
    for part in in_order(client, parts):
        if part.error is not None:
            raise part.error
        found[part.object_name].extend(part.records)
    return found


def chunks(ids: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The ids in pieces of at most `size`, in their order."""
    return [tuple(ids[start : start + size]) for start in range(0, len(ids), size)]


def _children_part(known: ClosureObject, selection: Selection, piece: tuple[str, ...]) -> QueryPart:
    return QueryPart(
        selection.object_name,
        lambda after_id: children_query(known, selection, piece, after_id=after_id).soql,
        include_deleted=known.archived,
        limited=False,
    )


def _by_ids_part(selection: Selection, chunk: tuple[str, ...], *, include_deleted: bool) -> QueryPart:
    return QueryPart(
        selection.object_name,
        lambda after_id: by_ids_query(selection, chunk, after_id=after_id),
        include_deleted=include_deleted,
        limited=False,
    )


def _ids_per_query(selection: Selection, *, most: int) -> int:
    """How many ids fit into a statement beside the names of the fields."""
    names = sum(len(name) + 2 for name in selection.names) + 500
    return max(1, min(most, (MAX_STATEMENT - names) // _ID_LENGTH))
