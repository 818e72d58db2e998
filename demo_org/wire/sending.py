"""Puts a reply on the wire: pretty or compact, packed or plain, header names in Salesforce's own case."""

import asyncio
import gzip
import secrets
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from datetime import timedelta
from typing import Any

from demo_org.faults import Ending, Sending
from demo_org.wire import encode
from demo_org.wire.context import Context
from demo_org.wire.message import JSON_TYPE, NOTHING, Reply
from demo_org.wire.records.conditions import http_date

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_YEAR = timedelta(days=365)
_WORTH_PACKING = 1024  # bytes
_AS_EVER = Sending()
_FLUSH_SECONDS = 0.01  # in which the event loop hands over to the network what was sent before a reset
_USUAL = {
    "Server": "sfdcedge",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "X-Robots-Tag": "none",
    "Vary": "Accept-Encoding",
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
}


class CasedName(bytes):
    """A header name that keeps its case: uvicorn lower-cases names, Salesforce does not.

    It equals its lower-case form, by which uvicorn recognises the headers that frame a body.
    """

    __slots__ = ()

    def lower(self) -> bytes:
        """The name as it is."""
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, bytes) and bytes.lower(self) == bytes.lower(other)

    def __hash__(self) -> int:
        return hash(bytes.lower(self))


async def send_reply(
    context: Context,
    scope: Scope,
    headers: dict[str, str],
    reply: Reply,
    send: Send,
    receive: Receive,
    *,
    sending: Sending = _AS_EVER,
) -> None:
    """Send a reply; a fault may end its body early, with or without a sign of error."""
    body = _body(headers, reply)
    complete = sending.ending is Ending.WHOLE
    packed = context.settings.gzip and complete and "gzip" in headers.get("accept-encoding", "").lower()
    packed = packed and (reply.stream is not None or len(body) >= _WORTH_PACKING) and scope["http_version"] != "1.0"
    packed = packed or sending.packed
    head = _head(context, headers, reply, packed=packed)
    if scope["method"] == "HEAD" or reply.status in {204, 304}:
        await send({"type": "http.response.start", "status": reply.status, "headers": head})
        await send({"type": "http.response.body", "body": b""})
        return
    if scope["http_version"] == "1.0":  # knows no chunks
        whole = b"".join(reply.stream or [body])
        head.append((CasedName(b"Content-Length"), b"%d" % len(whole)))
        await send({"type": "http.response.start", "status": reply.status, "headers": head})
        await send({"type": "http.response.body", "body": whole})
        return
    head.append((CasedName(b"Transfer-Encoding"), b"chunked"))
    await send({"type": "http.response.start", "status": reply.status, "headers": head})
    if reply.stream is None:
        body = gzip.compress(body, 1) if packed else body
        if complete and not sending.piece:
            await send({"type": "http.response.body", "body": body})
        else:
            await _send_part(body, send, receive, sending)
    elif complete and not sending.piece:
        await _send_stream(context, _packed(reply.stream) if packed else reply.stream, send)
    else:
        body = b"".join(_packed(reply.stream) if packed else reply.stream)
        await _send_part(body, send, receive, sending)


async def _send_part(body: bytes, send: Send, receive: Receive, sending: Sending) -> None:
    """Send the beginning of a body and end it as the fault wants."""
    kept = body[: sending.kept(len(body))]
    for start in range(0, len(kept), sending.piece or max(len(kept), 1)):
        piece = kept[start : start + (sending.piece or len(kept))]
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if sending.ending in {Ending.WHOLE, Ending.CUT}:
        await send({"type": "http.response.body", "body": b""})
    elif sending.ending is Ending.RESET:
        await reset(send, receive)
    # A body without its end makes the server close the connection.


async def reset(send: Send, receive: Receive) -> None:
    """Reset the connection, as a network that lost it does; return when it is gone."""
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined] # uvicorn's request, which send belongs to
    await asyncio.sleep(_FLUSH_SECONDS)
    # Without lingering the kernel sends a reset in place of the usual goodbye.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await left(receive)


async def left(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _head(context: Context, headers: dict[str, str], reply: Reply, *, packed: bool) -> list[tuple[bytes, bytes]]:
    number = secrets.token_hex(16)
    told = {"X-SFDC-Request-Id": number, "X-Request-Id": number}
    names = {"Date": http_date(context.org.clock.told()), **_USUAL, **told, **reply.headers}
    if reply.content is not NOTHING:
        names.setdefault("Content-Type", JSON_TYPE)
    if packed:
        names["Content-Encoding"] = "gzip"
    if "close" in headers.get("connection", "").lower():
        names["Connection"] = "close"
    pairs = [*names.items(), *(("Set-Cookie", cookie) for cookie in _cookies(context, headers))]
    return [(CasedName(name.encode("latin-1")), value.encode("latin-1", "replace")) for name, value in pairs]


def _cookies(context: Context, headers: dict[str, str]) -> Iterator[str]:
    """The mark Salesforce puts on every browser that brings none, and the consent that goes with it."""
    if "BrowserId=" in headers.get("cookie", ""):
        return
    expires = (context.org.clock.now() + _YEAR).strftime("%a, %d-%b-%Y %H:%M:%S GMT")
    host = headers.get("host", "").partition(":")[0].lower()
    domain = "; domain=.salesforce.com" if host.endswith(".salesforce.com") else ""
    kept = f"path=/; expires={expires}; Max-Age={int(_YEAR.total_seconds())}"
    yield f"BrowserId={secrets.token_urlsafe(16)}{domain}; {kept}"
    yield f"CookieConsentPolicy=0:1; {kept}; secure"


async def _send_stream(context: Context, chunks: Iterator[bytes], send: Send) -> None:
    # The disk is read in a thread; the loop only hands over chunks of 256 kB.
    loop = asyncio.get_running_loop()
    while (chunk := await loop.run_in_executor(context.threads, next, chunks, None)) is not None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _body(headers: dict[str, str], reply: Reply) -> bytes:
    if reply.raw is not None:
        return reply.raw
    if reply.content is NOTHING:
        return b""
    wanted = headers.get("x-prettyprint", "").lower() in {"1", "true"}
    return encode.pretty(reply.content) if wanted else encode.compact(reply.content)


def _packed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for chunk in chunks:
        if piece := packer.compress(chunk):
            yield piece
    yield packer.flush()
