"""Managed subscriptions: the org remembers how far a client has come."""

from collections.abc import Iterator

import pytest
from pubsub_client import PubSubClient, Stream, number_of, pubsub_of, refusal_of

ACCOUNTS = "/data/AccountChangeEvent"


@pytest.fixture(scope="module")
def client() -> Iterator[PubSubClient]:
    """A client of an org with impatient streams."""
    with pubsub_of(pubsub={"keep_alive": 0.2}) as made:
        yield made


def make(client: PubSubClient, name: str, **metadata: object) -> str:
    """A managed subscription, made as an admin makes one."""
    known = {"topicName": ACCOUNTS, "label": name, "state": "RUN", "defaultReplay": "EARLIEST"}
    body = {"FullName": name, "Metadata": known | metadata}
    answer = client.client.post("tooling/sobjects/ManagedEventSubscription", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def commit(stream: Stream, replay_id: bytes, number: str = "1") -> object:
    """Commit a place and wait for the answer."""
    stream.ask(commit_replay_id_request={"commit_request_id": number, "replay_id": replay_id})
    while True:
        answer = stream.answer()
        if answer.commit_response.commit_request_id:
            return answer.commit_response


def test_a_client_goes_on_after_what_it_committed(client: PubSubClient):
    """It keeps no replay id of its own; what it committed is not told again, what it did not commit is."""
    make(client, "Goes_On")
    ids = [client.org.insert("Account", {"Name": f"Clinic {number}"}) for number in range(3)]
    with client.open("ManagedSubscribe", developer_name="Goes_On", num_requested=10) as stream:
        first = stream.take(3)
        done = commit(stream, first[-3].replay_id)
    with client.open("ManagedSubscribe", developer_name="Goes_On", num_requested=10) as stream:
        again = stream.take(2)

    assert (done.replay_id, done.error.code) == (first[-3].replay_id, 0)
    assert done.process_time > 1_700_000_000_000
    assert [each.header["recordIds"][0] for each in first[-3:]] == ids
    assert [each.header["recordIds"][0] for each in again] == ids[1:]


def test_it_is_known_by_its_id_too_and_found_by_the_tooling_api(client: PubSubClient):
    """Clients look its topic and state up before they subscribe."""
    made = make(client, "By_Id", defaultReplay="LATEST")
    query = "SELECT Id, DeveloperName, Metadata FROM ManagedEventSubscription WHERE DeveloperName='By_Id' LIMIT 1"
    found = client.client.get("tooling/query", params={"q": query}).json()
    none = client.client.get("tooling/query", params={"q": query.replace("By_Id", "Nobody")}).json()
    with client.open("ManagedSubscribe", subscription_id=made, num_requested=1) as stream:
        stream.answer()
        account = client.org.insert("Account", {"Name": "Now"})
        (event,) = stream.take(1)

    assert found["size"] == 1
    assert found["records"][0]["Id"] == made
    assert found["records"][0]["Metadata"]["topicName"] == ACCOUNTS
    assert found["records"][0]["Metadata"]["state"] == "RUN"
    assert (none["size"], none["records"]) == (0, [])
    assert event.header["recordIds"] == [account]


def test_a_place_nobody_was_at_is_not_committed(client: PubSubClient):
    """The stream goes on; the answer says what is wrong."""
    make(client, "Wrong_Place", defaultReplay="LATEST")
    with client.open("ManagedSubscribe", developer_name="Wrong_Place", num_requested=1) as stream:
        stream.answer()
        garbage, ahead = commit(stream, b"x"), commit(stream, b"\x00" + b"\xff" * 7, "2")
        account = client.org.insert("Account", {"Name": "Still here"})
        (event,) = stream.take(1)

    assert (garbage.error.code, ahead.error.code) == (2, 2)
    assert event.header["recordIds"] == [account]


def test_the_place_of_a_keep_alive_can_be_committed(client: PubSubClient):
    """A quiet topic moves on as well."""
    make(client, "Quiet", defaultReplay="LATEST")
    with client.open("ManagedSubscribe", developer_name="Quiet", num_requested=1) as stream:
        latest = stream.answer().latest_replay_id
        done = commit(stream, latest)

    assert done.error.code == 0
    assert number_of(done.replay_id) == number_of(latest)


def test_unknown_and_stopped_subscriptions_are_refused(client: PubSubClient):
    """A stopped one is no use until an admin lets it run."""
    make(client, "Stopped", state="STOP")
    for key in ("Nobody", "Stopped", ""):
        with client.open("ManagedSubscribe", developer_name=key, num_requested=1) as stream:
            assert refusal_of(stream.answer)[0] == "NOT_FOUND"


def test_an_admin_makes_channels_by_the_tooling_api(client: PubSubClient):
    """A channel, its members with the fields that enrich them, and the selection of the standard channel."""

    def tooling(kind: str, name: str, **metadata: object) -> int:
        body = {"FullName": name, "Metadata": metadata}
        return client.client.post(f"tooling/sobjects/{kind}", json=body).status_code

    enriched = {"enrichedFields": [{"name": "Industry"}]}
    made = [
        tooling("PlatformEventChannel", "Sync__chn", channelType="data", label="Sync"),
        tooling("PlatformEventChannelMember", "Sync_Account", eventChannel="Sync__chn",
                selectedEntity="AccountChangeEvent", **enriched),
        tooling("PlatformEventChannelMember", "Sync_Lead", eventChannel="Sync__chn", selectedEntity="LeadChangeEvent"),
        tooling("PlatformEventChannelMember", "No_Channel", eventChannel="None__chn",
                selectedEntity="AccountChangeEvent"),
        tooling("PlatformEventChannel", "Not a name", channelType="data"),
        tooling("ApexClass", "Nothing"),
    ]  # fmt: skip
    account = client.org.insert("Account", {"Name": "Clinic", "Industry": "Banking"})
    with client.subscribe("/data/Sync__chn") as stream:
        stream.answer()
        client.org.update("Account", account, {"Phone": "1"})
        (event,) = stream.take(1)

    assert made == [201, 201, 400, 400, 400, 404]
    assert (event.body["Phone"], event.body["Industry"]) == ("1", "Banking")
    assert "Industry" not in event.header["changedFields"]
