"""Cuts a query by ranges of ids, as Sforce-Enable-PKChunking asks: each range becomes a batch of its own."""

import re
from dataclasses import replace

from demo_org.errors import SalesforceFault
from demo_org.soql import parse, syntax, write
from demo_org.store import Org

_USUAL, _MOST = 100_000, 250_000  # records of a chunk (Bulk API guide, "PK Chunking Header")
_SIZE = re.compile(r"chunkSize\s*=\s*(\d+)", re.IGNORECASE)


def chunk_rows(header: str) -> int | None:
    """How many records a chunk spans; None if the header does not ask for chunks."""
    text = header.strip().lower()
    if not text or text == "false":
        return None
    asked = _SIZE.search(header)
    return max(1, min(int(asked[1]), _MOST)) if asked is not None else _USUAL


def chunked(org: Org, statement: str, rows: int) -> list[str]:
    """The statement once for each range of that many records of its object, deleted ones counted."""
    query = parse(statement)
    described = org.catalog.find(query.source.names[-1])
    if described is None or query.order_by or query.limit is not None:
        raise SalesforceFault(400, "InvalidBatch", "PK chunking takes no ORDER BY and no LIMIT")
    with org.reading() as connection:
        bounds = [
            row[0]
            for row in connection.execute(
                f'SELECT Id FROM (SELECT Id, row_number() OVER (ORDER BY Id) AS number FROM "{described.name}") '  # noqa: S608 - names come from the catalogue
                "WHERE number % ? = 1 OR ? = 1 ORDER BY Id",
                (rows, rows),
            )
        ]
    return [_between(query, low, high) for low, high in zip(bounds, [*bounds[1:], None], strict=True)]


def _between(query: syntax.Query, low: str, high: str | None) -> str:
    key = syntax.Path(("Id",), 0)
    ranges = [syntax.Comparison(key, syntax.Operator.AT_LEAST, syntax.Text(low, 0))]
    if high is not None:
        ranges.append(syntax.Comparison(key, syntax.Operator.LESS, syntax.Text(high, 0)))
    parts = [*([query.where] if query.where is not None else []), *ranges]
    return write(replace(query, where=parts[0] if len(parts) == 1 else syntax.And(tuple(parts))))
