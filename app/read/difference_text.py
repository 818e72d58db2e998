"""A difference between two briefs as lines that people read."""

from collections.abc import Mapping
from typing import Any

from app.read.printed import one_line, value_text

_MOST = 160


def difference_lines(found: Mapping[str, Any]) -> list[str]:
    """Tell a difference in one line per change."""
    lines = [f"{each['key']}: {_side(each['before'])} becomes {_side(each['after'])}" for each in found["head"]]
    for each in found["lines"]:
        before, after = ((each[side] or {}).get("value") for side in ("before", "after"))
        lines.append(f"{each['title']}, {one_line(each['label'])}: {_side(before)} becomes {_side(after)}")
    score = found["completeness"]
    if score["before"] != score["after"]:
        lines.append(f"completeness: {score['before']} % becomes {score['after']} %")
    return lines


def _side(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value_text(value)
    return text if len(text) <= _MOST else f"{text[: _MOST - 2]} …"
