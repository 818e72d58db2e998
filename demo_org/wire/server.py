"""Runs the demo org on a port until it is told to stop."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn

from demo_org.credentials import Credentials
from demo_org.store import Org
from demo_org.wire.app import App, create_app
from demo_org.wire.settings import WireSettings

_STOP_SECONDS = 1  # what running requests get to end in, so that the whole stop stays below two seconds


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn raises them again after its stop, which would look like a crash."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A demo org that answers on a port, in a thread of this process."""

    url: str
    app: App
    credentials: Credentials


def serve(
    org: Org,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    settings: WireSettings | None = None,
    announce: bool = False,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Answer until SIGINT or SIGTERM; port 0 takes a free one.

    Before the first request `ready` is called with the address; `announce` prints {"event": "listening", "url": …}.
    Raises OSError at once when the port is in use.
    """
    app = create_app(org, settings)
    with _listen(host, port) as listening:
        server = _server(app)
        url = _url(listening)

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                with contextlib.suppress(NotImplementedError):  # event loops on Windows take no handlers
                    loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
            if announce:
                sys.stdout.write(json.dumps({"event": "listening", "url": url}) + "\n")
                sys.stdout.flush()
            if ready is not None:
                ready(url)
            await server.serve(sockets=[listening])

        try:
            with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
                runner.run(run())
        finally:
            app.context.close()


@contextlib.contextmanager
def running(org: Org, *, settings: WireSettings | None = None, host: str = "127.0.0.1") -> Iterator[Running]:
    """Answer on a free port in a thread of this process for the length of a with block."""
    settings = settings or WireSettings()
    app = create_app(org, settings)
    with _listen(host, 0) as listening:
        server = _server(app)
        loop_factory = server.config.get_loop_factory()

        def run() -> None:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(server.serve(sockets=[listening]))

        thread = threading.Thread(target=run, name="demo-org", daemon=True)
        thread.start()
        try:
            yield Running(url=_url(listening), app=app, credentials=settings.credentials)
        finally:
            server.should_exit = True
            thread.join()
            app.context.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The socket listens before the loop runs, so a client that reads the address may connect at once.
    return socket.create_server((host, port), family=family, backlog=256)


def _url(listening: socket.socket) -> str:
    address: Any = listening.getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"http://{host}:{address[1]}"


def _server(app: App) -> _Server:
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,  # the Date is the org's, which a test may move
        timeout_keep_alive=120,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    return _Server(config)
