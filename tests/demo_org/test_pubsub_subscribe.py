"""Subscriptions over gRPC: which events arrive, how many at a time, and from where on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from pubsub_client import ALL, CUSTOM, EARLIEST, PubSubClient, number_of, pubsub_of
from wire_client import WireClient

from demo_org.clock import Clock
from demo_org.pubsub import PubSubSettings
from demo_org.store import Org
from demo_org.wire import WireSettings, running


@pytest.fixture(scope="module")
def shared() -> Iterator[PubSubClient]:
    """A client of an org that the tests of this file share; keep-alives come soon."""
    with pubsub_of(pubsub={"keep_alive": 0.2}) as client:
        yield client


@pytest.fixture
def client(shared: PubSubClient) -> PubSubClient:
    """The shared client with the first selection."""
    shared.org.catalog.show_field("Account", "Phone")
    return shared


def insert(client: PubSubClient, number: int) -> list[str]:
    """Some accounts, each in a transaction of its own."""
    return [client.org.insert("Account", {"Name": f"Clinic {each}"}) for each in range(number)]


def test_a_change_over_rest_arrives_with_the_name_of_its_writer(client: PubSubClient):
    """An app that writes and listens leaves out what it wrote itself."""
    with client.subscribe() as stream:
        stream.answer()  # the first keep-alive: the subscription stands
        made = client.client.post(
            "sobjects/Account", json={"Name": "Clinic"}, headers={"Sforce-Call-Options": "client=baton"}
        )
        (event,) = stream.take(1)

    assert event.header["recordIds"] == [made.json()["id"]]
    assert event.header["changeOrigin"] == "com/salesforce/api/rest/64.0;client=baton"
    assert event.header["commitUser"] == client.org.users.integration
    assert event.body["Name"] == "Clinic"


def test_records_of_a_bulk_job_are_told_as_such(client: PubSubClient):
    """The origin names the Bulk API and the client that closed the job; each record is an event."""
    with client.subscribe("/data/ContactChangeEvent") as stream:
        stream.answer()
        http = client.client
        job = http.post("jobs/ingest", json={"object": "Contact", "operation": "insert", "contentType": "CSV"}).json()
        file = {"content": b"LastName\nBerg\nBach\n", "headers": {"Content-Type": "text/csv"}}
        http.put(f"jobs/ingest/{job['id']}/batches", **file).raise_for_status()
        named = {"Sforce-Call-Options": "client=loader"}
        http.patch(f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"}, headers=named).raise_for_status()
        events = stream.take(2)

    assert [each.body["Name"]["LastName"] for each in events] == ["Berg", "Bach"]
    assert {each.header["changeOrigin"] for each in events} == {"com/salesforce/api/bulkapi/64.0;client=loader"}
    assert {each.header["commitUser"] for each in events} == {client.org.users.integration}


def test_latest_begins_with_what_comes_next(client: PubSubClient):
    """Nobody is surprised by three days of changes, nor keeps what came before without asking."""
    insert(client, 2)
    with client.subscribe() as stream:
        stream.answer()
        (account,) = insert(client, 1)
        (event,) = stream.take(1)

    assert event.header["recordIds"] == [account]


def test_earliest_begins_with_the_oldest_event_there_is(client: PubSubClient):
    """A new consumer sees all that is kept, in order."""
    ids = insert(client, 3)
    found = client.everything()

    assert [each.header["recordIds"][0] for each in found[-3:]] == ids
    assert [number_of(each.replay_id) for each in found] == sorted({number_of(each.replay_id) for each in found})


@pytest.mark.parametrize("length", [8, 10])
def test_custom_goes_on_after_the_event_that_was_seen_last(client: PubSubClient, length: int):
    """Nothing is lost or repeated over a reconnection; clients that keep the number alone are understood."""
    insert(client, 1)
    seen = client.everything()[-1]
    ids = insert(client, 2)
    with client.subscribe(preset=CUSTOM, replay_id=seen.replay_id[:length]) as stream:
        events = stream.take(3)

    assert [each.header["recordIds"][0] for each in events[1:]] == ids


def test_a_client_gets_no_more_than_it_asked_for(client: PubSubClient):
    """Flow control: three are asked for and come, with the count going down to 0; two more come when asked for."""
    ids = insert(client, 6)
    start = client.everything()[-7]
    with client.subscribe(number=3, preset=CUSTOM, replay_id=start.replay_id) as stream:
        answers = [stream.answer()]
        while answers[-1].pending_num_requested:
            answers.append(stream.answer())
        stream.ask(num_requested=2)
        later = stream.take(2)

    assert sum(len(each.events) for each in answers) == 3
    assert [each.header["recordIds"][0] for each in later] == ids[3:5]


def test_a_hundred_are_owed_at_most(client: PubSubClient):
    """Asking for more is taken as asking for a hundred, however it is spread over requests."""
    with client.subscribe(number=90) as stream:
        stream.ask(num_requested=1000)
        pending = {stream.answer().pending_num_requested for _ in range(2)}

    assert pending <= {90, 100}
    assert 100 in pending


def test_a_keep_alive_carries_a_position_that_moves_on(client: PubSubClient):
    """A client that keeps it never comes back to a position that is too old."""
    with client.subscribe() as stream:
        first, second = stream.answer(), stream.answer()
    assert (len(first.events), first.pending_num_requested) == (0, 100)
    assert number_of(second.latest_replay_id) > number_of(first.latest_replay_id)

    (account,) = insert(client, 1)
    with client.subscribe(preset=CUSTOM, replay_id=second.latest_replay_id) as stream:
        (event,) = stream.take(1)

    assert event.header["recordIds"] == [account]


def test_a_topic_tells_of_its_own_object(client: PubSubClient):
    """Who wants contacts is not told of accounts."""
    with client.subscribe("/data/ContactChangeEvent") as stream:
        stream.answer()
        account = insert(client, 1)[0]
        client.org.insert("Contact", {"FirstName": "Ada", "LastName": "Berg", "AccountId": account})
        (event,) = stream.take(1)

    assert event.told == ("CREATE", "Contact", 1)
    assert {part: name for part, name in event.body["Name"].items() if name} == {
        "FirstName": "Ada", "LastName": "Berg",
    }  # fmt: skip


def test_several_subscribers_hear_the_same_in_the_same_order(client: PubSubClient):
    """Each stream has its own position; none waits for another."""
    streams = [client.subscribe(preset=EARLIEST) for _ in range(4)]
    expected = [each.id for each in client.everything()]
    heard: list[list[str]] = [[] for _ in streams]

    def hear(number: int) -> None:
        stream = streams[number]
        while len(heard[number]) < len(expected):
            for each in stream.take(1):
                heard[number].append(each.id)
            stream.ask(num_requested=10)

    threads = [threading.Thread(target=hear, args=(number,)) for number in range(len(streams))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    for stream in streams:
        stream.end()
        stream.call.cancel()

    assert all(each[: len(expected)] == expected for each in heard)


def test_nothing_is_lost_while_many_write_at_the_same_time(tmp_path: Path):
    """A position is shown only when what it stands for can be read: each change arrives once, in order."""
    with started(tmp_path / "org.db", Clock()) as client, client.subscribe(preset=EARLIEST) as stream:

        def write(name: str) -> None:
            for number in range(25):
                client.org.insert("Account", {"Name": f"{name} {number}"})

        writers = [threading.Thread(target=write, args=(name,)) for name in "ABCD"]
        for each in writers:
            each.start()
        events = stream.take(1)
        while len(events) < 100:
            events += stream.take(1)
            stream.ask(num_requested=10)
        for each in writers:
            each.join()

    names = [each.body["Name"] for each in events]
    assert sorted(names) == sorted(f"{name} {number}" for name in "ABCD" for number in range(25))
    assert [number_of(each.replay_id) for each in events] == sorted(number_of(each.replay_id) for each in events)


def test_a_hidden_field_leaves_the_events_at_once(client: PubSubClient):
    """Field-level security is looked at when an event is delivered."""
    with client.subscribe() as stream:
        stream.answer()
        client.org.catalog.hide_field("Account", "Phone")
        client.org.insert("Account", {"Name": "Clinic"})
        created = stream.take(1)[0]
        account = created.header["recordIds"][0]
        client.org.catalog.show_field("Account", "Phone")
        client.org.update("Account", account, {"Phone": "1"})
        shown = stream.take(1)[0]

    assert shown.body["Phone"] == "1"


def test_a_schema_is_asked_for_by_the_id_of_an_event(client: PubSubClient):
    """Topic, event and schema agree; the schema of a channel with several objects is only the header."""
    insert(client, 1)
    event = client.everything()[-1]
    topic = client.call("GetTopic", topic_name="/data/AccountChangeEvent")
    mixed = client.call("GetTopic", topic_name=ALL)

    assert event.schema_id == topic.schema_id
    assert (topic.can_subscribe, topic.can_publish) == (True, False)
    assert client.schema(topic.schema_id)["name"] == "com.sforce.eventbus.AccountChangeEvent"
    assert [each["name"] for each in client.schema(mixed.schema_id)["fields"]] == ["ChangeEventHeader"]


def test_schemas_are_given_over_rest_too(client: PubSubClient):
    """The describe of a change event says where its schema is."""
    topic = client.call("GetTopic", topic_name="/data/AccountChangeEvent")
    url = next(
        each["urls"]["eventSchema"]
        for each in client.client.get("sobjects").json()["sobjects"]
        if each["name"] == "AccountChangeEvent"
    )
    by_name = client.client.get(url, params={"payloadFormat": "COMPACT"}).json()
    by_id = client.client.get(f"event/eventSchema/{topic.schema_id}").json()

    assert by_name["uuid"] == topic.schema_id
    assert by_name["name"] == "AccountChangeEvent"
    assert by_id["type"] == "expanded-record"
    assert client.client.get("sobjects/NopeChangeEvent/eventSchema").status_code == 404
    assert client.client.get("event/eventSchema/nope").status_code == 404


def test_a_stream_ends_when_the_client_has_enough(client: PubSubClient):
    """Who sends no more and got everything is let go without an error."""
    insert(client, 1)
    with client.subscribe(number=1, preset=EARLIEST) as stream:
        stream.end()
        stream.take(1)
        rest = list(stream.call)

        assert rest == []
        assert stream.call.code() is grpc.StatusCode.OK


def test_the_service_answers_over_tls():
    """Clients of Salesforce connect with TLS; the demo org's authority is all they need to trust."""
    with pubsub_of(encrypted=True) as client:
        insert(client, 1)

        assert [each.told for each in client.everything()] == [("CREATE", "Account", 1)]


def test_a_consumer_goes_on_where_it_was_after_a_restart(tmp_path: Path):
    """Events, positions and schemas are in the org's file."""
    clock = Clock(frozen_at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    with started(tmp_path / "org.db", clock) as client:
        insert(client, 2)
        seen = client.everything()[0]
    clock.move(by=timedelta(hours=1))
    with started(tmp_path / "org.db", clock) as client:
        client.org.insert("Account", {"Name": "After"})
        with client.subscribe(preset=CUSTOM, replay_id=seen.replay_id) as stream:
            events = stream.take(3)

    assert [each.body["Name"] for each in events] == ["Clinic 1", "The last one", "After"]


@contextmanager
def started(file: Path, clock: Clock) -> Iterator[PubSubClient]:
    """A client of the org in a file, which ends with the block."""
    with (
        Org.open(file, clock=clock) as org,
        running(org, settings=WireSettings(), pubsub=PubSubSettings(plain_port=0)) as served,
        WireClient(org, served) as http,
    ):
        http.log_in()
        client = PubSubClient(http)
        yield client
        client.channel.close()
