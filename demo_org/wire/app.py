"""The demo org as an ASGI application: reads a request, lets a handler answer it in a thread, sends the answer.

Everything Salesforce does to every request happens here: sizes, compression, faults, sessions, the meter of API calls,
errors nobody expected.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from demo_org.errors import SalesforceFault, not_found
from demo_org.faults import Sending
from demo_org.store import Org
from demo_org.wire.bulk.classic import entrance as classic
from demo_org.wire.context import Context, open_context
from demo_org.wire.control.acts import CONTROL
from demo_org.wire.envelope import LARGEST_BODY, check_origin, is_control, oversized, unpacked
from demo_org.wire.login.sessions import token_of
from demo_org.wire.message import Reply, Request, clean_path, error_reply, overridden, split_target
from demo_org.wire.origin import writing_for
from demo_org.wire.router import answer, check_media, find
from demo_org.wire.routes import API, OPEN
from demo_org.wire.sending import Message, Send, left, reset, send_reply
from demo_org.wire.settings import WireSettings
from demo_org.wire.streaming import hold, is_streaming
from demo_org.wire.striking import Struck, kind_of, object_of, strike, strike_part
from demo_org.wire.versions import check_version

Receive = Callable[[], Awaitable[Message]]

_DATA = "/services/data"
log = logging.getLogger(__name__)


class App:
    """The application; its context is open to tests and to the process that serves it."""

    def __init__(self, org: Org, settings: WireSettings) -> None:
        self.context = open_context(org, settings, dispatch=dispatch_part)
        #: refuses new connections for some seconds; set by the server in front
        self.refuse: Callable[[float], None] = _cannot_refuse

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError("the demo org speaks HTTP only; switch lifespan and websockets off")
        headers = _headers(scope)
        target = _target(scope)
        # A client that waits for events keeps nobody else from anything.
        counted = contextlib.nullcontext() if is_streaming(target) else self.context.long_running.answering()
        with counted:
            body = await _read(receive)
            if body is None:
                return  # the client left in the middle of its request: nothing was asked
            struck = None if is_control(target) else strike(self.context, scope["method"], target, headers, body)
            sending = struck.sending if struck is not None else Sending()
            if sending.refuse_for:
                self.refuse(sending.refuse_for)
            if sending.delay:
                await _wait(receive, sending.delay)
            reply = None
            if sending.carried_out:
                if is_streaming(target) and not await hold(self.context, body, receive):
                    return
                loop = asyncio.get_running_loop()
                reply = await loop.run_in_executor(
                    self.context.threads, self._struck_reply, struck, scope, headers, target, body
                )
        if reply is None or not sending.answered:
            await reset(send, receive)
            return
        await send_reply(self.context, scope, headers, reply, send, receive, sending=sending)

    def _struck_reply(
        self, struck: Struck | None, scope: MutableMapping[str, Any], headers: dict[str, str], target: str, body: bytes
    ) -> Reply:
        if struck is None:
            return self._reply(scope, headers, target, body)
        return struck.answer(lambda: self._reply(scope, headers, target, body))

    def _reply(self, scope: MutableMapping[str, Any], headers: dict[str, str], target: str, body: bytes) -> Reply:
        refused = oversized(target, scope["headers"])
        if refused is not None:
            return refused
        try:
            check_origin(scope, target)
            path, query = split_target(target)
            base = self.context.settings.instance_url or f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}"
            request = Request(
                method=scope["method"],
                path=path,
                query=query,
                headers=headers,
                body=unpacked(headers, body),
                base_url=base.rstrip("/"),
            )
            with writing_for(request):
                return _enter(self.context, request)
        except SalesforceFault as fault_of_client:
            return error_reply(fault_of_client)
        except Exception as error:  # noqa: BLE001 - the server must go on; the client gets Salesforce's 500
            return _unexpected(error, target)


def create_app(org: Org, settings: WireSettings | None = None) -> App:
    """The application in front of an org."""
    return App(org, settings or WireSettings())


def _enter(context: Context, request: Request) -> Reply:
    """A request from outside: control plane, login, or the API with its session and its meter."""
    context.transactions.settle()
    if is_control(request.path):
        return _obey(context, request)
    named = classic.inside(request.path)
    if named is not None:
        return classic.enter(context, request, *named)
    if not request.path.lower().startswith(f"{_DATA}/"):
        found, parts = find(OPEN, request.path)
        return answer(found, parts, context, request)
    session = context.sessions.use(token_of(request.headers))
    if session is None:
        return replace(error_reply(_no_session(request)), headers={"WWW-Authenticate": "Token"})
    app = session.client_id
    try:
        batch = request.path.lower().endswith("/composite/batch")  # each of its parts is counted by itself
        context.usage.spend(
            kind_of(request.path),
            0 if batch else 1,
            app=app,
            object_name=object_of(context, request),
            agent=request.headers.get("user-agent", ""),
        )
        context.long_running.check()
        reply = dispatch(context, replace(request, session=session))
    except SalesforceFault as refused:
        reply = error_reply(refused)
    except Exception as error:  # noqa: BLE001 - see above
        reply = _unexpected(error, request.path)
    return replace(reply, headers={"Sforce-Limit-Info": context.usage.header(app), **reply.headers})


def _obey(context: Context, request: Request) -> Reply:
    """Carry out an order to the control plane; its author is told what is wrong with one of a shape nobody expects."""
    found, parts = find(CONTROL, request.path)
    try:
        return answer(found, parts, context, request)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        message = f"the order cannot be carried out: {type(error).__name__} {error}"
        raise SalesforceFault(400, "INVALID_OPERATION", message) from error


def _no_session(request: Request) -> SalesforceFault:
    scheme = request.headers.get("authorization", "").strip().partition(" ")[0].lower()
    if scheme and scheme not in {"bearer", "oauth"}:
        return SalesforceFault(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")  # seen by clients
    return SalesforceFault(401, "INVALID_SESSION_ID", "Session expired or invalid")


def dispatch_part(context: Context, request: Request) -> Reply:
    """Answer a part of a composite request, which faults may strike by itself."""
    context.usage.count_part(object_of(context, request))
    return strike_part(context, request).answer(lambda: dispatch(context, request))


def dispatch(context: Context, request: Request) -> Reply:
    """Answer a resource of the API, for a request of its own or a part of a composite one."""
    if not request.path.lower().startswith(f"{_DATA}/"):
        return error_reply(not_found())
    try:
        version, _, rest = clean_path(request.path)[len(_DATA) + 1 :].partition("/")
        number = check_version(version, oldest=context.settings.oldest_version)
        found, parts = find(API, rest)
        request = overridden(request)
        check_media(found, request)
        return answer(found, parts, context, replace(request, version=number))
    except SalesforceFault as refused:
        return error_reply(refused)


def _target(scope: MutableMapping[str, Any]) -> str:
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    whole: bytes = raw + b"?" + query if query else raw
    # Clients that join an address ending in / with a path (the Salesforce CLI) ask for //services/data.
    return "/" + whole.decode("latin-1").lstrip("/")


def _headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """The headers by lower-case name; one that comes twice counts as a list (RFC 9110)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _cannot_refuse(_: float) -> None:
    raise RuntimeError("no server stands in front of the application that could refuse connections")


async def _wait(receive: Receive, seconds: float) -> None:
    """Say nothing for a while; no longer than the client waits."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await left(receive)


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None if the client went away before its end."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        pieces.append(piece[: LARGEST_BODY + 1 - size])  # of a larger one only that it is too large matters
        size += len(pieces[-1])
        if not message.get("more_body", False):
            return b"".join(pieces)


def _unexpected(error: Exception, target: str) -> Reply:
    log.error("request_failed", exc_info=error, extra={"path": unquote(target.partition("?")[0])})
    number = f"{abs(hash(type(error).__name__)) % 10**9}-{len(target)}"
    message = (
        "An unexpected error occurred. Please include this ErrorId if you contact support: "
        f"{number} ({type(error).__name__})"
    )
    return error_reply(SalesforceFault(500, "UNKNOWN_EXCEPTION", message))
