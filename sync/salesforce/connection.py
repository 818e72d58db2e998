"""One live connection to an org: the session, its renewal, and every request with its retries and its price.

Several threads may share it. When a session expires, one of them logs in and the others wait for the result.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from sync.errors import BadReply, SessionExpired
from sync.salesforce.faults import error_from_reply, salesforce_errors
from sync.salesforce.http import TIMEOUT, Reply, exchange, is_loopback, retried
from sync.salesforce.login import Login, Session
from sync.salesforce.usage import ApiUsage, parse_usage

Answer = TypeVar("Answer")

#: kinds of requests that Salesforce does not bill
FREE_KINDS = frozenset({"login", "versions"})


class Connection:
    """Sends requests in the name of one session."""

    def __init__(self, *, http: httpx.Client, login: Login) -> None:
        self._http = http
        self._login = login
        self._renewing = threading.Lock()
        self._counting = threading.Lock()
        #: requests that were sent, by kind; a retried one counts each time, as Salesforce counts
        self.calls: Counter[str] = Counter()
        self.usage: ApiUsage | None = None
        #: the Date of the newest reply: the only clock that windows may be cut by
        self.server_date: datetime | None = None
        #: when that reply came, by a clock that nobody sets
        self.server_date_seen = 0.0
        self.version = ""
        self.session = self._open()

    @property
    def host(self) -> str:
        """The host that has the org's data, for messages."""
        return urlsplit(self.session.instance_url).netloc

    @property
    def is_local(self) -> bool:
        """Whether the org is served by this machine."""
        return is_loopback(self.session.instance_url)

    @property
    def base(self) -> str:
        """Path of all data resources, e.g. /services/data/v64.0."""
        return f"/services/data/v{self.version}"

    @property
    def api_calls(self) -> int:
        """How many requests were sent that Salesforce bills."""
        with self._counting:
            return sum(count for kind, count in self.calls.items() if kind not in FREE_KINDS)

    def with_session(self, ask: Callable[[Session], Answer]) -> Answer:
        """Ask with the present session, and once more with a new one if it has expired."""
        session = self.session
        try:
            return ask(session)
        except SessionExpired:
            # Only one renewal: some 401s, such as a user without API rights, are not cured by it.
            return ask(self._renewed(session))

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        read: Callable[[Reply], Answer],
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout = TIMEOUT,
        object_name: str | None = None,
    ) -> Answer:
        """Send one request, retry what passes by itself, and read a reply that is a success.

        A reply that `read` finds to be no answer is asked for again, too.
        """

        def attempt(session: Session) -> Answer:
            sent = self._headers(session, headers, has_content=content is not None)
            url = session.instance_url + path
            self.count(kind)
            reply = exchange(self._http, method, url, headers=sent, content=content, timeout=timeout)
            self.note(reply.headers)
            _raise_for_status(reply, host=self.host, object_name=object_name)
            return read(reply)

        return self.with_session(lambda session: retried(lambda: attempt(session)))

    @contextmanager
    def stream(self, kind: str, path: str, *, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Open a reply whose body is read piece by piece. Opening it is retried, reading it can't be."""

        def attempt(session: Session) -> httpx.Response:
            request = self._http.build_request(
                "GET", session.instance_url + path, headers=self._headers(session, headers, has_content=False)
            )
            self.count(kind)
            with salesforce_errors(self.host):
                response = self._http.send(request, stream=True)
                self.note(response.headers)
                if response.status_code == 200 and "html" not in response.headers.get("Content-Type", ""):
                    return response
                # An error, or a maintenance page with status 200, which must never be taken for rows.
                try:
                    body = response.read()
                finally:
                    response.close()
            reply = Reply(status=response.status_code, headers=response.headers, body=body)
            _raise_for_status(reply, host=self.host, object_name=None)
            raise BadReply(what="a page of a bulk job", detail="a web page instead of data")

        response = self.with_session(lambda session: retried(lambda: attempt(session)))
        try:
            yield response
        finally:
            response.close()

    def count(self, kind: str) -> None:
        """Note that a request of a kind is sent."""
        with self._counting:
            self.calls[kind] += 1

    def note(self, headers: Mapping[str, str]) -> None:
        """Take the server's clock and the used allocation out of a reply."""
        self.usage = parse_usage(headers.get("Sforce-Limit-Info")) or self.usage
        try:
            seen = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        self.server_date = seen.astimezone(UTC) if seen.tzinfo else seen.replace(tzinfo=UTC)
        self.server_date_seen = monotonic()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _open(self) -> Session:
        self.count("login")
        return self._login.open()

    def _renewed(self, stale: Session) -> Session:
        with self._renewing:
            if self.session is stale:
                self.session = self._open()
            return self.session

    @staticmethod
    def _headers(session: Session, more: Mapping[str, str] | None, *, has_content: bool) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {session.token}", **(more or {})}
        if has_content:
            headers["Content-Type"] = "application/json"
        return headers


def ignored(_: Reply) -> None:
    """For requests whose success says it all."""


def _raise_for_status(reply: Reply, *, host: str, object_name: str | None) -> None:
    if reply.status < 300:
        return
    raise error_from_reply(reply.status, reply.decoded(), url=host, object_name=object_name, headers=reply.headers)
