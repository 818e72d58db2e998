"""Reading with SOQL over REST: query, queryAll and the following pages."""

import re
from dataclasses import dataclass
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.soql import ResultSet, columns, execute, explain
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.query.cursors import Cursor

_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_SMALLEST_PAGE, _LARGEST_PAGE = 200, 2000  # Sforce-Query-Options: batchSize=200…2000 (REST guide)
_MORE = re.compile(r"(?P<locator>01g[0-9A-Za-z]{15})-(?P<offset>\d+)\Z")


def query(context: Context, request: Request) -> Reply:
    """Live records; with ?explain= how they would be found, with ?columns=true what the columns are."""
    explained = request.query.get("explain")
    if explained is not None:
        return Reply(content=explain(context.org, explained))
    return _asked(context, request, include_deleted=False)


def query_all(context: Context, request: Request) -> Reply:
    """Records with those in the recycle bin and the archived ones."""
    return _asked(context, request, include_deleted=True)


def more(context: Context, request: Request) -> Reply:
    """The page a nextRecordsUrl points at; asking again gives it again."""
    found = _MORE.match(request.parts["locator"])
    if found is None:
        raise _no_such_locator()
    cursor = context.cursors.get(found["locator"], token=request.token)
    offset = int(found["offset"])
    if offset >= cursor.result.total_size:
        raise _no_such_locator()
    return _page(context, request, cursor.result, offset, cursor.page_rows, cursor)


def first_page(context: Context, request: Request, text: str, *, include_deleted: bool = False) -> Reply:
    """Run a statement and answer with its first page."""
    result = execute(context.org, text, include_deleted=include_deleted, version=request.version)
    return _page(context, request, result, 0, _page_rows(context, request, result), None)


def _asked(context: Context, request: Request, *, include_deleted: bool) -> Reply:
    text = request.query.get("q")
    if text is None:
        raise SalesforceFault(400, "MALFORMED_QUERY", "A query string has to be specified")
    if request.query.get("columns", "").lower() == "true":
        return Reply(content=columns(context.org, text))
    return first_page(context, request, text, include_deleted=include_deleted)


@dataclass(slots=True)
class _Pages:
    """Opens cursors for what does not fit in a page: the rest of the result, the rest of a record's children."""

    context: Context
    request: Request
    result: ResultSet
    page_rows: int
    cursor: Cursor | None

    @property
    def limit(self) -> int:
        """Children of one record that are shown with it."""
        return self.context.settings.page_children

    def keep(self, result: ResultSet) -> str:
        """Keep the children of one record; they die with the result their parent is in."""
        child = self._open(result, self.limit, owner=self.own().locator)
        return self.address(child, self.limit)

    def own(self) -> Cursor:
        """The cursor of the result itself, opened when it is first needed."""
        if self.cursor is None:
            self.cursor = self._open(self.result, self.page_rows)
        return self.cursor

    def address(self, cursor: Cursor, offset: int) -> str:
        """Where a page is; a path without a host, in the version of the request."""
        return f"/services/data/v{self.request.version}/query/{cursor.locator}-{offset}"

    def _open(self, result: ResultSet, page_rows: int, owner: str | None = None) -> Cursor:
        token, user_id = self.request.token, self.request.user_id
        return self.context.cursors.open(result, token=token, user_id=user_id, page_rows=page_rows, owner=owner)


def _page(
    context: Context, request: Request, result: ResultSet, offset: int, page_rows: int, cursor: Cursor | None
) -> Reply:
    """One page; rows deleted since the query ran are missing from it, its address counts them all the same."""
    pages = _Pages(context, request, result, page_rows, cursor)
    records = result.records(offset, page_rows, version=request.version, following=pages)
    total, following = result.total_size, offset + page_rows
    done = following >= total or not result.paged
    content: dict[str, Any] = {"totalSize": total, "done": done}
    if not done:
        content["nextRecordsUrl"] = pages.address(pages.own(), following)
    return Reply(content=content | {"records": records})


def _page_rows(context: Context, request: Request, result: ResultSet) -> int:
    """Rows of a page: what the client asked for within Salesforce's bounds, less for wide records and for parents."""
    if not result.paged:
        return max(result.total_size, 1)
    most = context.settings.page_rows
    if result.long_texts > 1:
        most = min(most, _SMALLEST_PAGE)
    if result.nested:
        most = min(most, context.settings.page_parents)
    asked = _BATCH_SIZE.search(request.headers.get("sforce-query-options", ""))
    return most if asked is None else min(most, max(_SMALLEST_PAGE, min(int(asked[1]), _LARGEST_PAGE)))


def _no_such_locator() -> SalesforceFault:
    return SalesforceFault(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
