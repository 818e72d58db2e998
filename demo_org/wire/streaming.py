"""The Streaming API over HTTP: POST /cometd/64.0, whose connects are held until there is something to say."""

import asyncio
import contextlib
import re
from typing import Any

import msgspec

from demo_org.cometd.listeners import Listener
from demo_org.errors import SalesforceFault
from demo_org.wire.context import Context
from demo_org.wire.login.sessions import token_of
from demo_org.wire.message import Reply, Request
from demo_org.wire.sending import Receive, left
from demo_org.wire.versions import check_version

_PATH = re.compile(r"/cometd/(?:replay/)?[\d.]+(?:/|\Z)", re.IGNORECASE)


def is_streaming(target: str) -> bool:
    """Whether a request is one of the Streaming API, which may be held."""
    return _PATH.match(target) is not None


def answer(context: Context, request: Request) -> Reply:
    """Answer the messages of a Bayeux client."""
    version = check_version(f"v{request.parts['version']}", oldest=context.settings.oldest_version)
    messages = _messages(request.body)
    if messages is None:
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "The request body must be a list of Bayeux messages")
    session = context.sessions.use(token_of(request.headers))
    answers = context.streaming.answer(messages, version=float(version), logged_in=session is not None)
    return Reply(content=answers)


async def hold(context: Context, body: bytes, receive: Receive) -> bool:
    """Let a client wait for its events; False if it went away meanwhile, so that nothing is spent on it."""
    loop = asyncio.get_running_loop()
    messages = _messages(body)
    listener = None
    if messages:
        listener = await loop.run_in_executor(context.threads, context.streaming.waits, messages)
    if listener is None:
        return True
    news = asyncio.Event()

    def wake() -> None:
        loop.call_soon_threadsafe(news.set)

    listener.wakes.append(wake)
    try:
        return await _wait(context, listener, news, receive)
    finally:
        listener.wakes.remove(wake)


async def _wait(context: Context, listener: Listener, news: asyncio.Event, receive: Receive) -> bool:
    going = asyncio.ensure_future(left(receive))
    deadline = asyncio.get_running_loop().time() + context.settings.streaming_seconds
    try:
        while not going.done():
            waiting = asyncio.ensure_future(news.wait())
            timeout = deadline - asyncio.get_running_loop().time()
            await asyncio.wait({going, waiting}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if not news.is_set() or await _is_meant(context, listener):
                return not going.done()
            news.clear()
        return False
    finally:
        going.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await going


async def _is_meant(context: Context, listener: Listener) -> bool:
    """Whether what woke the client is for it: an event it hears, or its own end."""
    listeners = context.listeners
    if listeners.find(listener.id) is None:
        return True
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(context.threads, listeners.something_for, listener)


def _messages(body: bytes) -> list[dict[str, Any]] | None:
    """The messages of a body: a list of them, or one."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    listed = found if isinstance(found, list) else [found]
    return listed if listed and all(isinstance(each, dict) for each in listed) else None
