"""Runs the demo org on two ports, one plain and one encrypted, until it is told to stop."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import uvicorn

from demo_org.certificates import CertificateFiles, make_certificate
from demo_org.credentials import Credentials
from demo_org.pubsub import PubSubSettings
from demo_org.store import Org
from demo_org.wire.app import App, create_app
from demo_org.wire.protocol import PROTOCOL
from demo_org.wire.settings import WireSettings

_STOP_SECONDS = 1  # what running requests get to end in, so that the whole stop stays below two seconds
_EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn raises them again after its stop, which would look like a crash."""

    _listening: Sequence[socket.socket] = ()
    _refusing: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer on these sockets."""
        self._listening = sockets or []
        await super().startup(sockets=sockets)

    def refuse(self, seconds: float) -> None:
        """Refuse new connections for a while; those that are open stay."""
        if self._refusing is None or self._refusing.done():
            self._refusing = asyncio.get_running_loop().create_task(self._refuse(seconds))

    async def _refuse(self, seconds: float) -> None:
        addresses = [(each.family, each.getsockname()[:2]) for each in self._listening]
        for server in self.servers:
            server.close()
        for each in self._listening:
            each.close()
        await asyncio.sleep(seconds)
        if not self.should_exit:
            await self.startup([socket.create_server(place, family=family) for family, place in addresses])


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a demo org answers, and the file of the authority a client must trust to use https."""

    url: str
    https_url: str
    ca_file: str
    #: host:port of the Pub/Sub API with TLS and without, where it was asked for
    pubsub: str | None = None
    pubsub_plain: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Addresses):
    """A demo org that answers on two ports, in a thread of this process."""

    app: App
    credentials: Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class _Doors:
    """The two listening sockets and the certificate of the second."""

    plain: socket.socket
    encrypted: socket.socket
    certificate: CertificateFiles

    @property
    def addresses(self) -> Addresses:
        """Where they are."""
        return Addresses(
            url=_url("http", self.plain),
            https_url=_url("https", self.encrypted),
            ca_file=str(self.certificate.ca.resolve()),
        )


def serve(
    org: Org,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    https_port: int = 0,
    certificate_dir: Path | None = None,
    settings: WireSettings | None = None,
    pubsub: PubSubSettings | None = None,
    ready: Callable[[Addresses], None] | None = None,
) -> None:
    """Answer until SIGINT or SIGTERM; port 0 takes a free one.

    Before the first request `ready` is called with the addresses; without it they are printed as a line of JSON.
    Raises OSError at once when a port is in use.
    """
    with _open_doors(host, port, https_port, certificate_dir) as doors:
        app = create_app(org, _settled(settings, doors.addresses))
        servers = _servers(app, doors)

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                with contextlib.suppress(NotImplementedError):  # event loops on Windows take no handlers
                    loop.add_signal_handler(number, _stop, servers)
            (ready or _announce)(addresses)
            await _answer(servers, doors)

        try:
            with (
                _with_pubsub(app, doors, host, pubsub) as addresses,
                asyncio.Runner(loop_factory=servers[0].config.get_loop_factory()) as runner,
            ):
                runner.run(run())
        finally:
            app.context.close()


@contextlib.contextmanager
def running(
    org: Org,
    *,
    settings: WireSettings | None = None,
    pubsub: PubSubSettings | None = None,
    host: str = "127.0.0.1",
) -> Iterator[Running]:
    """Answer on free ports in a thread of this process for the length of a with block."""
    with _open_doors(host, 0, 0, None) as doors:
        settings = _settled(settings, doors.addresses)
        app = create_app(org, settings)
        servers = _servers(app, doors)
        loop_factory = servers[0].config.get_loop_factory()

        def run() -> None:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(_answer(servers, doors))

        thread = threading.Thread(target=run, name="demo-org", daemon=True)
        thread.start()
        try:
            with _with_pubsub(app, doors, host, pubsub) as addresses:
                yield Running(**asdict(addresses), app=app, credentials=settings.credentials)
        finally:
            _stop(servers)
            thread.join()
            app.context.close()


@contextlib.contextmanager
def _with_pubsub(app: App, doors: _Doors, host: str, pubsub: PubSubSettings | None) -> Iterator[Addresses]:
    """The addresses; those of the Pub/Sub API too, which answers meanwhile, where it was asked for."""
    if pubsub is None:
        yield doors.addresses
        return
    try:
        from demo_org.pubsub.server import answering  # noqa: PLC0415 - its packages are an extra
    except ImportError as error:
        raise ValueError(f"the Pub/Sub API needs packages that are an extra; install baton[pubsub] ({error})") from None
    with answering(app.context, doors.certificate, host=host, settings=pubsub) as (encrypted, plain):
        yield replace(doors.addresses, pubsub=encrypted, pubsub_plain=plain)


@contextlib.contextmanager
def _open_doors(host: str, port: int, https_port: int, directory: Path | None) -> Iterator[_Doors]:
    hosts = [socket.gethostname(), *([] if host in _EVERYWHERE else [host])]
    with contextlib.ExitStack() as stack:
        # The sockets listen before the loop runs, so a client that reads the addresses may connect at once.
        plain, encrypted = (stack.enter_context(_listen(host, each)) for each in (port, https_port))
        folder = directory or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="demo-org-")))
        certificate = make_certificate(folder, hosts=hosts, keep_authority=directory is not None)
        yield _Doors(plain=plain, encrypted=encrypted, certificate=certificate)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def _url(scheme: str, listening: socket.socket) -> str:
    address: Any = listening.getsockname()
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    return f"{scheme}://{host}:{address[1]}"


def _settled(settings: WireSettings | None, addresses: Addresses) -> WireSettings:
    """The settings with an instance_url of "http" or "https" replaced by that address of ours."""
    settings = settings or WireSettings()
    ours = {"http": addresses.url, "https": addresses.https_url}
    wanted = settings.instance_url
    return replace(settings, instance_url=ours.get(wanted, wanted)) if wanted else settings


def _servers(app: App, doors: _Doors) -> Sequence[_Server]:
    servers = _server(app), _server(app, doors.certificate)

    def refuse(seconds: float) -> None:
        for each in servers:
            each.refuse(seconds)

    app.refuse = refuse
    return servers


def _server(app: App, shown: CertificateFiles | None = None) -> _Server:
    config = uvicorn.Config(
        app,
        http=PROTOCOL,
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,  # the Date is the org's, which a test may move
        timeout_keep_alive=120,
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_certfile=shown.certificate if shown else None,
        ssl_keyfile=shown.key if shown else None,
    )
    return _Server(config)


async def _answer(servers: Sequence[_Server], doors: _Doors) -> None:
    plain, encrypted = servers
    await asyncio.gather(plain.serve(sockets=[doors.plain]), encrypted.serve(sockets=[doors.encrypted]))


def _stop(servers: Sequence[_Server]) -> None:
    for server in servers:
        server.should_exit = True


def _announce(addresses: Addresses) -> None:
    sys.stdout.write(json.dumps({"event": "listening"} | asdict(addresses)) + "\n")
    sys.stdout.flush()
