"""The HTTP application, wired: the store, the routes, their problems, and documentation that needs no internet."""

import re
import uuid

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import problems
from app.api import customers, deals, health, runs, sync_status
from app.settings import HttpSettings
from models.session import Store

_DESCRIPTION = """Won deals for customer success, as fresh as the sync.

Send an API key (`Authorization: Bearer baton_...`). Lists are paged: pass `next_cursor` as `cursor` until it is null.
Every answer says how fresh it is (`as_of`, `lag_seconds`). Errors are RFC 9457 problems that say what to do next."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def create_app(store: Store, settings: HttpSettings) -> FastAPI:
    """Build the application over a store; nothing is opened until the first request."""
    app: FastAPI = FastAPIOffline(title="Baton", version="1", description=_DESCRIPTION, redoc_url=None)
    app.state.store = store
    app.state.settings = settings
    problems.install(app)
    for resource in (deals, customers, sync_status, runs, health):
        app.include_router(resource.router)
    app.add_middleware(RequestIds)
    return app


class RequestIds:
    """Give every request an id (the client's, if it sent a sane one), in the log, the answer and its problems."""

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

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)
