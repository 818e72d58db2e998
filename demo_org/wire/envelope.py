"""What Salesforce refuses or unpacks before it looks at what a request wants: its size, its packing, its origin."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.wire.message import Reply

LARGEST_BODY = 150_000_000  # bytes, packed or unpacked; the most any resource takes (Bulk API 2.0 guide, "Limits")
_LARGEST_HEAD = 16_384  # bytes of the URI, and of URI and headers together (REST guide)
_LOOPBACK = ("127.", "::1", "::ffff:127.")
_PACKINGS = {"gzip": 31, "deflate": 15}  # as window sizes of zlib, which tell the formats


def oversized(target: str, headers: Iterable[tuple[bytes, bytes]]) -> Reply | None:
    """The refusal of a request whose address, or address and headers, are too long.

    It comes from Salesforce's web server, before any API is reached: HTML, whatever the client accepts (seen by
    clients).
    """
    if len(target) > _LARGEST_HEAD:
        return bad_message(414, "URI Too Long")
    if len(target) + sum(len(name) + len(value) for name, value in headers) > _LARGEST_HEAD:
        return bad_message(431, "Request Header Fields Too Large")
    return None


def bad_message(status: int, reason: str) -> Reply:
    """The web server's own refusal of a request that is none."""
    text = f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>"
    return Reply(status=status, raw=text.encode(), headers={"Content-Type": "text/html;charset=iso-8859-1"})


def unpacked(headers: Mapping[str, str], body: bytes) -> bytes:
    """The body without its Content-Encoding; a broken or an endless one is refused."""
    if len(body) > LARGEST_BODY:
        raise _too_large()
    window = _PACKINGS.get(headers.get("content-encoding", "").strip().lower())
    if window is None or not body:
        return body
    unpacker = zlib.decompressobj(wbits=window)
    try:
        plain = unpacker.decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        plain = None
    if plain is not None and len(plain) > LARGEST_BODY:
        raise _too_large()
    if plain is None or not unpacker.eof:
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "The request body is not in GZIP format")
    return plain


def is_control(target: str) -> bool:
    """Whether a target belongs to the control plane, which is no part of Salesforce."""
    return target.partition("?")[0].rstrip("/") == "/demo" or target.startswith("/demo/")


def check_origin(scope: Mapping[str, Any], target: str) -> None:
    """Let only this machine use the control plane."""
    client = scope.get("client")
    if is_control(target) and client is not None and not str(client[0]).startswith(_LOOPBACK):
        raise SalesforceFault(403, "FORBIDDEN", "the control plane answers on this machine only")


def _too_large() -> SalesforceFault:
    return SalesforceFault(413, "REQUEST_ENTITY_TOO_LARGE", f"The request body is larger than {LARGEST_BODY} bytes")
