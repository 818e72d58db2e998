"""Who may ask what, what goes wrong, and how it is told."""

import json
import re
import socket

import pytest
import stored_deals as stored
from sqlalchemy import text

from app.api import deals
from app.server import PortTaken, listen
from app.settings import HttpSettings
from models.session import Store


def test_without_a_key_nothing_is_told(store, client_of):
    """There is no default password."""
    answer = client_of(store, key=None).get("/api/v1/deals")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "baton keys create" in answer.json()["detail"]


def test_an_unknown_revoked_or_expired_key_is_refused(store, client_of):
    """A key that was taken away opens nothing."""
    client = client_of(store)
    with store.writing() as session:
        session.execute(text("UPDATE ops.api_key SET revoked_at = now()"))

    assert client.get("/api/v1/deals").status_code == 401
    assert client_of(store, key="baton_wrong").get("/api/v1/deals").status_code == 401


def test_a_key_opens_what_its_scopes_name(store, client_of):
    """A dashboard's key reads no briefs; an admin's reads all."""
    metrics, admin = client_of(store, "metrics:read"), client_of(store, "admin")

    assert metrics.get("/api/v1/sync/status").status_code == 200
    refused = metrics.get("/api/v1/deals")
    assert refused.status_code == 403
    assert 'scope="briefs:read"' in refused.headers["www-authenticate"]
    assert admin.get("/api/v1/deals").status_code == 200
    assert admin.get("/api/v1/sync/status").status_code == 200


def test_every_error_is_a_problem_document(client):
    """A client reads one shape of error, whatever went wrong."""
    for method, path, status in (
        ("GET", "/nothing/here", 404),
        ("DELETE", "/api/v1/deals", 405),
        ("GET", "/api/v1/deals?limit=1001", 400),
        ("GET", "/api/v1/deals?won_from=yesterday", 400),
        ("GET", "/api/v1/deals?updated_since=2026-07-01T00:00:00", 400),
    ):
        answer = client.request(method, path)
        body = answer.json()

        assert (answer.status_code, body["status"]) == (status, status)
        assert answer.headers["content-type"] == "application/problem+json"
        assert list(body) == ["type", "title", "status", "detail", "instance", "request_id", "errors"]
        assert body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "query", ["q=%00", "min_amount=1e99999", "min_amount=NaN", "limit=1e9", "cursor=%00", "sort=,-", "org=%00&org=x"]
)
def test_hostile_values_never_break_the_server(client, query):
    """Nothing a client can send is a 500."""
    assert client.get(f"/api/v1/deals?{query}").status_code in {200, 400}


def test_words_with_wildcards_are_searched_as_they_are(client):
    """A percent sign in a search is a percent sign."""
    assert client.get("/api/v1/deals", params={"q": "%"}).json()["data"] == []


def test_a_request_keeps_the_id_its_client_gave_it(client):
    """A rep's question to support finds its line in the log."""
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-ID": "<a b>"}).headers["x-request-id"] != "<a b>"


def test_what_breaks_inside_stays_inside(client, monkeypatch):
    """A 500 tells its request id and nothing of our internals."""

    def broken(*_, **__):
        raise RuntimeError("SELECT secret FROM ops.secret")

    monkeypatch.setattr(deals, "list_deals", broken)
    answer = client.get("/api/v1/deals")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_store_that_is_away_is_a_503_that_says_when_to_come_back(client_of):
    """The API lives on while the database restarts."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = Store(f"postgresql+psycopg://nobody@127.0.0.1:{closed.getsockname()[1]}/none")
        client = client_of(away, key="baton_any")
        answer = client.get("/api/v1/deals")

        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "127.0.0.1" not in answer.text + client.get("/readyz").text
    away.close()


def test_readiness_waits_for_the_schema_and_the_first_snapshot(store, client_of):
    """A load balancer sends nobody to an empty store."""
    client = client_of(store, key=None)
    assert "snapshot" in client.get("/readyz").json()["detail"]

    with store.writing() as session:
        stored.connect(session)
    assert client.get("/readyz").json() == {"status": "ready"}

    with store.writing() as session:
        session.execute(text("UPDATE ops.alembic_version SET version_num = '0001'"))
    assert "baton migrate" in client.get("/readyz").json()["detail"]


def test_the_sync_status_says_what_is_wrong_in_words(store, client_of):
    """A rep who misses a deal learns why, without reading a log."""
    client = client_of(store)
    assert "No org is connected" in client.get("/api/v1/sync/status").json()["problems"][0]

    with store.writing() as session:
        stored.connect(session)
        session.execute(text("""
            INSERT INTO ops.object_state (org_id, object, state, rows, unavailable_fields)
            VALUES (:org, 'Quote', 'missing', 0, '[]'), (:org, 'Opportunity', 'ok', 3, '["Amount"]')
        """), {"org": stored.ORG_ID})  # fmt: skip
        session.execute(text("""
            INSERT INTO ops.run (run_id, org_id, kind, state, error) VALUES (1, :org, 'live', 'failed', 'no answer')
        """), {"org": stored.ORG_ID})  # fmt: skip
        session.execute(text("""
            INSERT INTO ops.api_spend VALUES (:org, (now() AT TIME ZONE 'UTC')::date, 'composite', 30)
        """), {"org": stored.ORG_ID})  # fmt: skip
    status = client.get("/api/v1/sync/status").json()
    words = " ".join(status["problems"])

    assert status["ok"] is False
    for said in ("hides Amount", "no answer", "No worker is running"):
        assert said in words
    assert "Quote" not in words, "an org need not have every object"
    assert status["orgs"][0]["api_calls_today"]["by_kind"] == {"composite": 30}
    assert {each["object"]: each["rows"] for each in status["orgs"][0]["objects"]} == {"Opportunity": 3, "Quote": 0}


def named_schemas(described, schemas):
    """The schemas that a part of the description names, and those that these name."""
    found, todo = set(), re.findall(r'#/components/schemas/(\w+)"', json.dumps(described))
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += re.findall(r'#/components/schemas/(\w+)"', json.dumps(schemas[name]))
    return found


def test_the_documentation_needs_no_internet_and_every_operation_a_stable_name(client):
    """A generated client keeps its names; the docs work behind a firewall."""
    page, description = client.get("/docs").text, client.get("/openapi.json").json()
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    schemas = description["components"]["schemas"]

    assert "https://" not in page
    assert description["openapi"].startswith("3.1")
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert "ProblemDocument" in schemas
    assert "HTTPValidationError" not in schemas
    bodies = named_schemas([operation.get("requestBody") for operation in operations], schemas)
    given = [schema for name, schema in schemas.items() if name not in bodies]
    fields = [field for schema in given for field in schema.get("properties", {}).values()]
    assert not [field for field in fields if "default" in field]


def test_answers_have_exactly_the_fields_that_are_described(store, client):
    """The description and the SQL cannot drift apart."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    deal = client.get("/api/v1/deals").json()["data"][0]
    customer = client.get("/api/v1/customers").json()["data"][0]
    whole = client.get(f"/api/v1/deals/{stored.deal_id(1)}").json()

    assert list(deal) == list(schemas["DealRow"]["properties"])
    assert list(customer) == [
        name for name in schemas["CustomerListRow"]["properties"] if name not in {"won_deals", "contacts"}
    ]
    assert set(whole) == set(schemas["Deal"]["properties"])


def test_a_taken_port_is_one_clear_line():
    """Starting twice says what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken, match="BATON_HTTP_PORT"):
            listen(HttpSettings(port=other.getsockname()[1]))
