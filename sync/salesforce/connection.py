"""One live connection to an org: every request with its retries, its deadline and its price, under a shared session.

Several threads may share it, and several connections share one session.
"""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from sync.errors import BadReply, DeadlinePassed, Interrupted, SessionExpired, Wait
from sync.salesforce.faults import error_from_reply, salesforce_errors
from sync.salesforce.http import DEADLINES, Deadlines, Patience, Reply, exchange, in_time, is_loopback, retried
from sync.salesforce.login import Session, SharedSession
from sync.salesforce.usage import ApiUsage, Meter, parse_usage

Answer = TypeVar("Answer")

#: kinds of requests that Salesforce does not bill
FREE_KINDS = frozenset({"login", "versions"})


class Connection:
    """Sends requests in the name of one session."""

    def __init__(
        self,
        *,
        http: httpx.Client,
        session: SharedSession,
        meter: Meter,
        calls: Counter[str],
        deadlines: Deadlines = DEADLINES,
    ) -> None:
        self._http = http
        self.shared_session = session
        self.meter = meter
        self.deadlines = deadlines
        self._counting = threading.Lock()
        #: requests that were sent, by kind; a retried one counts each time, as Salesforce counts
        self.calls = calls
        self.usage: ApiUsage | None = None
        #: the Date of the newest reply: the only clock that windows may be cut by
        self.server_date: datetime | None = None
        #: when that reply came, by a clock that nobody sets
        self.server_date_seen = 0.0
        self.version = ""
        self._ends: float | None = None
        self._halted = threading.Event()
        self._streaming: set[httpx.Response] = set()

    @property
    def session(self) -> Session:
        """The present session."""
        return self.shared_session.current

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
            return ask(self.shared_session.renewed(session))

    def ask(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        read: Callable[[Reply], Answer],
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
        object_name: str | None = None,
    ) -> Answer:
        """Send one request, retry what passes by itself, and read a reply that is a success.

        A reply that `read` finds to be no answer is asked for again, too.
        """

        def attempt(session: Session) -> Answer:
            sent = self._headers(session, headers, has_content=content is not None)
            url = session.instance_url + path
            within = (patience or self.deadlines.request).within(self.seconds_left())
            self.count(kind)
            reply = exchange(self._http, method, url, headers=sent, content=content, patience=within)
            self.note(reply.headers)
            self._raise_for_status(reply, kind=kind, object_name=object_name)
            return read(reply)

        return self.with_session(lambda session: retried(lambda: attempt(session)))

    @contextmanager
    def stream(
        self, kind: str, path: str, *, headers: Mapping[str, str]
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """Open a reply whose body is read piece by piece: its headers and the pieces.

        Opening it is retried, reading it can't be.
        """

        def attempt(session: Session) -> httpx.Response:
            within = self.deadlines.page.within(self.seconds_left())
            request = self._http.build_request(
                "GET",
                session.instance_url + path,
                headers=self._headers(session, headers, has_content=False),
                timeout=within.timeout,
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
            self._raise_for_status(reply, kind=kind, object_name=None)
            raise BadReply(what="a page of a bulk job", detail="a web page instead of data")

        response = self.with_session(lambda session: retried(lambda: attempt(session)))
        self._streaming.add(response)
        ends = monotonic() + self.deadlines.page.within(self.seconds_left()).whole
        try:
            yield response.headers, self._unless_halted(in_time(response.iter_bytes(), ends=ends, host=self.host))
        finally:
            self._streaming.discard(response)
            response.close()

    # --- the end of patience -----------------------------------------------------------------------------------------

    @contextmanager
    def ending_in(self, seconds: float) -> Iterator[None]:
        """Let everything that is asked within this block be over after so many seconds."""
        self._ends = monotonic() + seconds
        try:
            yield
        finally:
            self._ends = None

    def seconds_left(self) -> float | None:
        """Seconds until everything must be over, or None.

        Raises:
            DeadlinePassed: there are none.
            Interrupted: everything must be over now.
        """
        if self._halted.is_set():
            raise Interrupted
        if self._ends is None:
            return None
        left = self._ends - monotonic()
        if left <= 0:
            raise DeadlinePassed(host=self.host)
        return left

    def halt(self) -> None:
        """Send nothing any more, and break off what is being read."""
        self._halted.set()
        for response in tuple(self._streaming):
            stream = response.extensions.get("network_stream")
            raw = stream.get_extra_info("socket") if stream is not None else None
            if raw is not None:
                with suppress(OSError):  # it has ended by itself
                    raw.shutdown(socket.SHUT_RDWR)

    # --- counting ----------------------------------------------------------------------------------------------------

    def count(self, kind: str) -> None:
        """Note that a request of a kind is about to be sent.

        Raises:
            BudgetSpent: it must not be sent.
        """
        if kind not in FREE_KINDS:
            self.meter.sent(kind)
        with self._counting:
            self.calls[kind] += 1

    def note(self, headers: Mapping[str, str]) -> None:
        """Take the server's clock and the used allocation out of a reply."""
        usage = parse_usage(headers.get("Sforce-Limit-Info"))
        if usage is not None:
            self.usage = usage
            self.meter.told(usage)
        try:
            seen = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        self.server_date = seen.astimezone(UTC) if seen.tzinfo else seen.replace(tzinfo=UTC)
        self.server_date_seen = monotonic()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def _unless_halted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        while True:
            try:
                chunk = next(chunks, None)
            except httpx.HTTPError:
                self.seconds_left()  # what we broke off ourselves is no fault of the network
                raise
            self.seconds_left()
            if chunk is None:
                return
            yield chunk

    def _raise_for_status(self, reply: Reply, *, kind: str, object_name: str | None) -> None:
        if reply.status < 300:
            return
        error = error_from_reply(
            reply.status, reply.decoded(), url=self.host, object_name=object_name, headers=reply.headers
        )
        if isinstance(error, Wait) and kind != "bulk":  # the allowance of bulk jobs is one of its own
            self.meter.refused(error.retry_after)
        raise error

    @staticmethod
    def _headers(session: Session, more: Mapping[str, str] | None, *, has_content: bool) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {session.token}", **(more or {})}
        if has_content:
            headers["Content-Type"] = "application/json"
        return headers


def ignored(_: Reply) -> None:
    """For requests whose success says it all."""
