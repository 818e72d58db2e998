"""Rows as CSV (RFC 4180) that a spreadsheet opens as text and never as a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

#: a cell that begins so would be computed; also in the wide letters of East Asian keyboards, and behind blanks
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
#: some programs begin a new cell here
_BREAKS = ("\t", "\r", "\n")


def to_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Write rows with these columns, in this order, in UTF-8."""
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
    return held.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal() | int():
            return str(value)
    shown = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    would_be_computed = shown.startswith(_BREAKS) or shown.lstrip().startswith(_FORMULA)
    return f"'{shown}" if would_be_computed else shown
