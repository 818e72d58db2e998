"""Tables for dashboards: whole, on one page, as JSON or as CSV with the same columns."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from app.api.answer import CACHING, answer, entity_tag, is_known, unchanged
from app.read.csv import to_csv
from app.read.encode import to_json
from models.session import ReadSession

#: the second form of a table, for its OpenAPI description
AS_CSV: dict[str, Any] = {"content": {"text/csv": {"schema": {"type": "string"}}}}


class TableForm(StrEnum):
    """How a table is delivered."""

    JSON = "json"
    CSV = "csv"


def table_answer(
    request: Request,
    session: ReadSession,
    rows: Sequence[Mapping[str, Any]],
    *,
    columns: Sequence[str],
    form: TableForm,
    beside: Mapping[str, Any],
    hidden: Collection[str],
    about: Any = None,
) -> Response:
    """Answer with a table.

    Args:
        request: what was asked.
        session: the transaction whose freshness the answer tells.
        rows: all of them.
        columns: their order in CSV.
        form: JSON or CSV.
        beside: what JSON tells beside the rows.
        hidden: the columns that are null because the caller may not see them.
        about: what its tag covers, where that is less than the whole.
    """
    if form is TableForm.JSON:
        return answer(request, session, {"data": rows, **beside}, about=about, hidden=hidden)
    tag = entity_tag(to_json(rows if about is None else about))
    if is_known(request, tag):
        return unchanged(tag)
    headers = {"ETag": tag, **CACHING}
    return Response(to_csv(rows, columns), media_type="text/csv; charset=utf-8", headers=headers)
