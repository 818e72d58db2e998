"""Long texts that changed a little travel as a difference, which a consumer must apply or ask for the whole text.

Change Data Capture guide, "Sending Data Differences for Fields of Updated Records".
"""

import difflib
import hashlib

_LONG = 1000  # characters from which on a text may be sent as a difference


def difference(old: str | None, new: str | None) -> str | None:
    """The change in unified format under the new text's SHA-256; None where the whole text is sent."""
    if not old or not new or len(new) < _LONG:
        return None
    before, after = old.split("\n"), new.split("\n")
    lines = [_as_salesforce(line) for line in difflib.unified_diff(before, after, n=0, lineterm="")][2:]
    changed = sum(not line.startswith("@@") for line in lines)
    removed = sum(len(line) - 1 for line in lines if line.startswith("-"))
    added = sum(len(line) - 1 for line in lines if line.startswith("+"))
    if max(removed, added) * 2 > len(new) or changed * 4 > len(before) + len(after):
        return None
    text = "\n".join(["--- ", f"+++ {hashlib.sha256(new.encode()).hexdigest()}", *lines])
    return text if len(text) <= len(new) else None


def _as_salesforce(line: str) -> str:
    """Line numbers with their counts even where that is 1: @@ -2,1 +2,1 @@."""
    if not line.startswith("@@"):
        return line
    _, old, new, _ = line.split(" ", 3)
    return f"@@ {_counted(old)} {_counted(new)} @@"


def _counted(numbers: str) -> str:
    return numbers if "," in numbers else f"{numbers},1"
