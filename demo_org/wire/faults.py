"""Ways the demo org misbehaves on request: an outage, a slow answer, a reply that breaks off.

A test posts a list of faults; each strikes a number of times where its path matches, then it is over.
"""

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from demo_org.errors import SalesforceFault

_KEYS = frozenset(
    {"path", "method", "status", "body", "headers", "content_type", "times", "delay", "cut_after", "broken"}
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """One way to misbehave."""

    #: searched in the path and query of a request
    path: re.Pattern[str]
    method: str | None = None
    #: None = answer properly (after the delay, or cut off)
    status: int | None = None
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    #: strikes left; 0 = for ever
    times: int = 1
    #: seconds of silence before anything happens
    delay: float = 0.0
    #: end the body after this many bytes without a sign of error, as a dropped connection behind a proxy does
    cut_after: int | None = None
    #: break the connection at that point, so that the client notices
    broken: bool = False
    struck: int = 0


class Faults:
    """The faults that wait to strike, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def replace(self, described: Any) -> None:
        """Take a new list of faults, given as JSON; an empty one ends all faults."""
        if not isinstance(described, list):
            raise SalesforceFault(400, "JSON_PARSER_ERROR", "send a JSON list of faults")
        faults = [_fault(each) for each in described]
        with self._lock:
            self._waiting = faults

    def strike(self, method: str, target: str) -> Fault | None:
        """The fault that strikes this request, if any."""
        with self._lock:
            for fault in self._waiting:
                if (fault.method is None or fault.method == method) and fault.path.search(target):
                    fault.struck += 1
                    if fault.times and fault.struck >= fault.times:
                        self._waiting.remove(fault)
                    return fault
        return None

    def waiting(self) -> Sequence[dict[str, Any]]:
        """The faults that have not struck often enough yet."""
        with self._lock:
            return [{"path": each.path.pattern, "times": each.times, "struck": each.struck} for each in self._waiting]


def _fault(described: Any) -> Fault:
    if not isinstance(described, dict) or "path" not in described or set(described) - _KEYS:
        raise SalesforceFault(400, "JSON_PARSER_ERROR", f"a fault has a path and may have {', '.join(sorted(_KEYS))}")
    headers = dict(described.get("headers", {}))
    if described.get("status") is not None:
        html = _text(described.get("body", "")).lstrip().startswith("<")
        usual = "text/html;charset=UTF-8" if html else "application/json;charset=UTF-8"
        headers = {"Content-Type": described.get("content_type", usual), **headers}
    return Fault(
        path=re.compile(described["path"]),
        method=described.get("method"),
        status=described.get("status"),
        body=_text(described.get("body", "")),
        headers=headers,
        times=described.get("times", 1),
        delay=described.get("delay", 0.0),
        cut_after=described.get("cut_after", 0 if described.get("broken") else None),
        broken=bool(described.get("broken", False)),
    )


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)
