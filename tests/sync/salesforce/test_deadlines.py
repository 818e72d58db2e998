"""Nothing is waited for without an end: an org that hangs, drips or never finishes costs a known time."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import stamina
from job_reading import pages_of

from demo_org.store import Org
from demo_org.wire import WireSettings, running
from sync.errors import DeadlinePassed, Interrupted, OrgUnreachable
from sync.salesforce.client import connect
from sync.salesforce.http import Deadlines, Patience, exchange
from sync.salesforce.usage import Tally
from sync.settings import SalesforceSettings

SHORT = Patience(connect=1, silence=0.3, whole=1.0)
DEADLINES = Deadlines(request=SHORT, composite=SHORT, login=SHORT, page=SHORT)


@pytest.fixture(autouse=True)
def _one_attempt(_no_waiting) -> Iterator[None]:
    with stamina.set_testing(True, attempts=1, cap=True):
        yield


@pytest.fixture
def served():
    with Org.open() as opened, running(opened, settings=WireSettings(bulk_delay=0.0)) as answering:
        opened.load("Account", ["Name", "Description"], [[f"Acme {n}", "x" * 1000] for n in range(2_000)])
        yield answering


@pytest.fixture
def client(served):
    known = served.credentials
    settings = SalesforceSettings(
        url=served.url, auth="client_credentials", client_id=known.client_id, client_secret=known.client_secret
    )
    with connect(settings, deadlines=DEADLINES) as connected:
        yield connected


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield

    assert time.monotonic() - began < seconds


def test_a_connection_that_falls_silent_is_given_up(served, client):
    """A stalled connection looks like an org that is down, which it is for us."""
    fault = {"kind": "hang", "seconds": 20, "times": 1, "path": "/query"}
    httpx.post(f"{served.url}/demo/faults", json=[fault]).raise_for_status()
    with at_most(5), pytest.raises(OrgUnreachable, match="no answer in time"):
        client.query("SELECT Id FROM Account LIMIT 1")


def test_a_body_that_drips_is_given_up():
    """Each byte comes in time and the whole never would."""
    refused = pytest.raises(OrgUnreachable, match="no complete answer in time")
    with _dripping() as url, httpx.Client(trust_env=False) as http, at_most(5), refused:
        exchange(http, "GET", url, patience=SHORT)


def test_a_pass_that_takes_too_long_sends_nothing_more(client):
    """Many answers that each come in time can still take for ever."""
    with client.ending_in(0.3):
        client.query("SELECT Id FROM Account LIMIT 1")
        time.sleep(0.4)
        with pytest.raises(DeadlinePassed):
            client.query("SELECT Id FROM Account LIMIT 1")

    assert client.query("SELECT Id FROM Account LIMIT 1").records


def test_a_request_gets_no_more_time_than_its_pass_has_left(served, client):
    """The deadline of a pass holds in the middle of a request, too."""
    fault = {"kind": "hang", "seconds": 20, "times": 1, "path": "/query"}
    httpx.post(f"{served.url}/demo/faults", json=[fault]).raise_for_status()
    with client.ending_in(0.1), at_most(5), pytest.raises(OrgUnreachable):
        client.query("SELECT Id FROM Account LIMIT 1")


def test_a_download_is_broken_off_when_it_is_told_to_end(client):
    """Whoever stops the worker does not wait for a download; the other lane is not touched."""
    lane = client.beside(meter=Tally())
    job = lane.start_bulk("SELECT Id, Description FROM Account", object_name="Account")
    page = next(pages_of(lane, job))
    next(page.chunks)
    lane.halt()
    with pytest.raises(Interrupted):
        list(page.chunks)
    with pytest.raises(Interrupted):
        lane.query("SELECT Id FROM Account LIMIT 1")

    assert client.query("SELECT Id FROM Account LIMIT 1").records
    lane.close()


@contextmanager
def _dripping() -> Iterator[str]:
    """A server whose answer comes byte by byte and never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                try:
                    while not ended.wait(0.05):
                        connection.sendall(b"x")
                except OSError:
                    pass  # the client has gone

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended.set()
        thread.join(5)
