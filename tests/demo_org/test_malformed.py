"""Whatever a client sends, the demo org answers: quickly, in Salesforce's shape, and never that it is at a loss."""

import http.client
import json
import logging
import re
import socket
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import Malformed, requests_to
from wire_client import BASE, client_of

from demo_org.errors import SalesforceFault
from demo_org.wire.bulk.classic.entrance import ROUTES as CLASSIC
from demo_org.wire.control.acts import CONTROL
from demo_org.wire.routes import API, OPEN

AT_A_LOSS = re.compile(rb'"errorCode" ?: ?"UNKNOWN_EXCEPTION"')
PATIENCE = 30  # seconds; a healthy answer takes milliseconds, but the machine may be busy


class Sender:
    """Sends requests as they are over one connection, with a session of the org."""

    def __init__(self, client):
        self.client = client
        self.address = urlsplit(client.served.url)
        self.connection = None
        self.parts = {"USER_ID": client.org.users.integration}
        self.number = 0
        self.log_in()
        self.renew()
        self.parts["JOB_ID"] = client.bulk("SELECT Id, Name FROM Account")["id"]

    def renew(self):
        """Make anew what requests may have deleted or ended; what the org has switched off stays away."""
        org, known = self.client.org, self.parts
        if self.client.served.app.context.sessions.peek(known["TOKEN"]) is None:
            self.log_in()
        with suppress(SalesforceFault):
            if not self.lives("Account", "ACCOUNT_ID"):
                known["ACCOUNT_ID"] = org.insert("Account", {"Name": "Known"})
            if not self.lives("Opportunity", "DEAL_ID"):
                deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-01-31"}
                known["DEAL_ID"] = org.insert("Opportunity", deal | {"AccountId": known["ACCOUNT_ID"]})
        if self.number % 8 == 0:  # a job that was aborted, deleted or closed takes no more rows
            wanted = {"object": "Account", "operation": "insert", "lineEnding": "LF"}
            made = self.client.post("jobs/ingest", json=wanted).json()
            known["INGEST_ID"] = made["id"] if isinstance(made, dict) else "x"
            wanted = {"object": "Account", "operation": "query", "contentType": "JSON"}
            made = self.client.post("/services/async/64.0/job", json=wanted)
            known["CLASSIC_ID"] = made.json()["id"] if made.status_code == 201 else "x"
            path = f"/services/async/64.0/job/{known['CLASSIC_ID']}/batch"
            batch = self.client.post(path, content="SELECT Id FROM Account")
            known["BATCH_ID"] = batch.json()["id"] if batch.status_code == 201 else "x"
        self.number += 1

    def lives(self, object_name, part):
        """Whether the record is there and not in the recycle bin."""
        record = self.client.org.get(object_name, self.parts.get(part, ""))
        return record is not None and not record["IsDeleted"]

    def log_in(self):
        """Begin a session, as the one before may have been logged out."""
        self.client.log_in()
        self.parts["TOKEN"] = self.client.headers["Authorization"].removeprefix("Bearer ")
        page = self.client.query("SELECT Id FROM OpportunityStage")
        self.parts["LOCATOR_ID"] = page["nextRecordsUrl"].rpartition("/")[2].partition("-")[0]

    def send(self, request: Malformed):
        """Status, headers and body of the answer; a hung or a dropped connection is an error."""
        self.renew()
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=PATIENCE)
        target, body = request.target, request.body
        for name, value in self.parts.items():
            target, body = target.replace(name, value), body.replace(name.encode(), value.encode())
        headers = {"Authorization": f"Bearer {self.parts['TOKEN']}", **request.headers}
        self.connection.putrequest(request.method, target, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.connection.putheader(name, value.replace("TOKEN", self.parts["TOKEN"]).encode("latin-1"))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.will_close:
            self.close()
        return answer.status, answer.headers, content

    def close(self):
        """Let go of the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


@contextmanager
def sender_of_new_org():
    with client_of(daily_calls=10**9, hourly_logins=10**9, bulk_delay=0, page_rows=3) as client:
        sender = Sender(client)
        try:
            yield sender
        finally:
            sender.close()


@pytest.fixture(scope="module")
def sender():
    with sender_of_new_org() as sender:
        yield sender


def examples(is_long, count):
    """Few and always the same examples, or many and new ones."""
    return settings(
        max_examples=count * 40 if is_long else count,
        derandomize=not is_long,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def assert_healthy(request, status, headers, content):
    """No 5xx, and a body of the kind the place promises."""
    told = f"{request}\n{status} {content[:500]!r}"
    is_soap = request.target.lower().startswith("/services/soap/")
    assert status < 500 or (is_soap and b"Fault>" in content), told
    assert not AT_A_LOSS.search(content), told
    if status < 400 or not content or headers.get("Content-Type", "").startswith("text/html"):
        return
    if headers.get("Content-Type", "").startswith("application/json") and headers.get("Content-Encoding") != "gzip":
        errors = json.loads(content)
        if request.target.startswith("/services/data/"):
            assert isinstance(errors, list), told
            assert all({"message", "errorCode"} <= set(each) for each in errors), told


def strike(sender, is_long, caplog, requests, count, after=lambda: None):
    """Send many requests; the org is as well after them as before."""

    @examples(is_long, count)
    @given(requests)
    def attempt(request):
        assert_healthy(request, *sender.send(request))
        after()

    attempt()
    sender.log_in()
    assert sender.client.get("limits").status_code == 200
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("route", API, ids=lambda route: route.pattern.pattern.removesuffix("\\Z") or "root")
def test_nothing_a_client_sends_to_the_api_upsets_the_org(sender, is_long, caplog, route):
    """A resource answers any method, any body and any parameter with a refusal at worst."""
    strike(sender, is_long, caplog, requests_to(route, f"{BASE}/"), 12)


@pytest.mark.parametrize("route", CLASSIC, ids=lambda route: route.pattern.pattern.removesuffix("\\Z"))
def test_nothing_a_client_sends_to_the_older_bulk_api_upsets_the_org(sender, is_long, caplog, route):
    """Its refusals have a form of their own, in XML or JSON."""
    strike(sender, is_long, caplog, requests_to(route, "/services/async/64.0/"), 20)


@pytest.mark.parametrize("route", OPEN, ids=lambda route: route.pattern.pattern.removesuffix("\\Z"))
def test_nothing_a_stranger_sends_to_the_logins_upsets_the_org(sender, is_long, caplog, route):
    """Logins are what the whole world can reach."""
    strike(sender, is_long, caplog, requests_to(route), 15)


@pytest.mark.parametrize("route", CONTROL, ids=lambda route: route.pattern.pattern.removesuffix("\\Z"))
def test_nothing_a_test_sends_to_the_control_plane_upsets_the_org(is_long, caplog, route):
    """A mistake in a test is told to its author, and the org lives on."""

    def tidy_up():
        sender.client.delete("/demo/faults")
        sender.client.post("/demo/clock", json={"reset": True})
        sender.client.post("/demo/logins", json={"refuse": None, "hourly": 10**9})
        sender.client.post("/demo/calls/reset", json={"daily_calls": 10**9})

    with sender_of_new_org() as sender:
        strike(sender, is_long, caplog, requests_to(route), 6, tidy_up)


PLAIN = (
    b"GET /services/data HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n",
    b"POST /services/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\ngrant_type",
    b"POST /services/data/v64.0/query HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://login.salesforce.com/services/data HTTP/1.0\r\n\r\n",
    b"GET /services/data HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)


@st.composite
def raw_requests(draw):
    """A request as bytes, with bytes lost, doubled or changed anywhere."""
    data = bytearray(draw(st.sampled_from(PLAIN)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 3)):
            case 0:
                del data[at : at + draw(st.integers(1, 4))]
            case 1:
                data[at:at] = draw(st.binary(min_size=1, max_size=4))
            case 2:
                data[at:at] = data[at : at + 20]
            case _:
                data[at : at + 1] = draw(st.sampled_from([b"\0", b"\r\n", b"\xff", b" ", b"9" * 30, b":", b"%"]))
    return bytes(data)


def test_bytes_that_are_no_request_upset_nobody(sender, is_long, caplog):
    """What cannot be read is refused by the web server; the next client is answered as ever."""

    @examples(is_long, 150)
    @given(raw_requests())
    def attempt(data):
        address = (sender.address.hostname, sender.address.port)
        with socket.create_connection(address, timeout=PATIENCE) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        for start in answer.split(b"HTTP/1.1 ")[1:]:
            assert start[:1] in b"1234", (data, answer[:300])

    attempt()
    assert sender.client.get("limits").status_code == 200
