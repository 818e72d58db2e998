"""Faults in place of an answer, each over the wire: what comes, and that the org answers properly afterwards."""

import pytest
from wire_client import BASE, client_of, error_of

QUERY = {"q": "SELECT Id, Name, Fax FROM Account"}
WINDOW = {"start": "2026-03-01T00:00:00Z", "end": "2026-03-01T01:00:00Z"}


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        client.make("Account", Name="Acme", Fax="1")
        client.log_in()
        yield client


@pytest.fixture(autouse=True)
def no_faults(client):
    yield
    assert client.delete("/demo/faults").json() == []


def struck(client, kind, ask, **described):
    """The answer to a call that a fault strikes; the same call after it is answered."""
    client.post("/demo/faults", json=[{"kind": kind} | described]).raise_for_status()
    answer = ask()
    assert [each["kind"] for each in client.get("/demo/faults/log").json()] == [kind]
    assert ask().is_success, "the fault struck once"
    return answer


def query(client):
    return client.get("query", params=QUERY)


@pytest.mark.parametrize(
    ("kind", "status", "text", "retry_after"),
    [
        pytest.param(*row, id=row[0])
        for row in [
            ("not_acceptable", 406, "", None),
            ("edge_420", 420, "moved", None),
            ("too_many_requests", 429, "", "1"),
            ("maintenance_503", 503, "Down For Maintenance", None),
            ("maintenance_page", 200, "Down For Maintenance", None),
            ("login_page", 200, 'type="password"', None),
        ]
    ],
)
def test_a_page_comes_where_data_were_asked_for(client, kind, status, text, retry_after):
    """Clients must not take a web page, or nothing, for rows."""
    answer = struck(client, kind, lambda: query(client))

    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after)
    assert text in answer.text
    assert bool(text) == ("html" in answer.headers.get("Content-Type", ""))


def test_an_outage_may_say_how_long_it_lasts(client):
    """Retry-After in seconds, or as an instant."""
    answer = struck(client, "maintenance_503", lambda: query(client), retry_after=120)
    dated = struck(client, "maintenance_503", lambda: query(client), retry_after="Sun, 01 Mar 2026 12:00:05 GMT")

    assert answer.headers["Retry-After"] == "120"
    assert dated.headers["Retry-After"] == "Sun, 01 Mar 2026 12:00:05 GMT"


