"""How a complete reading of an object begins, and how one without a bulk job goes on, for first loads and repairs.

An object whose field was hidden since its description is read without that field, and the field is reported.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sync.errors import FieldHidden
from sync.extract.parts import QueryPart, advance
from sync.record import Records, Selection
from sync.salesforce.bulk import BulkJob
from sync.salesforce.client import Client
from sync.scope.closure import SnapshotQuery

#: makes the statements that together read an object out of the fields that are read of it
Statements = Callable[[Selection], Sequence[SnapshotQuery]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One object that is to be read whole."""

    selection: Selection
    statements: Statements
    #: read as records, page by page: an object of a few rows, or one that bulk jobs do not support
    by_pages: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A statement that Salesforce has taken as a job, or one that is to be read page by page."""

    selection: Selection
    query: SnapshotQuery
    hidden: tuple[str, ...]
    #: None when it is read page by page
    job: BulkJob | None


def begin(client: Client, wanted: Wanted, number: int) -> Begun:
    """Start one of an object's statements; fields that turn out to be hidden are left out.

    Raises:
        BulkUnsupported: the object must be read page by page.
    """
    selection, hidden = wanted.selection, list[str]()
    while True:
        query = wanted.statements(selection)[number]
        try:
            job = None
            if not wanted.by_pages:
                name = selection.object_name
                job = client.start_bulk(query.soql, object_name=name, include_deleted=query.include_deleted)
        except FieldHidden as error:
            selection = less(selection, error)
            hidden.append(error.field_name)
        else:
            return Begun(selection=selection, query=query, hidden=tuple(hidden), job=job)


def less(selection: Selection, error: FieldHidden) -> Selection:
    """The selection without a field that turned out to be hidden.

    Raises:
        FieldHidden: it is none of the selected ones: the condition itself can't be asked without it.
    """
    without = selection.without(error.field_name)
    if without == selection:
        raise error
    return without


def page_of_records(
    client: Client, object_name: str, query: SnapshotQuery, *, after_id: str | None
) -> tuple[Records, str | None]:
    """One page of an object that is not read by a job, and the id behind which the next begins (None: it was the last).

    It needs nothing but the last id, so it goes on at any page.
    """
    part = QueryPart(object_name, query.page, include_deleted=query.include_deleted, after_id=after_id)
    while part.is_pending and not part.records:  # a page that takes Salesforce too long is asked for in smaller spans
        advance(client, [part])
    if part.error is not None:
        raise part.error
    records = part.taken()
    return records, records[-1]["Id"] if part.is_pending else None
