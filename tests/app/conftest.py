"""A client of the API, over a store of its own."""

import uuid
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
import stored_deals as stored

from app.cli.desk import Desk
from app.main import create_app
from app.settings import HttpSettings
from models.session import Store


class Client:
    """Asks the application as a program with an API key would, without a network."""

    def __init__(self, store: Store, *, key: str | None, settings: HttpSettings | None = None) -> None:
        self.app = create_app(store, settings or HttpSettings(), mapping_desk=Desk())
        self.key = key

    def get(self, path: str, *, params: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """GET a path."""
        return self.request("GET", path, params=params, headers=headers)

    def post(self, path: str, body: Any, *, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        """POST a JSON body, under an idempotency key of its own unless one is given."""
        sent = {"Idempotency-Key": uuid.uuid4().hex, **(headers or {})}
        return self.request("POST", path, params=params, headers=sent, json=body)

    def patch(self, path: str, body: Any, *, headers: dict[str, str] | None = None, **params: Any) -> httpx.Response:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, params=params, headers=headers, json=body)

    def request(
        self, method: str, path: str, *, params: Any = None, headers: dict[str, str] | None = None, **body: Any
    ) -> httpx.Response:
        """Send a request, with the key unless there is none; its body is `json` or `content`."""
        return self.send({"method": method, "url": path, "params": params, "headers": headers, **body})

    def send(self, asked: dict[str, Any]) -> httpx.Response:
        """Send a request that is made already, with the key."""
        headers = {**({"Authorization": f"Bearer {self.key}"} if self.key else {}), **dict(asked.get("headers") or {})}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://baton") as client:
                return await client.request(**{**asked, "headers": headers})

        return anyio.run(ask)


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Makes a client of a store, with a key for everything a CS rep may read unless told otherwise."""

    def make(
        store: Store, *scopes: str, key: str | None = "", book: str | None = None, settings: HttpSettings | None = None
    ) -> Client:
        plain = stored.key(store, *scopes, book=book) if key == "" else key
        return Client(store, key=plain, settings=settings)

    return make


@pytest.fixture
def client(store: Store, client_of: Callable[..., Client]) -> Client:
    """A client of a store with three deals."""
    stored.fill(
        store,
        [
            {"id": stored.deal_id(1), "name": "First", "amount": 100, "type": "New Business"},
            {"id": stored.deal_id(2), "name": "Second", "amount": 200.5, "type": "Renewal"},
            {"id": stored.deal_id(3), "name": "Third", "amount": None, "type": "Renewal"},
        ],
    )
    return client_of(store)
