"""Cursors: a signed note of where the next page starts and what was asked, so that nobody can bend the question."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

from app.problems import Problem

_SIGNATURE_BYTES = 16
_BAD = "This cursor is not one of ours, or was changed. Start again without it."


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a list goes on."""

    #: the list it belongs to
    kind: str
    #: filters, sort and fields of the first page, by parameter
    asked: dict[str, Any]
    #: the sort values of the last row that was delivered
    position: list[str | None]


def seal(cursor: Cursor, secret: bytes) -> str:
    """Write a cursor as opaque, signed text."""
    body = msgspec.json.encode(cursor)
    return _text(_sign(body, secret) + body)


def unseal(text: str, secret: bytes, *, kind: str) -> Cursor:
    """Read a cursor that we signed for this list; any other is refused with a 400 problem."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError):
        raise _refused() from None
    signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    # base64 has several spellings of the same bytes; only ours counts.
    if not hmac.compare_digest(signature, _sign(body, secret)) or _text(raw) != text:
        raise _refused()
    cursor = msgspec.json.decode(body, type=Cursor)
    if cursor.kind != kind:
        raise _refused(f"This cursor belongs to the list of {cursor.kind}. Start again without it.")
    return cursor


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _sign(body: bytes, secret: bytes) -> bytes:
    return hmac.new(secret, b"cursor:" + body, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def _refused(detail: str = _BAD) -> Problem:
    errors: list[dict[str, Any]] = [{"pointer": "/query/cursor", "detail": "not a valid cursor"}]
    return Problem(400, "bad_cursor", detail, errors=errors)
