"""Reading with SOQL over REST: query, queryAll and the following pages."""

import re
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.soql import execute
from demo_org.wire.context import Context
from demo_org.wire.cursors import Cursor
from demo_org.wire.message import Reply, Request

_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
_SMALLEST_PAGE, _LARGEST_PAGE = 200, 2000  # Sforce-Query-Options: batchSize=200…2000 (REST guide)
_MORE = re.compile(r"(?P<locator>01g[0-9A-Za-z]{15})-(?P<offset>\d+)\Z")


def query(context: Context, request: Request) -> Reply:
    """Live records."""
    return _asked(context, request, include_deleted=False)


def query_all(context: Context, request: Request) -> Reply:
    """Records with those in the recycle bin and the archived ones."""
    return _asked(context, request, include_deleted=True)


def more(context: Context, request: Request) -> Reply:
    """The page a nextRecordsUrl points at; asking again gives it again."""
    found = _MORE.match(request.parts["locator"])
    if found is None:
        raise SalesforceFault(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    cursor = context.cursors.get(found["locator"], token=request.token)
    offset = int(found["offset"])
    records = cursor.result.records(offset, cursor.page_rows, version=request.version)
    return _page(request, cursor, offset, records)


def _asked(context: Context, request: Request, *, include_deleted: bool) -> Reply:
    text = request.query.get("q")
    if text is None:
        raise SalesforceFault(400, "MALFORMED_QUERY", "A query string has to be specified")
    return first_page(context, request, text, include_deleted=include_deleted)


def first_page(context: Context, request: Request, text: str, *, include_deleted: bool = False) -> Reply:
    """Run a statement and answer with its first page."""
    rows = _page_rows(context, request)
    result = execute(context.org, text, include_deleted=include_deleted, batch_size=rows)
    records = result.records(0, rows, version=request.version)
    # COUNT() has a total and no records: nothing follows.
    if not records or result.total_size <= rows:
        return Reply(content={"totalSize": result.total_size, "done": True, "records": records})
    cursor = context.cursors.open(result, token=request.token, user_id=request.user_id, page_rows=rows)
    return _page(request, cursor, 0, records)


def _page(request: Request, cursor: Cursor, offset: int, records: list[dict[str, Any]]) -> Reply:
    total, following = cursor.result.total_size, offset + cursor.page_rows
    content: dict[str, Any] = {"totalSize": total, "done": following >= total}
    if following < total:
        content["nextRecordsUrl"] = f"/services/data/v{request.version}/query/{cursor.locator}-{following}"
    return Reply(content=content | {"records": records})


def _page_rows(context: Context, request: Request) -> int:
    asked = _BATCH_SIZE.search(request.headers.get("sforce-query-options", ""))
    if asked is None:
        return context.settings.page_rows
    wanted = max(_SMALLEST_PAGE, min(int(asked[1]), _LARGEST_PAGE))
    return min(wanted, context.settings.page_rows)
