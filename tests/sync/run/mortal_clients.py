"""Clients whose process dies, or is told to stop, in the middle of a download."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync.salesforce.bulk import BulkPage
from sync.salesforce.client import Client


class Killed(BaseException):
    """What a process feels of kill -9."""


class Dying:
    """A client whose process is killed when it asks for its n-th page, before or after the page has come."""

    def __init__(self, client: Client, *, page: int) -> None:
        self._client = client
        self._left = page
        self._lock = threading.Lock()
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def bulk_page(self, *args: Any, **more: Any) -> Any:
        """One page less to live."""
        with self._lock:
            self.asked += 1
            if self.asked > self._left:
                raise Killed
        return self._client.bulk_page(*args, **more)


class Interrupted:
    """A client that is told to stop when its third page has begun to come."""

    def __init__(self, client: Client, stop: threading.Event) -> None:
        self._client = client
        self._stop = stop
        self._pages = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    @contextmanager
    def bulk_page(self, *args: Any, **more: Any) -> Iterator[BulkPage]:
        """Stop between two pieces of the third page."""
        with self._client.bulk_page(*args, **more) as page:
            self._pages += 1
            if self._pages == 3:
                page.chunks = self._until_stopped(page.chunks)
            yield page

    def _until_stopped(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        yield next(chunks)
        self._stop.set()
        yield from chunks
        yield b"\n"
