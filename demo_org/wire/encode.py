"""JSON as Salesforce writes it: compact, or pretty with its own spacing when X-PrettyPrint asks for it."""

from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def compact(value: Any) -> bytes:
    """The value in one line without spaces; doubles keep their point (15000.0)."""
    return _ENCODER.encode(value)


def pretty(value: Any) -> bytes:
    """The value as X-PrettyPrint: 1 gives it: `"totalSize" : 1`, `[ {` on one line, `[ ]` when empty."""
    return "".join(_pieces(value, "")).encode()


def _pieces(value: Any, indent: str) -> list[str]:
    if isinstance(value, dict):
        if not value:
            return ["{ }"]
        inner = indent + "  "
        pieces = ["{\n"]
        for number, (key, each) in enumerate(value.items()):
            pieces += [",\n" if number else "", inner, _scalar(key), " : ", *_pieces(each, inner)]
        return [*pieces, "\n", indent, "}"]
    if isinstance(value, list | tuple):
        if not value:
            return ["[ ]"]
        pieces = ["[ "]
        for number, each in enumerate(value):
            pieces += [", " if number else "", *_pieces(each, indent)]
        return [*pieces, " ]"]
    return [_scalar(value)]


def _scalar(value: Any) -> str:
    return _ENCODER.encode(value).decode()
