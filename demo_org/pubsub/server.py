"""Runs the Pub/Sub API in a thread of its own beside the HTTP servers."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import grpc.aio

from demo_org.certificates import CertificateFiles
from demo_org.pubsub.service import Service
from demo_org.pubsub.settings import PubSubSettings
from demo_org.wire.context import Context

_STOP_SECONDS = 0.5
_THIS_MACHINE = {"", "0.0.0.0", "::", "127.0.0.1", "::1"}  # noqa: S104 - compared with, not bound to


@contextmanager
def answering(
    context: Context, certificate: CertificateFiles, *, host: str, settings: PubSubSettings
) -> Iterator[tuple[str, str | None]]:
    """Answer for the length of a with block; the endpoints with TLS and without (host:port)."""
    ready: Future[tuple[str, str | None]] = Future()
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def run() -> None:
        server = None
        try:
            server, endpoints = _open(context, certificate, host, settings)
            await server.start()
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits
            ready.set_exception(error)
            return
        ready.set_result(endpoints)
        await ended.wait()
        await server.stop(_STOP_SECONDS)

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=work, name="pubsub", daemon=True)
    thread.start()
    try:
        yield ready.result()
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(ended.set)
        thread.join()


def _open(
    context: Context, certificate: CertificateFiles, host: str, settings: PubSubSettings
) -> tuple[grpc.aio.Server, tuple[str, str | None]]:
    options: list[tuple[str, int]] = [("grpc.so_reuseport", 0)]
    if settings.connection_age is not None:
        options += [
            ("grpc.max_connection_age_ms", int(settings.connection_age * 1000)),
            ("grpc.max_connection_age_grace_ms", int(settings.connection_age * 1000)),
        ]
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers((Service(context, settings).handler(),))
    chain = certificate.certificate_of_names.read_bytes()
    shown = grpc.ssl_server_credentials([(certificate.key.read_bytes(), chain)])
    address = f"[{host}]" if ":" in host else host
    port = _bound(server.add_secure_port(f"{address}:{settings.port}", shown), settings.port)
    plain: str | None = None
    if settings.plain_port is not None:
        number = _bound(server.add_insecure_port(f"{address}:{settings.plain_port}"), settings.plain_port)
        plain = f"{address}:{number}"
    # The certificate has names only, so a client must come by one.
    return server, (f"localhost:{port}" if host in _THIS_MACHINE else f"{address}:{port}", plain)


def _bound(port: int, wanted: int) -> int:
    if port == 0:
        raise OSError(f"port {wanted} of the Pub/Sub API is in use; give another with --pubsub-port")
    return port
