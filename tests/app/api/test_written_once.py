"""A write is done once, however often it is sent, and whatever breaks in between."""

import threading

import pytest
import stored_deals as stored
from sqlalchemy import text

from models.answered import hold_key

NOTES = f"/api/v1/customers/{stored.ACME}/notes"
CS = ("briefs:read", "contacts:read", "notes:write")


@pytest.fixture
def client(store, client_of):
    """A key of CS, and a customer."""
    stored.fill(store, [{"id": stored.deal_id(1), "name": "First"}])
    return client_of(store, *CS)


def bodies(client):
    """What is written down."""
    return [row["body"] for row in client.get(f"{NOTES}?sort=created_at").json()["data"]]


def test_the_same_request_again_gets_the_same_answer(client):
    """A client that heard no answer sends it again, and nobody reads a note twice."""
    first = client.post(NOTES, {"body": "Once"}, headers={"Idempotency-Key": "k1"})
    again = client.post(NOTES, {"body": "Once"}, headers={"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert bodies(client) == ["Once"]


def test_a_key_is_not_taken_for_something_else(client):
    """A client that reuses a key by mistake is told, and nothing is lost silently."""
    client.post(NOTES, {"body": "Once"}, headers={"Idempotency-Key": "k1"})
    other = client.post(NOTES, {"body": "Another"}, headers={"Idempotency-Key": "k1"})

    assert (other.status_code, other.json()["type"]) == (422, "urn:baton:problem:idempotency_key_reused")
    assert bodies(client) == ["Once"]


def test_two_callers_may_have_the_same_key(store, client, client_of):
    """Keys are the client's own."""
    client.post(NOTES, {"body": "Mine"}, headers={"Idempotency-Key": "k1"})
    client_of(store, *CS).post(NOTES, {"body": "Theirs"}, headers={"Idempotency-Key": "k1"})

    assert bodies(client) == ["Mine", "Theirs"]


@pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
def test_a_write_without_a_usable_key_is_refused(client, key):
    """Forgetting it is noticed at the first try, and not when the network fails."""
    refused = client.request("POST", NOTES, json={"body": "x"}, headers={"Idempotency-Key": key} if key else {})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/header/idempotency-key"
    assert bodies(client) == []


def test_a_key_in_flight_is_a_conflict(store, client):
    """While one request is being answered, its double waits."""
    with store.reading() as session:
        caller = session.execute(text("SELECT 'key ' || key_id FROM ops.api_key")).scalar_one()
    held, done = threading.Event(), threading.Event()

    def hold():
        with store.writing() as session:
            assert hold_key(session, caller, "k1")
            held.set()
            done.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(30)
    try:
        refused = client.post(NOTES, {"body": "x"}, headers={"Idempotency-Key": "k1"})
    finally:
        done.set()
        other.join()

    assert (refused.status_code, refused.headers["retry-after"]) == (409, "1")
    assert client.post(NOTES, {"body": "x"}, headers={"Idempotency-Key": "k1"}).status_code == 201


def test_a_write_that_fails_is_not_remembered(client):
    """A refused request may be corrected and sent under its key."""
    wrong = client.post(NOTES, {"body": "x", "deal_id": stored.deal_id(9)}, headers={"Idempotency-Key": "k1"})
    right = client.post(NOTES, {"body": "x", "deal_id": stored.deal_id(1)}, headers={"Idempotency-Key": "k1"})

    assert (wrong.status_code, right.status_code) == (400, 201)


def test_an_answer_is_remembered_for_a_day(store, client):
    """The memory does not grow for ever."""
    client.post(NOTES, {"body": "Old"}, headers={"Idempotency-Key": "k1"})
    with store.writing() as session:
        session.execute(text("UPDATE ops.answered_request SET answered_at = now() - interval '25 hours'"))
    client.post(NOTES, {"body": "New"}, headers={"Idempotency-Key": "k1"})
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM ops.answered_request")).scalar_one() == 1

    assert bodies(client) == ["Old", "New"]
