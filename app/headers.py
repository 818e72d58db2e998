"""What every answer says beside its content: its request id, what is left to ask, and what a browser must not do."""

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.limiting import allowance_headers

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: an answer of the API is data: nothing in it is run, framed or guessed at
_DATA = "default-src 'none'; frame-ancestors 'none'"
#: the pages of the documentation bring their own scripts, which are started by a line in the page
_PAGES = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_HTTPS_ONLY = "max-age=31536000; includeSubDomains"


class ResponseHeaders:
    """Give every request an id (the client's, if it sent a sane one), in the log, the answer and its problems.

    And give every answer the headers that keep browsers from doing more with it than showing it.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in {**_safety(scope), **allowance_headers(scope)}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _safety(scope: Scope) -> dict[str, str]:
    headers = {**_ALWAYS, "Content-Security-Policy": _PAGES if _is_page(scope["path"]) else _DATA}
    if scope.get("scheme") == "https":
        headers["Strict-Transport-Security"] = _HTTPS_ONLY
    return headers


def _is_page(path: str) -> bool:
    return path.startswith(("/docs", "/static-offline-docs"))
