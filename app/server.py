"""Serving the application on a port, until a signal ends it."""

import socket
from collections.abc import Callable

import uvicorn

from app.api.mapping import MappingDesk
from app.main import create_app
from app.people.provider import IdentityProvider
from app.settings import HttpSettings
from models.session import Store

_GRACE_SECONDS = 3  # Ctrl-C ends everything within five


class PortTaken(Exception):
    """Another program listens where the server should."""

    code = "port_taken"

    def __init__(self, *, host: str, port: int, reason: str) -> None:
        """Remember where."""
        self.host = host
        self.port = port
        super().__init__(
            f"Cannot listen on {host}:{port} ({reason}). Stop what uses it, or choose another: BATON_HTTP_PORT=8081."
        )


def listen(settings: HttpSettings) -> socket.socket:
    """Take the port at once, so that a taken one is known before anything else is started.

    Raises:
        PortTaken: somebody else has it, or the address is not ours.

    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise PortTaken(host=settings.host, port=settings.port, reason=error.strerror or str(error)) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser reaches the listener."""
    host, port = listener.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    store: Store,
    settings: HttpSettings,
    *,
    listener: socket.socket | None = None,
    on_listening: Callable[[str], None] | None = None,
    mapping_desk: MappingDesk | None = None,
    identity_provider: IdentityProvider | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way get three seconds to end.

    Raises:
        PortTaken: the port is not free.

    """
    taken = listener or listen(settings)
    config = uvicorn.Config(
        create_app(store, settings, mapping_desk=mapping_desk, identity_provider=identity_provider),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    try:
        if on_listening is not None:
            on_listening(url_of(taken))
        uvicorn.Server(config).run(sockets=[taken])
    finally:
        taken.close()
