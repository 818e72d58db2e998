"""Runs a statement and keeps its result: records by their ids, or groups, or a number."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from demo_org.catalog import FieldType
from demo_org.soql import csv_lines
from demo_org.soql.bulk import REFUSED_GROUPS
from demo_org.soql.context import VERSION, Context
from demo_org.soql.errors import SoqlError
from demo_org.soql.groups import group_columns, group_records
from demo_org.soql.parser import parse
from demo_org.soql.plan import Ids, Plan
from demo_org.soql.rules import check
from demo_org.soql.scope import Scope
from demo_org.soql.selection import Children, Selection
from demo_org.soql.shaping import ChildPages, Shaper
from demo_org.soql.sql import ready
from demo_org.store import Org, recent


class Following(Protocol):
    """Takes children that do not fit in the page of their parents."""

    @property
    def limit(self) -> int:
        """Children of one record that are shown with it."""

    def keep(self, result: "ResultSet") -> str:
        """Keep all children of a record as a result of its own; answers the address of its second page."""


class ResultSet(ABC):
    """What a statement found; ask it for pages in the form of REST or of Bulk 2.0."""

    def __init__(self, object_name: str, columns: tuple[str, ...], total_size: int) -> None:
        #: the object of FROM
        self.object = object_name
        #: canonical paths in the order of SELECT
        self.columns = columns
        self.total_size = total_size
        #: whether it is cut into pages; groups come all at once
        self.paged = True
        #: whether records have children with them
        self.nested = False
        #: how many long texts an admin made are selected
        self.long_texts = 0

    @abstractmethod
    def records(
        self, offset: int, limit: int, version: str = "64.0", following: "Following | None" = None
    ) -> list[dict[str, Any]]:
        """Records of [offset, offset + limit) as REST replies with them; those deleted meanwhile are missing."""

    @abstractmethod
    def csv_chunks(self, offset: int, limit: int, delimiter: str = ",", line_ending: str = "\n") -> Iterator[bytes]:
        """The header, then records of [offset, offset + limit) as lines, in chunks of about 256 kB."""


class RecordSet(ResultSet):
    """Records: the ids are those of the moment of the query, the values those of the moment of the page."""

    def __init__(self, org: Org, context: Context, selection: Selection, ids: Ids) -> None:
        names = tuple(column.name for column in selection.columns)
        super().__init__(selection.scope.source.name, names, len(ids))
        self.nested = any(isinstance(each, Children) for each in selection.root.entries.values())
        self.long_texts = sum(_long_text(column.field) for column in selection.columns)
        self._org = org
        self._context = context
        self._selection = selection
        self._ids = ids

    @classmethod
    def found(cls, org: Org, context: Context, scope: Scope) -> "RecordSet":
        """The records that the statement finds now."""
        selection = Selection(context, scope, scope.query.select)
        plan = Plan(context, scope)
        with _reading(org) as connection:
            return cls(org, context, selection, plan.ids(connection))

    def records(
        self, offset: int, limit: int, version: str = "64.0", following: "Following | None" = None
    ) -> list[dict[str, Any]]:
        """Records of one page in REST form."""
        ids = self._ids.part(offset, limit)
        pages = None if following is None else self._child_pages(following)
        with _reading(self._org) as connection:
            found = Shaper.over(self._context, connection, version, pages).records(self._selection, ids)
        self._note_seen(ids)
        return found

    def _note_seen(self, ids: list[str]) -> None:
        """FOR VIEW and FOR REFERENCE put the records among the user's recent ones."""
        purposes = self._selection.scope.query.purposes
        if {"VIEW", "REFERENCE"} & set(purposes):
            name, viewed = self._selection.scope.source.name, "VIEW" in purposes
            recent.seen(self._org, self._context.user_id, name, ids, viewed=viewed)

    def _child_pages(self, following: "Following") -> ChildPages:
        def keep(selection: Selection, ids: list[str]) -> str:
            return following.keep(RecordSet(self._org, self._context, selection, Ids.of(ids)))

        return ChildPages(limit=following.limit, keep=keep)

    def csv_chunks(self, offset: int, limit: int, delimiter: str = ",", line_ending: str = "\n") -> Iterator[bytes]:
        """The header and lines in Bulk form."""
        yield csv_lines.header(self._selection.columns, delimiter=delimiter, line_ending=line_ending)

        def reading() -> AbstractContextManager[sqlite3.Connection]:
            return _reading(self._org)

        yield from csv_lines.lines(
            self._context, self._selection, self._ids, reading,
            offset=offset, limit=limit, delimiter=delimiter, line_ending=line_ending,
        )  # fmt: skip


class GroupSet(ResultSet):
    """Groups, read at once: Salesforce has no pages of them; or the bare number of SELECT COUNT()."""

    def __init__(self, object_name: str, columns: tuple[str, ...], rows: list[dict[str, Any]], total: int) -> None:
        super().__init__(object_name, columns, total)
        self.paged = False
        self._rows = rows

    def records(
        self,
        offset: int,
        limit: int,
        version: str = "64.0",  # noqa: ARG002 - groups have no address
        following: "Following | None" = None,  # noqa: ARG002 - nor children
    ) -> list[dict[str, Any]]:
        """Groups in REST form."""
        return self._rows[offset : offset + limit]

    def csv_chunks(  # refused before anybody gets here
        self,
        offset: int,  # noqa: ARG002 - see above
        limit: int,  # noqa: ARG002 - see above
        delimiter: str = ",",  # noqa: ARG002 - see above
        line_ending: str = "\n",  # noqa: ARG002 - see above
    ) -> Iterator[bytes]:
        """Bulk queries of groups are refused."""
        raise SoqlError("FUNCTIONALITY_NOT_ENABLED", REFUSED_GROUPS)


def execute(org: Org, text: str, *, include_deleted: bool = False, version: str = VERSION) -> ResultSet:
    """Run a statement; with `include_deleted` also over the recycle bin and archived activities (queryAll)."""
    query = parse(text)
    check(query, version=version)
    context = Context.of(org, include_deleted=include_deleted, version=version)
    scope = Scope.of(context, query)
    if query.counts and not query.group_by:
        plan = Plan(context, scope)
        with _reading(org) as connection:
            return GroupSet(scope.source.name, (), [], plan.count(connection))
    if query.aggregates:
        names = tuple(each.name for each in group_columns(scope))
        with _reading(org) as connection:
            rows = group_records(context, scope, connection)
        return GroupSet(scope.source.name, names, rows, len(rows))
    return RecordSet.found(org, context, scope)


def _long_text(field: FieldType) -> bool:
    return field.custom and field.type == "textarea" and not field.filterable


@contextmanager
def _reading(org: Org) -> Iterator[sqlite3.Connection]:
    with org.reading() as connection:
        ready(org, connection)
        yield connection
