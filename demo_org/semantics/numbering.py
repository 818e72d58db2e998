"""Numbers the org hands out by itself: contracts, quotes, orders, cases."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo_org.store.unit import Unit


def next_number(unit: "Unit", object_name: str, field: str, *, where: str = "1", value: str | None = None) -> str:
    """The next number, eight digits with leading zeros; where narrows the series (lines of one quote)."""
    last = unit.scalar(
        f'SELECT max(CAST("{field}" AS INTEGER)) FROM "{object_name}" WHERE {where}',  # noqa: S608 - all from our own code
        () if value is None else (value,),
    )
    return f"{(last or 0) + 1:08d}"
