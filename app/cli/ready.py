"""Waiting for the parts: a free port, an API that is ready, and asking it."""

import socket
import time
from typing import Any

import httpx

from app.cli.failures import CommandError
from app.cli.supervisor import Supervisor
from app.settings import HttpSettings


def http_settings(*, host: str | None = None, port: int | None = None) -> HttpSettings:
    """Return where to listen: what is given on the command line wins over what is configured."""
    given: dict[str, Any] = {"host": host, "port": port}
    return HttpSettings(**{name: value for name, value in given.items() if value is not None})


def choose_port(settings: HttpSettings, *, explicit: bool) -> int:
    """Return the port to listen on: the one asked for or, when it was only the default and is taken, the next free."""
    wanted = settings.port
    for port in range(wanted, wanted + (1 if explicit or not wanted else 50)):
        found = _free_port(settings.host, port)
        if found:
            return found
    raise CommandError(
        f"port {wanted} of {settings.host} is in use; stop what uses it, or choose another with --port "
        "or BATON_HTTP_PORT."
    )


def wait_until_ready(supervisor: Supervisor, url: str, *, seconds: float) -> None:
    """Wait until the API says it can answer; a part that dies meanwhile ends the wait."""
    deadline, reason = time.monotonic() + seconds, "it does not answer"
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as client:
        while time.monotonic() < deadline:
            supervisor.check()
            try:
                reply = client.get("/readyz")
            except httpx.TransportError:
                pass
            else:
                if reply.is_success:
                    return
                reason = str(reply.json().get("detail", reply.status_code))
            time.sleep(0.1)
    raise CommandError(f"the API at {url} was not ready after {seconds:.0f} s: {reason}")


def ask(client: httpx.Client, path: str, **parameters: Any) -> dict[str, Any] | None:
    """Return the answer of the API, or None while it can't give one."""
    try:
        reply = client.get(path, params=parameters)
    except httpx.TransportError:
        return None
    answer: dict[str, Any] | None = reply.json() if reply.is_success else None
    return answer


def _free_port(host: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return None
        return int(listener.getsockname()[1])
