import gzip
import json
import re
import socket
import ssl
import time
import zlib
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Thread
from urllib.parse import urlsplit

import httpx
import pytest
from wire_client import BASE, client_of, error_of, header_names, recorded

from demo_org.clock import Clock
from demo_org.wire.envelope import LARGEST_BODY
from demo_org.wire.routes import API


def test_headers_go_out_in_salesforces_own_case(client):
    """Some clients compare header names letter by letter."""
    answer = client.get("limits")

    assert {"Date", "Content-Type", "Sforce-Limit-Info", "Cache-Control"} <= header_names(answer)
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_the_date_header_is_the_orgs_own_time():
    """A client that frames its windows by the server's clock sees the clock a test set."""
    with client_of(clock=Clock(frozen_at=datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC))) as client:
        assert client.get("limits").headers["Date"] == "Sun, 01 Mar 2026 12:00:05 GMT"
        client.post("/demo/clock", json={"move": 60})
        assert client.get("limits").headers["Date"] == "Sun, 01 Mar 2026 12:01:05 GMT"


def test_versions_need_no_login_and_resources_do(client):
    """59.0 to 67.0, oldest first; an older one is retired, an unknown one not found."""
    versions = httpx.get(f"{client.base_url}/services/data").json()

    assert versions[5] == {"label": "Summer '25", "url": "/services/data/v64.0", "version": "64.0"}
    assert (versions[0]["version"], versions[-1]["version"]) == ("59.0", "67.0")
    assert client.get("/services/data/v64.0/").json()["queryAll"] == f"{BASE}/queryAll"
    assert error_of(client.get("/services/data/v99.0/limits"))[:2] == (404, "NOT_FOUND")
    assert error_of(client.get("/services/data/v40.0/limits"))[:2] == (410, "UNSUPPORTED_API_VERSION")


def test_older_versions_are_answered_where_the_org_is_told_to():
    """The Salesforce CLI reads its user by version 51.0; real orgs answer from 31.0 on."""
    with client_of(oldest_version=31) as client:
        assert httpx.get(f"{client.base_url}/services/data").json()[0]["version"] == "31.0"
        assert client.get("/services/data/v51.0/limits").status_code == 200
        assert error_of(client.get("/services/data/v30.0/limits"))[:2] == (410, "UNSUPPORTED_API_VERSION")


def test_pretty_printing_is_salesforces_own(client):
    """simple-salesforce always asks for it: a space before the colon, brackets side by side."""
    text = client.get("limits/recordCount", params={"sObjects": "Lead"}, headers={"X-PrettyPrint": "1"}).text

    assert text == '{\n  "sObjects" : [ ]\n}'


def test_a_second_slash_before_the_path_does_no_harm(client):
    """The Salesforce CLI joins an instance URL that ends in / with a path."""
    assert client.get(f"{client.base_url}//services/data/v64.0/limits").status_code == 200


def test_unknown_paths_and_methods_are_refused_like_salesforce_does(client):
    """404 for what is not there; 405 names the methods that are, in the order Salesforce names them."""
    assert error_of(client.get("nothing/here")) == (404, "NOT_FOUND", "The requested resource does not exist")
    assert error_of(client.put("sobjects/Account")) == (
        405,
        "METHOD_NOT_ALLOWED",
        "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST",
    )
    assert error_of(client.options("limits"))[2] == "HTTP Method 'OPTIONS' not allowed. Allowed are HEAD,GET"


def test_head_answers_like_get_without_a_body(client):
    """Same status and headers; some clients probe so."""
    head, get = client.head("limits"), client.get("limits")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/related; boundary=x", "text/csv"])
def test_a_body_of_a_type_the_resource_does_not_read_is_refused(client, media):
    """415 names the type without its parameters; JSON in any spelling of the type, or without one, is read."""
    refused = client.post("sobjects/Account", content=b"{}", headers={"Content-Type": media})
    spelled = client.post(
        "sobjects/Account", content=b'{"Name": "x"}', headers={"Content-Type": "APPLICATION/JSON; charset=utf-8"}
    )

    message = f"MediaType of '{media.partition(';')[0]}' is not supported by this resource"
    assert error_of(refused) == (415, "UNSUPPORTED_MEDIA_TYPE", message)
    assert spelled.status_code == 201


