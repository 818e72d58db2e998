"""Programs follow what happens by a cursor: in order, without a gap, and are told when they came too late."""

import threading

import pytest
import stored_deals as stored
from sqlalchemy import text

from models.outbox import announce

DEAL = stored.deal_id(1)


@pytest.fixture
def client(store, client_of):
    """A deal, and a key for it."""
    stored.fill(store, [{"id": DEAL, "name": "First"}])
    return client_of(store)


def tell(store, *kinds):
    """Let things happen."""
    with store.writing() as session:
        announce(session, stored.ORG_ID, [(kind, DEAL, {"n": place}) for place, kind in enumerate(kinds)], generation=1)


def follow(client, cursor=None, **params):
    """One look, and the types it brought."""
    body = client.get("/api/v1/changes", params={**params, **({"cursor": cursor} if cursor else {})}).json()
    return [each["type"] for each in body["data"]], body["next_cursor"], body["more"]


def test_events_come_in_order_and_once_each_by_the_cursor(store, client):
    """A program goes on where it was, today or next week."""
    tell(store, "deal.won", "deal.updated", "deal.updated")
    first, cursor, more = follow(client, limit=2)
    assert (first, more) == (["deal.won", "deal.updated"], True)
    second, cursor, more = follow(client, cursor, limit=2)
    assert (second, more) == (["deal.updated"], False)
    assert follow(client, cursor)[0] == []
    tell(store, "deal.unwon")

    assert follow(client, cursor)[0] == ["deal.unwon"]


def test_filters_travel_in_the_cursor(store, client):
    """What is filtered out is not looked at again, and does not come back."""
    tell(store, "deal.won", "deal.updated")
    types, cursor, _ = follow(client, types="deal.won")
    tell(store, "deal.updated", "deal.won")

    assert types == ["deal.won"]
    assert follow(client, cursor)[0] == ["deal.won"]
    refused = client.get("/api/v1/changes", params={"cursor": cursor, "types": "deal.unwon"})
    assert refused.json()["type"] == "urn:baton:problem:cursor_of_another_question"
    assert client.get("/api/v1/changes?types=deal.wno").status_code == 400
    assert client.get("/api/v1/changes", params={"cursor": cursor[:-2] + "AA"}).status_code == 400


def test_a_cursor_whose_events_are_gone_is_told(store, client):
    """Nobody believes to have seen everything who has not."""
    tell(store, "deal.won")
    _, cursor, _ = follow(client)
    tell(store, "deal.updated", "deal.updated")
    with store.writing() as session:
        session.execute(text("DELETE FROM cs.event WHERE seq < (SELECT max(seq) FROM cs.event)"))
    refused = client.get("/api/v1/changes", params={"cursor": cursor})

    assert (refused.status_code, refused.json()["type"]) == (410, "urn:baton:problem:cursor_expired")


def test_an_event_that_commits_late_is_not_passed_over(store, client):
    """Of two transactions that announce at once, the second gets the later number, and waits for the first."""
    order, begun = [], threading.Event()

    def second():
        begun.wait(30)
        tell(store, "deal.updated")
        order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with store.writing() as session:
        announce(session, stored.ORG_ID, [("deal.won", DEAL, {})], generation=1)
        begun.set()
        other.join(0.5)
        assert follow(client)[0] == []
        order.append("first")
    other.join()

    assert order == ["first", "second"]
    assert follow(client)[0] == ["deal.won", "deal.updated"]


def test_a_book_follows_its_own_deals(store, client, client_of):
    """A CSM's program hears nothing of others' deals."""
    tell(store, "deal.won")

    assert follow(client)[0] == ["deal.won"]
    assert follow(client_of(store, book="nobody@acme.example"))[0] == []


def test_freshness_is_told_org_by_org(client):
    """A page shows green, amber or red without guessing."""
    body = client.get("/api/v1/freshness").json()

    assert [(each["org_id"], each["watermark"]) for each in body["data"]] == [(stored.ORG_ID, "2026-07-01T14:04:00Z")]
    assert body["data"][0]["state"] in {"fresh", "late", "stale"}
