"""What goes back to a client, before it is put on a wire; handlers make it, faults may change it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

JSON_TYPE = "application/json;charset=UTF-8"


class Nothing(Enum):
    """Tells "no body" from a JSON null."""

    NOTHING = 0


NOTHING = Nothing.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back: one of JSON content, raw bytes or a stream of chunks; header names in Salesforce's own case."""

    status: int = 200
    content: Any = NOTHING
    raw: bytes | None = None
    stream: Iterator[bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
