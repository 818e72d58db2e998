"""A figure is a measured number with the limit it must keep; a table shows them and says which are missed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number."""

    bench: str
    name: str
    value: float
    unit: str = ""
    #: the number must not be above, or below, these
    at_most: float | None = None
    at_least: float | None = None
    #: how it came about: rounds, spread, what it is compared with
    note: str = ""

    @property
    def has_limit(self) -> bool:
        """Whether the number can be missed."""
        return self.at_most is not None or self.at_least is not None

    @property
    def is_kept(self) -> bool:
        """Whether the number keeps its limit."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    def as_dict(self) -> dict[str, Any]:
        """The figure as JSON-able data."""
        return {
            "bench": self.bench,
            "name": self.name,
            "value": round(self.value, 6),
            "unit": self.unit,
            "at_most": self.at_most,
            "at_least": self.at_least,
            "kept": self.is_kept,
            "note": self.note,
        }


def table(figures: Sequence[Figure]) -> str:
    """All figures as one table of text."""
    rows = [("bench", "figure", "measured", "limit", "", "")]
    rows += [
        (each.bench, each.name, f"{_number(each.value)} {each.unit}".rstrip(), _limit(each), _verdict(each), each.note)
        for each in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in {2, 3} else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return "\n".join(lines)


def _limit(figure: Figure) -> str:
    if figure.at_most is not None:
        return f"<= {_number(figure.at_most)}"
    return f">= {_number(figure.at_least)}" if figure.at_least is not None else ""


def _verdict(figure: Figure) -> str:
    if not figure.has_limit:
        return ""
    return "ok" if figure.is_kept else "MISSED"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:,.3g}"
