"""Rows as JSON: money exactly, dates as `YYYY-MM-DD`, instants in RFC 3339 and UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def to_json(value: Any) -> bytes:
    """Write a value as JSON; a Decimal becomes a number with exactly its digits."""
    return _ENCODER.encode(value)


def plain_row(row: Any) -> dict[str, Any]:
    """A row of the store as what `to_json` writes, column by column."""
    return {name: plain_value(value) for name, value in row.items()}


def plain_value(value: Any) -> Any:
    """Bring instants to UTC, and give money at least two decimals so that equal amounts look equal."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.01")) if int(value.as_tuple().exponent) > -2 else value
    return value