def test_requests_that_are_too_long_are_refused_to_the_byte(client):
    """16,384 bytes for the address, and as many for address and headers together; the web server says so in HTML."""
    fits = "/services/data/" + "x" * (16_384 - len("/services/data/"))
    address = [client.get(path) for path in (fits + "x", fits)]
    request = client.build_request("GET", "limits", headers={"X-Long": ""})
    free = 16_384 - len(request.url.raw_path) - sum(len(name) + len(value) for name, value in request.headers.raw)
    heads = [client.get("limits", headers={"X-Long": "x" * length}) for length in (free, free + 1)]

    assert [answer.status_code for answer in address] == [414, 431]
    assert address[0].text == "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>"
    assert [answer.status_code for answer in heads] == [200, 431]
    assert heads[1].headers["Content-Type"] == "text/html;charset=iso-8859-1"


def test_bodies_are_compressed_both_ways(client):
    """A packed request is understood, a packed reply is sent where the client accepts it."""
    body = gzip.compress(json.dumps({"Name": "Packed"}).encode())
    made = client.post("sobjects/Account", content=body, headers={"Content-Encoding": "gzip"})
    packed = client.get("sobjects", headers={"Accept-Encoding": "gzip"})
    plain = client.get("sobjects", headers={"Accept-Encoding": "identity"})

    assert made.status_code == 201
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert plain.json() == packed.json()


@pytest.mark.parametrize(
    "body",
    [b"no gzip", gzip.compress(b'{"Name": "Cut"}')[:-9], gzip.compress(b"{")[:5], b"\x1f\x8b" + b"\0" * 50],
    ids=["not packed", "cut short", "a head only", "nothing behind the head"],  # a packed body holds the time of day
)
def test_a_broken_packing_is_told(client, body):
    """A body that was cut on its way is never taken for a whole one."""
    answer = client.post("sobjects/Account", content=body, headers={"Content-Encoding": "gzip"})

    assert error_of(answer)[:2] == (400, "JSON_PARSER_ERROR")


def test_a_small_body_that_unpacks_to_no_end_is_refused(client):
    """150 MB is the most any resource takes; a bomb of 300 kB does not fill the memory."""
    bomb = gzip.compress(bytes(LARGEST_BODY * 2), 9)
    answer = client.post("sobjects/Account", content=bomb, headers={"Content-Encoding": "gzip"})

    assert error_of(answer)[:2] == (413, "REQUEST_ENTITY_TOO_LARGE")


def test_deflate_is_understood_too(client):
    """As the REST guide says."""
    body = zlib.compress(b'{"Name": "Deflated"}')
    answer = client.post("sobjects/Account", content=body, headers={"Content-Encoding": "deflate"})

    assert answer.status_code == 201


def test_every_answer_marks_the_browser_and_the_request(client):
    """BrowserId for who brings none, a request id to quote to support, and the server's name."""
    first = httpx.get(f"{client.base_url}/services/data")
    marked = httpx.get(f"{client.base_url}/services/data", headers={"Cookie": "BrowserId=abc; x=y"})

    assert first.cookies["BrowserId"]
    assert "Set-Cookie" not in marked.headers
    assert re.fullmatch(r"[0-9a-f]{32}", first.headers["X-SFDC-Request-Id"])
    assert (first.headers["Server"], first.headers["Vary"]) == ("sfdcedge", "Accept-Encoding")
    assert {"Set-Cookie", "X-SFDC-Request-Id", "X-Request-Id", "X-XSS-Protection"} <= header_names(first)


