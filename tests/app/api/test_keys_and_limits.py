"""Keys end, are exchanged and are counted; nobody asks for ever, and browsers are told what not to do."""

from datetime import UTC, datetime, timedelta

import pytest
import stored_deals as stored
from sqlalchemy import text

from app.settings import HttpSettings
from models.access import create_key, keys_called, list_keys, revoke_key, rotate_key


def _made(store, **values):
    with store.writing() as session:
        plain = create_key(session, **{"name": "dashboard", "scopes": ["briefs:read"], **values})
        return plain, keys_called(session, plain[:12])[0]


def test_a_key_shows_its_beginning_and_never_itself(store):
    """A leaked list of keys opens nothing."""
    plain, key = _made(store)

    assert plain.startswith(key["prefix"])
    assert len(key["prefix"]) < len(plain) / 3
    assert "hash" not in key
    with store.reading() as session:
        assert plain.encode() not in bytes(session.execute(text("SELECT hash FROM ops.api_key")).scalar_one())


def test_an_exchanged_key_opens_until_the_overlap_ends(store, client_of):
    """A program is moved to its new key without an outage."""
    plain, key = _made(store, book="cleo@baton.example")
    with store.writing() as session:
        successor = rotate_key(session, key["key_id"], overlap=timedelta(hours=1))
    old, new = client_of(store, key=plain), client_of(store, key=successor)

    assert (old.get("/api/v1/deals").status_code, new.get("/api/v1/deals").status_code) == (200, 200)
    with store.writing() as session:
        keys = list_keys(session)
        assert keys[0]["expires_at"] < datetime.now(UTC) + timedelta(hours=1, minutes=1)
        assert [(each["name"], each["scopes"], each["book"]) for each in keys] == [
            ("dashboard", ["briefs:read"], "cleo@baton.example")
        ] * 2
        session.execute(text("UPDATE ops.api_key SET expires_at = now() WHERE expires_at IS NOT NULL"))
    assert (old.get("/api/v1/deals").status_code, new.get("/api/v1/deals").status_code) == (401, 200)


def test_an_exchange_never_makes_a_key_live_longer(store):
    """A key that ends tomorrow ends tomorrow, whatever the overlap."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    _, key = _made(store, expires_at=tomorrow)
    with store.writing() as session:
        rotate_key(session, key["key_id"], overlap=timedelta(days=30))

        assert [each["expires_at"] for each in list_keys(session)] == [tomorrow, tomorrow]


def test_a_revoked_key_opens_nothing_and_is_found_by_no_name(store, client_of):
    """What was taken away stays in the list, and can't be exchanged."""
    plain, key = _made(store)
    with store.writing() as session:
        revoke_key(session, key["key_id"])

        assert keys_called(session, "dashboard") == []
        assert len(list_keys(session)) == 1
    assert client_of(store, key=plain).get("/api/v1/deals").status_code == 401


def test_it_is_known_when_a_key_was_used_last(store, client_of):
    """A key that nobody uses can be taken away; a busy one writes once a minute."""
    plain, _ = _made(store)
    client = client_of(store, key=plain)
    client.get("/api/v1/deals")
    with store.reading() as session:
        first = list_keys(session)[0]["last_used_at"]
    client.get("/api/v1/deals")
    with store.reading() as session:
        assert list_keys(session)[0]["last_used_at"] == first
    with store.writing() as session:
        session.execute(text("UPDATE ops.api_key SET last_used_at = now() - interval '2 minutes'"))
    client.get("/api/v1/deals")
    with store.reading() as session:
        assert list_keys(session)[0]["last_used_at"] > first


def test_a_caller_that_asks_too_often_is_told_when_to_come_back(store, client_of):
    """One wild script does not take the API from everybody else."""
    settings = HttpSettings(requests_per_minute=3)
    wild, calm = client_of(store, settings=settings), client_of(store, settings=settings)
    calm.app = wild.app
    answers = [wild.get("/api/v1/deals") for _ in range(4)]

    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert [each.headers["ratelimit"].split(";")[1] for each in answers] == ["r=2", "r=1", "r=0", "r=0"]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
    refused = answers[3]
    assert refused.json()["type"] == "urn:baton:problem:too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    assert calm.get("/api/v1/deals").status_code == 200


def test_guessing_keys_is_slow(store, client_of):
    """Wrong keys are few a minute, and cost the store nothing after that."""
    stored.fill(store)
    client = client_of(store)
    plain, client.key = client.key, "baton_wrong"
    statuses = [client.get("/api/v1/deals").status_code for _ in range(32)]

    assert statuses == [401] * 30 + [429] * 2
    client.key = plain
    assert client.get("/api/v1/deals").json()["type"] == "urn:baton:problem:too_many_wrong_keys"


@pytest.mark.parametrize("path", ["/api/v1/deals", "/healthz", "/nothing", "/openapi.json", "/docs"])
def test_browsers_are_told_what_not_to_do(client, path):
    """No answer is framed, guessed at or run by another site's page."""
    headers = client.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert ("script-src" in headers["content-security-policy"]) == (path == "/docs")
    assert "strict-transport-security" not in headers
