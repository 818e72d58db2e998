"""A person's browser: keeps cookies, follows redirects between the server and the identity provider."""

import uuid
from typing import Any

import anyio
import httpx
from identity_provider import CLIENT_ID, CLIENT_SECRET, Provider
from pydantic import SecretStr

from app.cli.desk import Desk
from app.main import create_app
from app.people.provider import provider_of
from app.settings import HttpSettings, OidcSettings
from models.session import Store

ROLES = "cs-reps=csm, cs-leads=lead, finance=analyst, it=admin"


class Browser:
    """One browser, in front of an application that people sign in to."""

    def __init__(
        self,
        store: Store,
        provider: Provider,
        *,
        public_url: str = "http://localhost",
        a_minute: int = 100_000,
        **oidc: Any,
    ) -> None:
        http = HttpSettings(public_url=public_url, requests_per_minute=a_minute)
        given = {"client_id": CLIENT_ID, "client_secret": SecretStr(CLIENT_SECRET), "roles": ROLES, **oidc}
        self.url = public_url
        known = provider_of(OidcSettings(issuer=provider.issuer, **given), http)
        self.app = create_app(store, http, mapping_desk=Desk(), identity_provider=known)
        self.cookies = httpx.Cookies()

    def send(self, method: str, path: str, **values: Any) -> httpx.Response:
        """Send one request to the server, with the cookies it gave."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=self.url, cookies=self.cookies) as client:
                reply = await client.request(method, path, **values)
                self.cookies = client.cookies
                return reply

        return anyio.run(ask)

    def get(self, path: str, **values: Any) -> httpx.Response:
        """GET a path."""
        return self.send("GET", path, **values)

    def request(self, method: str, path: str, *, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        """Ask as a page of the server's own does."""
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin", "Idempotency-Key": uuid.uuid4().hex}
        return self.send(method, path, headers={**own, **(headers or {})}, **body)

    def post(self, path: str, body: Any) -> httpx.Response:
        """POST a JSON body."""
        return self.request("POST", path, json=body)

    def patch(self, path: str, body: Any) -> httpx.Response:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, json=body)

    def go_to_provider(self, path: str = "/login") -> httpx.Response:
        """Begin to sign in; returns how the provider sends the browser back."""
        sent = self.get(path)
        assert sent.status_code == 303, sent.text
        return httpx.get(sent.headers["location"], trust_env=False, verify=False)  # plain http, on this machine

    def come_back(self, address: str) -> httpx.Response:
        """Follow the provider's redirect."""
        return self.get(address.removeprefix(self.url))

    def sign_in(self, path: str = "/login") -> httpx.Response:
        """Sign in, as far as the server lets."""
        return self.come_back(self.go_to_provider(path).headers["location"])

    @property
    def cookie(self) -> str:
        """What it shows as the proof of having signed in."""
        return next(cookie.value or "" for cookie in self.cookies.jar if cookie.name.endswith("baton-signed-in"))

    @cookie.setter
    def cookie(self, value: str) -> None:
        host = self.url.partition("//")[2]
        self.cookies = httpx.Cookies()
        self.cookies.set("baton-signed-in", value, domain="localhost.local" if host == "localhost" else host)