@pytest.mark.parametrize(
    ("kind", "status", "code", "text"),
    [
        pytest.param(*row, id=row[0])
        for row in [
            ("unknown_exception", 500, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this"),
            ("server_unavailable", 503, "SERVER_UNAVAILABLE", "Server Unavailable"),
            ("session_rejected", 401, "INVALID_SESSION_ID", "Session expired or invalid"),
            ("request_limit", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            ("concurrent_limit", 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
            ("api_disabled", 403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."),
            ("query_timeout", 400, "QUERY_TIMEOUT", "Your query request was running for too long."),
            ("query_too_complicated", 400, "QUERY_TOO_COMPLICATED", "Query is either selecting too many fields"),
            ("operation_too_large", 400, "OPERATION_TOO_LARGE", "exceeded 100000 distinct who/what's"),
            ("field_hidden", 400, "INVALID_FIELD", "No such column 'Fax' on entity 'Account'."),
            ("object_hidden", 400, "INVALID_TYPE", "sObject type 'Account' is not supported."),
        ]
    ],
)
def test_a_query_is_refused_in_salesforces_words(client, kind, status, code, text):
    """Clients match on codes, some on texts."""
    answer = struck(client, kind, lambda: query(client))

    found = error_of(answer)
    assert found[:2] == (status, code)
    assert text in found[2]


def test_a_field_that_describe_shows_can_be_hidden_from_queries(client):
    """What a sync meets when somebody takes a field away between its describe and its query."""
    client.post("/demo/faults", json=[{"kind": "field_hidden", "field": "Name", "times": 0}])
    described = {field["name"] for field in client.get("sobjects/Account/describe").json()["fields"]}
    refused = error_of(query(client))

    assert "Name" in described
    assert "\nSELECT Id, Name" in refused[2]
    assert "ERROR at Row:1:Column:12\nNo such column 'Name' on entity 'Account'." in refused[2]


@pytest.mark.parametrize(
    "text", ["This session is not valid for use with the REST API", "Connected app is not attached"]
)
def test_some_sessions_are_refused_whatever_the_login(client, text):
    """A new login does not cure every 401."""
    client.post("/demo/faults", json=[{"kind": "session_rejected", "times": 0, "message": text}])
    first = query(client)
    client.log_in()

    assert error_of(first) == error_of(query(client)) == (401, "INVALID_SESSION_ID", text)
    assert first.headers["WWW-Authenticate"] == "Token"


def test_a_locator_may_be_unknown_at_its_next_page(client):
    """locator_invalid: the page is refused; the result is still there for who asks again."""
    client.org.load("Contact", ["LastName"], [[f"P{n}"] for n in range(300)])
    page = client.query("SELECT Id FROM Contact", **{"Sforce-Query-Options": "batchSize=200"})
    answer = struck(client, "locator_invalid", lambda: client.get(page["nextRecordsUrl"]))

    assert error_of(answer) == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


def test_a_locked_row_refuses_a_write(client):
    """row_locked: another transaction holds the record; nothing was written."""
    before = client.get("/demo/truth/Account").json()
    client.post("/demo/faults", json=[{"kind": "row_locked", "object": "Account"}])
    answer = client.post("sobjects/Account", json={"Name": "Late"})

    assert error_of(answer) == (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    assert client.get("/demo/truth/Account").json() == before


def test_locked_rows_of_a_list_are_refused_one_by_one(client):
    """Lists of records answer 200 and tell of each record."""
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in "AB"]
    client.post("/demo/faults", json=[{"kind": "row_locked"}])
    answer = client.post("composite/sobjects", json={"records": records})

    assert answer.status_code == 200
    assert [each["errors"][0]["statusCode"] for each in answer.json()] == ["UNABLE_TO_LOCK_ROW"] * 2


def test_bulk_may_refuse_an_object(client):
    """bulk_refused: learned per org and object, and only from these words."""
    job = {"operation": "query", "query": "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)"}
    answer = struck(client, "bulk_refused", lambda: client.post("jobs/query", json=job))

    assert error_of(answer) == (400, "INVALIDENTITY", "Entity 'Account' is not supported by the Bulk API.")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        pytest.param("too_many_ids", "EXCEEDED_ID_LIMIT", id="too_many_ids"),
        pytest.param("bad_replication_date", "INVALID_REPLICATION_DATE", id="bad_replication_date"),
    ],
)
def test_replication_may_refuse_its_window(client, kind, code):
    """The window must be halved, or the object compared in whole."""
    client.post("/demo/clock", json={"freeze": "2026-03-01T12:00:00Z"})
    client.log_in()
    answer = struck(client, kind, lambda: client.get("sobjects/Account/deleted", params=WINDOW))
    client.post("/demo/clock", json={"reset": True})
    client.log_in()

    assert error_of(answer)[:2] == (400, code)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param("results_refused", 400, id="results_refused"),
        pytest.param("results_missing", 404, id="results_missing"),
    ],
)
def test_a_page_of_bulk_results_may_be_refused_or_missing(client, kind, status):
    """A finished job is no promise of its pages."""
    job = client.bulk("SELECT Id FROM Account")
    answer = struck(client, kind, lambda: client.get(f"jobs/query/{job['id']}/results"))

    assert answer.status_code == status


def test_one_part_of_a_composite_call_fails_while_the_others_succeed(client):
    """part_failed: each part has a status of its own; the call itself is a success."""
    parts = [
        {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id+FROM+{name}", "referenceId": name}
        for name in ("Account", "Contact", "Lead")
    ]
    client.post("/demo/faults", json=[{"kind": "part_failed", "object": "Contact"}])
    answer = client.post("composite", json={"compositeRequest": parts})
    found = {each["referenceId"]: each for each in answer.json()["compositeResponse"]}

    assert answer.status_code == 200
    assert {name: each["httpStatusCode"] for name, each in found.items()} == {
        "Account": 200,
        "Contact": 500,
        "Lead": 200,
    }
    assert found["Contact"]["body"][0]["errorCode"] == "UNKNOWN_EXCEPTION"
    (entry,) = client.get("/demo/faults/log").json()
    assert (entry["part"], entry["object"], entry["call"]) == (True, "Contact", "query")


def test_a_query_in_a_composite_call_can_be_struck_like_any_other(client):
    """A sync that polls by composite meets the refusals of single queries, too."""
    part = {"method": "GET", "url": f"{BASE}/query?q=SELECT+Id+FROM+Account", "referenceId": "one"}
    client.post("/demo/faults", json=[{"kind": "query_timeout", "object": "account"}])
    (answer,) = client.post("composite", json={"compositeRequest": [part]}).json()["compositeResponse"]

    assert (answer["httpStatusCode"], answer["body"][0]["errorCode"]) == (400, "QUERY_TIMEOUT")
