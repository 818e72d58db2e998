import gzip
import json
import time
from datetime import UTC, datetime
from threading import Thread

import httpx
import pytest
from wire_client import BASE, client_of, error_of, recorded

from demo_org.clock import Clock


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        yield client


def raw_names(answer):
    return {name.decode() for name, _ in answer.headers.raw}


def test_headers_go_out_in_salesforces_own_case(client):
    """Some clients compare header names letter by letter."""
    answer = client.get("limits")

    assert {"Date", "Content-Type", "Sforce-Limit-Info", "Cache-Control"} <= raw_names(answer)
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
    """404 for what is not there; 405 names the methods that are."""
    assert error_of(client.get("nothing/here")) == (404, "NOT_FOUND", "The requested resource does not exist")
    assert error_of(client.put("sobjects/Account")) == (
        405,
        "METHOD_NOT_ALLOWED",
        "HTTP Method 'PUT' not allowed. Allowed are GET,POST",
    )


def test_requests_that_are_too_long_are_refused(client):
    """16,384 bytes for the address, and as many for address and headers together."""
    long = "x" * 16_400

    assert client.get("query", params={"q": long}).status_code == 414
    assert client.get("limits", headers={"X-Long": long}).status_code == 431


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
    broken = client.post("sobjects/Account", content=b"no gzip", headers={"Content-Encoding": "gzip"})
    assert error_of(broken)[:2] == (400, "JSON_PARSER_ERROR")


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
