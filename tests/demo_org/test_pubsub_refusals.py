"""What the Pub/Sub API refuses, with which status and code, and how its streams end."""

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import fastavro
import grpc
import pytest
from pubsub_client import ALL, CUSTOM, EARLIEST, PubSubClient, pubsub_of, refusal_of

from demo_org.clock import Clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def client() -> Iterator[PubSubClient]:
    """A client of an org whose streams are impatient."""
    with pubsub_of(Clock(frozen_at=NOON), pubsub={"keep_alive": 0.2, "fetch_patience": 0.3, "auth_check": 0.2}) as made:
        yield made


def subscribing(client: PubSubClient, **fields: object) -> tuple[str, str]:
    """How a subscription is refused."""
    with client.subscribe(**fields) as stream:
        return refusal_of(lambda: [stream.answer() for _ in range(100)])


@pytest.mark.parametrize("missing", ["accesstoken", "instanceurl", "tenantid"])
def test_a_call_without_one_of_its_headers_is_refused(client: PubSubClient, missing: str):
    """Every call says who calls, for which org."""
    whole = dict(client.metadata)
    try:
        del client.metadata[missing]
        refused = refusal_of(lambda: client.call("GetTopic", topic_name=ALL))
    finally:
        client.metadata = whole

    assert refused == ("UNAUTHENTICATED", "service.auth.headers.invalid")


@pytest.mark.parametrize(("name", "value"), [("accesstoken", "wrong"), ("tenantid", "00D000000000001AAA")])
def test_a_token_of_another_org_or_of_none_is_refused(client: PubSubClient, name: str, value: str):
    """A client whose session ended logs in anew at this code."""
    whole = dict(client.metadata)
    try:
        client.metadata[name] = value
        refused = [refusal_of(lambda: client.call("GetTopic", topic_name=ALL)), subscribing(client)]
    finally:
        client.metadata = whole

    assert refused == [("UNAUTHENTICATED", "service.auth.error")] * 2


def test_an_org_id_of_fifteen_characters_is_understood(client: PubSubClient):
    """Clients take it out of the access token, where it has fifteen."""
    whole = dict(client.metadata)
    try:
        client.metadata["tenantid"] = client.org.org_id[:15]
        assert client.call("GetTopic", topic_name=ALL).topic_name == ALL
    finally:
        client.metadata = whole


def test_unknown_topics_and_schemas_are_not_found(client: PubSubClient):
    """A misspelt topic is noticed at once."""
    assert refusal_of(lambda: client.call("GetTopic", topic_name="/data/Nope"))[0] == "NOT_FOUND"
    assert refusal_of(lambda: client.call("GetSchema", schema_id="nope"))[0] == "NOT_FOUND"
    assert subscribing(client, topic="/data/NoteChangeEvent")[0] == "NOT_FOUND"


@pytest.mark.parametrize("number", [0, -1])
def test_nobody_asks_for_less_than_one_event(client: PubSubClient, number: int):
    """A number that is not positive is refused, in the first request and later."""
    code = ("INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid")

    assert subscribing(client, number=number) == code
    with client.subscribe(number=1) as stream:
        stream.answer()
        stream.ask(num_requested=number)
        assert refusal_of(lambda: [stream.answer() for _ in range(100)]) == code


def test_a_stream_keeps_its_topic(client: PubSubClient):
    """Another topic needs another stream."""
    with client.subscribe() as stream:
        stream.ask(topic_name="/data/AccountChangeEvent", num_requested=1)
        assert refusal_of(lambda: [stream.answer() for _ in range(100)])[0] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("replay_id", [b"x", b"\xff" * 10, bytes(10), b"\0\0\0\0\0\x7f\0\0\0\0"])
def test_replay_ids_that_were_never_given_out_are_refused(client: PubSubClient, replay_id: bytes):
    """A consumer must fall back to reading everything, so it must hear of it."""
    refused = subscribing(client, preset=CUSTOM, replay_id=replay_id)

    assert refused == ("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted")


