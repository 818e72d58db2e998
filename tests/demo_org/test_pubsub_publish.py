"""Platform events: defined by an admin, published by one program, heard by another."""

import io
from collections.abc import Iterator
from typing import Any

import fastavro
import pytest
from pubsub_client import CUSTOM, EARLIEST, PubSubClient, pubsub_of, refusal_of

TOPIC = "/event/Order_Placed__e"
FIELDS = {"Number__c": "string", "Total__c": "double", "Urgent__c": "boolean"}


@pytest.fixture(scope="module")
def client() -> Iterator[PubSubClient]:
    """A client of an org with one platform event."""
    with pubsub_of(pubsub={"keep_alive": 0.2, "publish_patience": 0.4}, streaming_seconds=0.3) as made:
        order = {"platform_event": "Order_Placed__e", "fields": FIELDS}
        made.client.post("/demo/events", json=order).raise_for_status()
        yield made


def message(client: PubSubClient, key: str, **values: Any) -> dict[str, Any]:
    """An event to be published."""
    schema_id = client.call("GetTopic", topic_name=TOPIC).schema_id
    written = io.BytesIO()
    record = {"CreatedDate": 0, "CreatedById": "", **dict.fromkeys(FIELDS), **values}
    fastavro.schemaless_writer(written, client.schema(schema_id), record)
    return {"id": key, "schema_id": schema_id, "payload": written.getvalue()}


def test_an_event_is_published_and_heard(client: PubSubClient):
    """The result has the key the publisher gave and the place on the bus; the org says when and by whom."""
    topic = client.call("GetTopic", topic_name=TOPIC)
    with client.subscribe(TOPIC) as stream:
        stream.answer()
        sent = message(client, "key-1", Number__c="A-1", Total__c=12.5, Urgent__c=True)
        answer = client.call("Publish", topic_name=TOPIC, events=[sent])
        heard = stream.answer()
        (event,) = [each for each in heard.events if each.event.id == "key-1"]
        record: Any = fastavro.schemaless_reader(io.BytesIO(event.event.payload), client.schema(event.event.schema_id))

    assert topic.can_publish
    assert (answer.results[0].correlation_key, answer.results[0].replay_id) == ("key-1", event.replay_id)
    assert {name: record[name] for name in FIELDS} == {"Number__c": "A-1", "Total__c": 12.5, "Urgent__c": True}
    assert record["CreatedById"] == client.org.users.integration
    assert record["CreatedDate"] > 1_700_000_000_000


def test_a_stream_of_events_is_answered_request_by_request(client: PubSubClient):
    """Batches are kept in order; a publisher that falls silent is let go."""
    with client.open("PublishStream", topic_name=TOPIC, events=[message(client, "s-1", Number__c="1")]) as stream:
        first = stream.answer()
        stream.ask(events=[message(client, "s-2", Number__c="2"), message(client, "s-3", Number__c="3")])
        second = stream.answer()
        ended = refusal_of(stream.answer)
    with client.subscribe(TOPIC, preset=CUSTOM, replay_id=first.results[0].replay_id) as stream:
        heard = [each.event.id for each in stream.answer().events]

    assert [each.correlation_key for each in second.results] == ["s-2", "s-3"]
    assert heard == ["s-2", "s-3"]
    assert ended[0] == "DEADLINE_EXCEEDED"


def test_what_is_no_event_is_refused_by_itself(client: PubSubClient):
    """One bad event of a batch does not keep the others out."""
    good = message(client, "good", Number__c="1")
    bad = good | {"id": "bad", "payload": good["payload"][:-3]}
    unknown = good | {"id": "unknown", "schema_id": "nothing"}
    answer = client.call("Publish", topic_name=TOPIC, events=[bad, good, unknown])

    assert [each.error.code for each in answer.results] == [1, 0, 1]
    assert [bool(each.replay_id) for each in answer.results] == [False, True, False]


def test_nobody_publishes_change_events(client: PubSubClient):
    """What the org did is told by the org alone."""
    refused = refusal_of(lambda: client.call("Publish", topic_name="/data/AccountChangeEvent", events=[]))

    assert refused[0] == "PERMISSION_DENIED"
    assert refusal_of(lambda: client.call("Publish", topic_name="/event/Nothing__e", events=[]))[0] == "NOT_FOUND"


def test_platform_events_are_heard_by_the_streaming_api_too(client: PubSubClient):
    """One bus, two ways to listen."""

    def say(channel: str, **rest: Any) -> list[dict[str, Any]]:
        return client.client.post("/cometd/64.0", json=[{"channel": channel, **rest}]).json()

    listener = say("/meta/handshake", version="1.0")[0]["clientId"]
    extra = {"ext": {"replay": {TOPIC: -2}}}
    say("/meta/subscribe", clientId=listener, subscription=TOPIC, **extra)
    client.call("Publish", topic_name=TOPIC, events=[message(client, "both", Number__c="B-1")])
    told = say("/meta/connect", clientId=listener, connectionType="long-polling")
    (heard,) = [each["data"] for each in told if each.get("data", {}).get("event", {}).get("EventUuid") == "both"]

    assert heard["payload"]["Number__c"] == "B-1"
    assert heard["payload"]["CreatedDate"].endswith("Z")


def test_events_are_defined_with_names_and_kinds_salesforce_knows(client: PubSubClient):
    """A slip is told at once, and what is defined can be looked up."""
    for name, fields in (("Order", {}), ("Order__e", {"Number": "string"}), ("Order__e", {"Number__c": "colour"})):
        answer = client.client.post("/demo/events", json={"platform_event": name, "fields": fields})
        assert answer.status_code == 400

    assert client.client.get("/demo/events").json()["platform_events"] == {"Order_Placed__e": FIELDS}
    with client.subscribe(TOPIC, preset=EARLIEST) as stream:
        assert stream.answer().events
