"""Whole aggregates: every child of some deals, whenever it was last changed, and the records that others name.

A set of children is complete or an error: Salesforce's count of the first page must be the number of rows that came.
"""

from collections.abc import Iterable, Mapping, Sequence

from sync.errors import ObjectMissing
from sync.extract.parts import QueryPart, drain
from sync.record import Records, Selection, SetOf
from sync.salesforce.client import Client
from sync.salesforce.soql import MAX_STATEMENT
from sync.scope.catalog import ACCOUNT_CHILDREN, DEAL_CHILDREN
from sync.scope.closure import by_ids_query, children_query

#: parents of one query of children, so that few answers need a second page
PARENTS_PER_QUERY = 200
#: ids of one query by ids
IDS_PER_QUERY = 1_000
#: characters of one id in a list: quotes, 18 characters, comma
_ID_LENGTH = 21


def aggregates(
    client: Client, selections: Mapping[str, Selection], deal_ids: Sequence[str], account_ids: Sequence[str]
) -> list[SetOf]:
    """Everything that hangs on some deals, and on some accounts; asked together, which saves a call."""
    deals = {name: (field, deal_ids) for name, field in DEAL_CHILDREN.items()}
    accounts = {name: (field, account_ids) for name, field in ACCOUNT_CHILDREN.items()}
    return _children(client, selections, deals | accounts)


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
    drain(client, parts)
    found: dict[str, Records] = {selection.object_name: [] for selection in selections}
    for part in parts:
        if part.error is not None:
            raise part.error
        found[part.object_name].extend(part.records)
    return found


def chunks(ids: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """The ids in pieces of at most `size`, in their order."""
    return [tuple(ids[start : start + size]) for start in range(0, len(ids), size)]


def _children(
    client: Client, selections: Mapping[str, Selection], wanted: Mapping[str, tuple[str, Sequence[str]]]
) -> list[SetOf]:
    planned: list[tuple[str, str, tuple[str, ...], QueryPart]] = []
    for name, (field, parent_ids) in wanted.items():
        selection = selections.get(name)
        if selection is None or not selection.has(field):
            continue
        pieces = chunks(sorted(set(parent_ids)), _ids_per_query(selection, most=PARENTS_PER_QUERY))
        planned.extend((name, field, piece, _children_part(selection, field, piece)) for piece in pieces)
    drain(client, [part for *_, part in planned])
    sets: list[SetOf] = []
    for name, field, chunk, part in planned:
        if isinstance(part.error, ObjectMissing):
            continue  # an object that vanished since describe is a state of the object, not of these deals
        if part.error is not None:
            raise part.error
        sets.append(SetOf(object_name=name, records=part.records, parent_field=field, parent_ids=chunk, complete=True))
    return sets


def _children_part(selection: Selection, field: str, chunk: tuple[str, ...]) -> QueryPart:
    return QueryPart(
        selection.object_name,
        lambda after_id: children_query(selection, field, chunk, after_id=after_id).soql,
        include_deleted=children_query(selection, field, chunk).include_deleted,
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