def test_custom_without_a_replay_id_is_refused(client: PubSubClient):
    """A forgotten id is not taken for the tip of the stream."""
    refused = subscribing(client, preset=CUSTOM)

    assert refused == ("INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed")


def test_replay_ids_older_than_three_days_are_refused():
    """What is no longer kept can't be gone on from."""
    clock = Clock(frozen_at=NOON)
    with pubsub_of(clock) as client:
        client.org.insert("Account", {"Name": "Old"})
        old = client.everything()[0]
        clock.move(by=timedelta(hours=73))
        client.client.log_in()
        client.metadata["accesstoken"] = client.client.headers["Authorization"].removeprefix("Bearer ")

        assert subscribing(client, preset=CUSTOM, replay_id=old.replay_id) == (
            "INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted",
        )  # fmt: skip
        client.org.insert("Account", {"Name": "New"})
        assert [each.body["Name"] for each in client.everything()] == ["New"]


def test_a_client_that_does_not_ask_again_is_let_go(client: PubSubClient):
    """Whoever got everything has a minute to ask for more (here: less)."""
    client.org.insert("Account", {"Name": "Clinic"})
    with client.subscribe(number=1, preset=EARLIEST) as stream:
        stream.take(1)
        began = time.monotonic()
        refused = refusal_of(stream.answer)

    assert refused[0] == "DEADLINE_EXCEEDED"
    assert time.monotonic() - began < 5


def test_an_open_stream_outlives_its_session_until_the_next_look(client: PubSubClient):
    """Nothing is cut at the instant of expiry; the code tells a client to come back with another token."""
    with client.subscribe() as stream:
        stream.answer()
        client.client.served.app.context.sessions.kill_all()
        refused = refusal_of(lambda: [stream.answer() for _ in range(100)])
    client.client.log_in()
    client.metadata["accesstoken"] = client.client.headers["Authorization"].removeprefix("Bearer ")

    assert refused == ("UNAUTHENTICATED", "service.auth.refresh.invalid")


def test_a_stream_takes_another_session(client: PubSubClient):
    """A client may bring its new token along with a request."""
    old = client.metadata["accesstoken"]
    client.client.log_in()
    new = client.client.headers["Authorization"].removeprefix("Bearer ")
    with client.subscribe(number=1) as stream:
        stream.answer()
        stream.ask(num_requested=1, auth_refresh=new)
        stream.answer()
        client.client.served.app.context.sessions.end(old)
        client.metadata["accesstoken"] = new
        client.org.insert("Account", {"Name": "Clinic"})

        assert stream.take(1)[0].body["Name"] == "Clinic"


def test_streams_and_deliveries_have_limits():
    """An org that listens too much is told so."""
    with pubsub_of(pubsub={"most_streams": 1, "keep_alive": 0.2}, daily_deliveries=2) as client:
        with client.subscribe() as first:
            first.answer()
            assert subscribing(client) == ("RESOURCE_EXHAUSTED", "concurrent.client.limit.exceeded")
        for number in range(3):
            client.org.insert("Account", {"Name": f"Clinic {number}"})
        for _ in range(100):  # the first stream may take a moment to be gone
            refused = subscribing(client, preset=EARLIEST)
            if refused[1] != "concurrent.client.limit.exceeded":
                break
            time.sleep(0.05)

        assert refused == ("RESOURCE_EXHAUSTED", "subscription.limit.exceeded")


def test_a_connection_is_told_to_go_away():
    """Salesforce rotates connections; a client reconnects and goes on."""
    with pubsub_of(pubsub={"connection_age": 0.3, "keep_alive": 0.1}) as client:
        with client.subscribe() as stream, pytest.raises(grpc.RpcError) as ended:
            list(stream.call)
        client.org.insert("Account", {"Name": "Clinic"})

        assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
        assert [each.body["Name"] for each in client.everything()] == ["Clinic"]


@pytest.fixture
def struck(client: PubSubClient) -> Iterator[PubSubClient]:
    """A client of an org that misbehaves for the length of a test."""
    yield client
    client.client.delete("/demo/faults")