@pytest.mark.parametrize(
    ("header", "code", "message"),
    [
        ({}, "INVALID_SESSION_ID", "Session expired or invalid"),
        ({"Authorization": "Bearer"}, "INVALID_SESSION_ID", "Session expired or invalid"),
        ({"X-SFDC-Session": "x"}, "INVALID_SESSION_ID", "Session expired or invalid"),
        ({"Authorization": "00Dx!token"}, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
        ({"Authorization": "Basic eDp5"}, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
    ],
)
def test_who_brings_no_session_is_told_what_is_wrong(client, header, code, message):
    """A token without its scheme is another mistake than one that ended."""
    answer = httpx.get(f"{client.base_url}{BASE}/limits", headers=header)

    assert error_of(answer) == (401, code, message)
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("header", ["Authorization: OAuth {}", "Authorization: bearer {}", "X-SFDC-Session: {}"])
def test_a_session_may_come_in_each_way_salesforce_knows(client, header):
    """OAuth in place of Bearer, any case, and the header of Bulk API 1.0."""
    name, _, value = header.format(client.headers["Authorization"].split()[1]).partition(": ")

    assert httpx.get(f"{client.base_url}{BASE}/limits", headers={name: value}).status_code == 200


def test_what_is_no_http_is_refused_by_the_web_server(client):
    """Header names in Salesforce's case here, too; the connection closes and the server goes on."""
    address = urlsplit(client.served.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(b"NOT HTTP AT ALL\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nContent-Type: text/html;charset=iso-8859-1\r\n" in head
    assert body.startswith(b"<h1>Bad Message 400</h1>")
    assert client.get("limits").status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_every_header_is_in_salesforces_case_to_the_last_byte(client, scheme, version):
    """Those that frame the body, too; a client that speaks HTTP/1.0 gets a length instead of chunks."""
    address = urlsplit(client.served.url if scheme == "http" else client.served.https_url)
    head = f"GET /services/data HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=10) as plain, ExitStack() as stack:
        connection = plain
        if scheme == "https":
            trusting = ssl.create_default_context(cafile=client.served.ca_file)
            connection = stack.enter_context(trusting.wrap_socket(plain, server_hostname="login.salesforce.com"))
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    names = {line.partition(":")[0] for line in lines}

    assert [name for name in names if name == name.lower()] == []
    assert ("Content-Length" if version == "1.0" else "Transfer-Encoding") in names


def test_a_request_that_breaks_off_does_nothing(client):
    """Half a body is no order: the record is not made when the client's connection is cut."""
    address = urlsplit(client.served.url)
    body = b'{"Name": "Half an order"}'
    head = (
        f"POST {BASE}/sobjects/Account HTTP/1.1\r\nHost: x\r\nAuthorization: {client.headers['Authorization']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) + 1}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
    for _ in range(3):
        client.get("limits")

    assert client.query("SELECT Id FROM Account WHERE Name = 'Half an order'")["totalSize"] == 0


def test_too_many_long_requests_at_a_time_are_refused():
    """Who asks for much at once meets a refusal of its own, which goes when the others end."""
    with client_of(long_seconds=0.2, long_requests=2) as client:
        client.post("/demo/faults", json=[{"path": "/limits$", "delay": 1.0, "times": 2}])
        slow = [Thread(target=httpx.get, args=(f"{client.base_url}{BASE}/limits",)) for _ in range(2)]
        for each in slow:
            each.start()
        deadline = time.monotonic() + 5
        while (refused := client.get("sobjects")).status_code == 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        for each in slow:
            each.join()

        assert error_of(refused) == (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")
        assert client.get("sobjects").status_code == 200


def test_an_app_may_be_told_its_own_share_of_the_calls():
    """simple-salesforce reads both parts; a login by SOAP belongs to no app."""
    with client_of(app_calls=250) as client:
        client.get("limits")
        told = client.get("limits").headers["Sforce-Limit-Info"]

        assert told == "api-usage=2/100000; per-app-api-usage=2/250(appName=demo-client)"


def test_malformed_json_is_a_parser_error(client):
    """Never a 500."""
    assert error_of(client.post("sobjects/Account", content=b"{"))[:2] == (400, "JSON_PARSER_ERROR")
    assert error_of(client.post("sobjects/Account", content=b"[]"))[:2] == (400, "JSON_PARSER_ERROR")


def test_the_meter_counts_calls_by_kind_and_not_logins():
    """Composite is one call, each part of a batch is one, a login and the version list are free."""
    with client_of() as client:
        client.get("/services/data")
        client.get("limits")
        parts = [{"method": "GET", "url": f"{BASE}/limits", "referenceId": f"r{n}"} for n in range(5)]
        client.post("composite", json={"compositeRequest": parts})
        batch = [{"method": "GET", "url": "v64.0/limits"} for _ in range(3)]
        last = client.post("composite/batch", json={"batchRequests": batch})
        counts = client.get("/demo/calls").json()

    assert {k: v for k, v in counts["calls"].items() if v} == {"limits": 1, "composite": 1, "batch": 3}
    assert (counts["total"], counts["free"]) == (5, {"login": 1})
    assert last.headers["Sforce-Limit-Info"] == "api-usage=5/100000"


def test_a_spent_day_refuses_calls_until_calls_grow_old():
    """403 with Salesforce's text; the count is a rolling day."""
    with client_of(clock=Clock(frozen_at=datetime(2026, 3, 1, tzinfo=UTC)), session_seconds=200_000) as client:
        client.post("/demo/calls/reset", json={"daily_calls": 2})
        statuses = [client.get("limits").status_code for _ in range(3)]
        refused = client.get("limits")
        client.post("/demo/clock", json={"move": 24 * 3600 + 60})

        assert statuses == [200, 200, 403]
        assert error_of(refused) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        assert refused.headers["Sforce-Limit-Info"] == "api-usage=2/2"
        assert client.get("limits").status_code == 200


def test_limits_have_the_recorded_shape(client):
    """Max and Remaining for each allowance; the API calls are the meter's."""
    body = client.get("limits").json()
    known = recorded("rest/postman/GET__limits.json")["body"]

    assert set(body) <= set(known) | {"MonthlyPlatformEventsUsageEntitlement"}
    assert body["DailyApiRequests"]["Max"] - body["DailyApiRequests"]["Remaining"] > 0


def test_record_counts_leave_out_empty_and_unknown_objects(client):
    """As a real org does."""
    client.make("Account", Name="One")
    body = client.get("limits/recordCount", params={"sObjects": "Account,Lead,Nothing"}).json()

    assert [each["name"] for each in body["sObjects"]] == ["Account"]


def test_a_fault_strikes_as_often_as_it_was_told():
    """An HTML outage twice, then the org answers again."""
    with client_of() as client:
        fault = {"path": "/limits", "status": 503, "body": "<html>Down For Maintenance</html>", "times": 2}
        client.post("/demo/faults", json=[fault])
        answers = [client.get("limits") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [503, 503, 200]
        assert answers[0].headers["Content-Type"].startswith("text/html")
        assert client.get("/demo/faults").json() == []


def test_a_fault_may_delay_or_cut_an_answer_short():
    """A slow answer is still the right one; a cut one ends without a sign of error."""
    with client_of() as client:
        client.post("/demo/faults", json=[{"path": "/limits", "delay": 0.3}, {"path": "/sobjects$", "cut_after": 100}])
        began = time.monotonic()
        slow = client.get("limits")
        waited = time.monotonic() - began
        cut = client.get("sobjects")

        assert (slow.status_code, waited >= 0.3) == (200, True)
        assert len(cut.content) == 100


def test_a_broken_connection_is_noticed():
    """Unlike a body that merely ends early."""
    with client_of() as client:
        client.post("/demo/faults", json=[{"path": "/sobjects$", "cut_after": 100, "broken": True}])
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("sobjects")
        assert client.get("sobjects").status_code == 200


def test_the_loop_answers_others_while_one_waits():
    """One slow request never holds up another."""
    with client_of() as client:
        client.post("/demo/faults", json=[{"path": "/limits$", "delay": 1.0}])
        with httpx.Client(base_url=client.base_url, timeout=30) as other:
            waiting = Thread(target=client.get, args=("limits",))
            waiting.start()
            time.sleep(0.1)
            began = time.monotonic()
            other.get("/services/data")
            took = time.monotonic() - began
            waiting.join()

        assert took < 0.5


def test_the_root_of_a_version_lists_every_resource_there_is(client):
    """Clients find their way from here; what is listed is where it says, and nothing served is missing."""
    root = client.get("/services/data/v64.0").json()
    served = {each.pattern.pattern.partition("/")[0].removesuffix("\\Z") for each in API} - {"", "query(?:All)?"}

    assert served == set(root) - {"identity"}
    assert {name: path for name, path in root.items() if name != "identity"} == {
        name: f"{BASE}/{name}" for name in served
    }
    assert client.get(root["identity"]).json()["user_id"] == client.org.users.integration
