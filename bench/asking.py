"""Asking an HTTP server as fast as it answers: a client so lean that the server is what is measured.

Each of a few threads keeps one connection and asks again as soon as the answer is there. The request is made once and
of the answer only its length is read, so the client costs about the same few microseconds whatever is served.
"""

import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.processes import BenchError, Process, baton

_PIECE = 1 << 18
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How fast one resource was answered."""

    requests: int
    seconds: float
    #: how long 95 of 100 requests took at most
    p95_seconds: float

    @property
    def per_second(self) -> float:
        """Requests a second, all connections together."""
        return self.requests / self.seconds


def ask(url: str, path: str, *, headers: Mapping[str, str], connections: int, seconds: float) -> Rate:
    """Ask for one resource for some seconds over some connections."""
    took: list[list[float]] = [[] for _ in range(connections)]
    failures: list[str] = []
    ready = threading.Barrier(connections + 1)

    def work(mine: list[float]) -> None:
        try:
            with _Connection(url, path, headers) as connection:
                connection.ask()  # warm
                ready.wait()
                until = time.perf_counter() + seconds
                while (began := time.perf_counter()) < until:
                    connection.ask()
                    mine.append(time.perf_counter() - began)
        except (OSError, BenchError) as error:
            failures.append(f"{path}: {error}")
            ready.abort()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in took]
    for thread in threads:
        thread.start()
    try:
        ready.wait()
    except threading.BrokenBarrierError:
        failures.append("not all connections came about")
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchError(failures[0])
    every = sorted(value for mine in took for value in mine)
    return Rate(
        requests=len(every), seconds=time.perf_counter() - began, p95_seconds=every[int(0.95 * (len(every) - 1))]
    )


class _Connection:
    """One kept-alive connection that asks the same question again and again."""

    def __init__(self, url: str, path: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {parts.netloc}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        self._request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self) -> None:
        """Send the request and take the whole answer."""
        self._socket.sendall(self._request)
        held = b""
        while (end := held.find(b"\r\n\r\n")) < 0:
            held += self._receive()
        length = _LENGTH.search(held, 0, end + 2)
        if not held.startswith(b"HTTP/1.1 200") or length is None:
            raise BenchError(held[:200].decode(errors="replace"))
        missing = int(length[1]) - (len(held) - end - 4)
        while missing > 0:
            missing -= len(self._receive())

    def _receive(self) -> bytes:
        piece = self._socket.recv(_PIECE)
        if not piece:
            raise BenchError("the server closed the connection")
        return piece


def make_key(environment: Mapping[str, str]) -> str:
    """Make an API key with `baton keys create`, which also brings an empty database up to date."""
    # Nothing is hidden from it: what is asked is all that a rep may ask, and more.
    command = baton("keys", "create", "--name", "bench", "--scope", "admin")
    with Process(command, environment=environment) as process:
        code, key = process.finish(within=60)
        if code:
            raise BenchError(f"keys create ended with {code}:\n{process.said()}")
    return key.strip()


def answers_at(server: Process) -> str:
    """The address that a server prints at its start."""
    return server.line(within=60).split()[-1]