def delivered(client: PubSubClient, *faults: dict[str, object]) -> tuple[list[tuple[str, int]], list[str]]:
    """(change, number of ids) of the events that arrive of three deals, and the names in their bodies."""
    with client.subscribe("/data/OpportunityChangeEvent") as stream:
        stream.answer()
        client.client.post("/demo/faults", json=list(faults)).raise_for_status()
        for number in range(4):
            values = {"Name": f"Deal {number}", "StageName": "Prospecting", "CloseDate": "2026-06-30"}
            client.org.insert("Opportunity", values)
        events: list = []
        while not events or events[-1].body.get("Name") != "Deal 3":
            events += stream.take(1)
    return [(each.told[0], each.told[2]) for each in events], [each.body.get("Name", "") for each in events]


def test_events_are_doubled_swapped_and_lost_on_order(struck: PubSubClient):
    """At-least-once delivery is tried on a consumer."""
    kinds = ("event_duplicated", "event_reordered", "event_lost")
    names = [delivered(struck, {"kind": kind, "nth": 2})[1] for kind in kinds]

    assert names == [
        ["Deal 0", "Deal 1", "Deal 1", "Deal 2", "Deal 3"],
        ["Deal 0", "Deal 2", "Deal 1", "Deal 3"],
        ["Deal 0", "Deal 2", "Deal 3"],
    ]


def test_gaps_and_overflows_come_on_order(struck: PubSubClient):
    """A consumer must read again what it is not told."""
    gap, overflow = (delivered(struck, {"kind": f"event_{kind}", "nth": 2})[0][1] for kind in ("gap", "overflow"))

    assert (gap, overflow) == (("GAP_CREATE", 1), ("GAP_OVERFLOW", 0))


def test_an_event_that_fits_no_schema_comes_on_order(struck: PubSubClient):
    """What can't be decoded (event_undecodable) must be read another way, and must not stop what follows."""
    with struck.subscribe("/data/AccountChangeEvent") as stream:
        stream.answer()
        struck.client.post("/demo/faults", json=[{"kind": "event_undecodable"}]).raise_for_status()
        struck.org.insert("Account", {"Name": "Clinic"})
        with pytest.raises((EOFError, ValueError, IndexError, UnicodeDecodeError)):
            stream.take(1)
        struck.org.insert("Account", {"Name": "Next"})

        assert stream.take(1)[0].body["Name"] == "Next"


def test_bytes_that_fit_no_schema_come_on_order(struck: PubSubClient):
    """A consumer must put an event aside that it can't read, and go on."""
    struck.client.post("/demo/faults", json=[{"kind": "event_undecodable"}]).raise_for_status()
    struck.org.insert("Account", {"Name": "Clinic"})
    with struck.subscribe(preset=EARLIEST) as stream:
        (first, *_) = stream.answer().events
        with pytest.raises((EOFError, IndexError, ValueError)):
            fastavro.schemaless_reader(io.BytesIO(first.event.payload), struck.schema(first.event.schema_id))


def test_a_stream_breaks_on_order(struck: PubSubClient):
    """What went before is delivered; the rest comes with the next subscription."""
    struck.client.post("/demo/faults", json=[{"kind": "stream_ended"}]).raise_for_status()
    struck.org.insert("Account", {"Name": "Clinic"})

    assert subscribing(struck, preset=EARLIEST) == ("UNAVAILABLE", "service.unavailable")


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("replay_expired", ("INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed")),
        ("replay_corrupted", ("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted")),
        ("stream_refused", ("RESOURCE_EXHAUSTED", "concurrent.client.limit.exceeded")),
        ("stream_unauthenticated", ("UNAUTHENTICATED", "service.auth.error")),
    ],
)
def test_subscriptions_are_refused_on_order(struck: PubSubClient, kind: str, refused: tuple[str, str]):
    """Each refusal a consumer must survive can be had."""
    struck.client.post("/demo/faults", json=[{"kind": kind}]).raise_for_status()

    assert subscribing(struck) == refused
