"""Plain HTTP to one host: addresses we dare to call, time-outs, retries, and JSON with exact numbers."""

import ipaddress
import random
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
import stamina

from sync.errors import BadReply, OrgBusy, OrgUnreachable, WrongHost
from sync.salesforce.faults import salesforce_errors

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many seconds to wait for one request: for a connection, between two bytes, and for all of it."""

    connect: float = 10
    #: A query may run 120 s in Salesforce (SOQL time-out) before its first byte arrives.
    silence: float = 130
    #: A body that drips never falls silent, so there is an end to the whole request, too.
    whole: float = 300

    def within(self, seconds: float | None) -> "Patience":
        """The same, but at most so many seconds."""
        if seconds is None or seconds >= self.whole:
            return self
        return Patience(
            connect=min(self.connect, seconds), silence=min(self.silence, seconds), whole=min(self.whole, seconds)
        )

    @property
    def timeout(self) -> httpx.Timeout:
        """The part of it that httpx watches."""
        return httpx.Timeout(connect=self.connect, read=self.silence, write=60, pool=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """How long each kind of request may last."""

    request: Patience = Patience()
    #: Five queries may stand in one composite call; REST itself gives up after 10 minutes.
    composite: Patience = Patience(silence=610, whole=630)
    login: Patience = Patience(silence=30, whole=60)
    #: one page of a bulk job, rows that are stored meanwhile included
    page: Patience = Patience(whole=3600)


DEADLINES = Deadlines()

#: A reply may ask for a longer pause than this; then the caller decides, not a sleeping thread.
LONGEST_PAUSE = timedelta(seconds=30)
_CONNECTIONS = 8

# float_hook sees the digits as they were sent, so no amount passes through binary floating point.
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP reply that was read to its end."""

    status: int
    headers: httpx.Headers
    body: bytes

    def decoded(self) -> Any:
        """The JSON of the body, or its text when it is none."""
        try:
            return _DECODER.decode(self.body) if self.body else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self.body.decode("utf-8", "replace")

    def json(self, what: str) -> Any:
        """The JSON of the body; anything else, such as a maintenance page with status 200, is a bad reply."""
        try:
            return _DECODER.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            detail = "a web page instead of data" if self.is_page else "no valid JSON"
            raise BadReply(what=what, detail=detail) from error

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, as maintenance, proxies and wrong hosts send."""
        return self.body[:256].lstrip().startswith(b"<")


def checked_address(text: str) -> str:
    """The address of an org without path and trailing slash; refuses what would send a secret unprotected or astray."""
    text = text.strip()
    if not text:
        raise WrongHost(url="BATON_SALESFORCE_URL", detail="it is not set")
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme not in {"http", "https"} or not host:
        raise WrongHost(url=text.partition("?")[0], detail="it is not a web address")
    if parts.username or parts.password:
        raise WrongHost(url=host, detail="it contains a user name or password, which belongs into its own setting")
    address = f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}"
    if parts.scheme == "http" and not is_loopback(address):
        raise WrongHost(url=address, detail="plain http would send the login unencrypted; use https")
    if host.endswith((".lightning.force.com", ".visualforce.com")):
        raise WrongHost(url=address, detail="this is the address of the pages, not of the API")
    return address


def is_loopback(address: str) -> bool:
    """Whether an address is this very machine, where the demo org listens without encryption."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def open_http(*, ca_file: Path | None, loopback: bool) -> httpx.Client:
    """A pool of kept-alive connections. HTTP/1.1 on purpose: httpx's HTTP/2 costs more processor time and is slower."""
    # A proxy of the environment has no business between two processes of one machine.
    trust_env = not loopback
    if ca_file is None:
        verify = _well_known(trust_env=trust_env)
    else:
        try:
            verify = ssl.create_default_context(cafile=str(ca_file))
        except OSError as error:
            detail = f"the certificates of BATON_SALESFORCE_CA_FILE can't be read from {ca_file}"
            raise WrongHost(url="Salesforce", detail=detail) from error
    limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS, keepalive_expiry=60)
    return httpx.Client(
        http2=False,
        timeout=DEADLINES.request.timeout,
        limits=limits,
        verify=verify,
        follow_redirects=False,
        trust_env=trust_env,
        headers={
            "User-Agent": "baton",
            "Accept": "application/json",
            # Packing and unpacking costs more than a loopback interface saves.
            "Accept-Encoding": "identity" if loopback else "gzip",
        },
    )


@cache
def _well_known(*, trust_env: bool) -> ssl.SSLContext:
    """The certificates that everybody trusts; reading them takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=trust_env)


def exchange(
    http: httpx.Client,
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    content: bytes | None = None,
    patience: Patience = DEADLINES.request,
) -> Reply:
    """Send one request and read its reply, whatever its status.

    Raises:
        OrgUnreachable: there was no complete reply in time.
    """
    host, ends = urlsplit(url).netloc, monotonic() + patience.whole
    with (
        salesforce_errors(host),
        http.stream(method, url, headers=headers, content=content, timeout=patience.timeout) as response,
    ):
        body = b"".join(in_time(response.iter_bytes(), ends=ends, host=host))
        return Reply(status=response.status_code, headers=response.headers, body=body)


def in_time(chunks: Iterator[bytes], *, ends: float, host: str) -> Iterator[bytes]:
    """The pieces of a body until `ends` (by `monotonic`).

    Raises:
        OrgUnreachable: the body was not complete by then.
    """
    for chunk in chunks:
        yield chunk
        if monotonic() > ends:
            raise OrgUnreachable(host=host, detail="no complete answer in time")


def retried(ask: Callable[[], Answer], *, attempts: int = 5, seconds: float = 45) -> Answer:
    """Ask again, with growing and random pauses, while the error is one that passes by itself."""
    for attempt in stamina.retry_context(
        on=_pause, attempts=attempts, timeout=seconds, wait_initial=0.2, wait_max=8, wait_jitter=0.4
    ):
        with attempt:
            return ask()
    raise AssertionError  # stamina lets the last exception through


def _pause(error: Exception) -> bool | timedelta:
    if isinstance(error, OrgBusy) and error.retry_after is not None:
        # Not earlier than asked, and not all at the same moment.
        jitter = timedelta(seconds=random.uniform(0, 0.5))  # noqa: S311 - spreads requests, keeps no secret
        return error.retry_after + jitter if error.retry_after <= LONGEST_PAUSE else False
    return isinstance(error, OrgBusy | OrgUnreachable | BadReply)
