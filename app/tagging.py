"""A tag and a 304 for answers that have none of their own: the description, the documentation, the health checks."""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ContentTags:
    """Tags every whole 200 of a GET; what is streamed passes through."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = {part.strip().removeprefix("W/") for part in Headers(scope=scope).get("if-none-match", "").split(",")}
        start: Message | None = None

        async def send_tagged(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == 200:
                if "etag" not in Headers(raw=message["headers"]):
                    start = message  # its tag is known with its body
                    return
            elif start is not None and message["type"] == "http.response.body":
                first, start = start, None
                if not message.get("more_body"):
                    message = _tag(first, message, known)
                await send(first)
            await send(message)

        await self._app(scope, receive, send_tagged)


def _tag(start: Message, body: Message, known: set[str]) -> Message:
    """Add the tag to the start of an answer, and return its body: empty where the client holds it already."""
    tag = f'"{blake2b(body.get("body", b""), digest_size=12).hexdigest()}"'
    headers = MutableHeaders(scope=start)
    headers["ETag"] = tag
    headers.setdefault("Cache-Control", "no-cache")
    if tag not in known and "*" not in known:
        return body
    start["status"] = 304
    for name in ("content-length", "content-type"):
        del headers[name]
    return {**body, "body": b""}
