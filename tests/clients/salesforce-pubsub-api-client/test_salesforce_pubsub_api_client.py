"""salesforce-pubsub-api-client, which programs for Node use for the Pub/Sub API: change events over gRPC."""

from collections.abc import Iterator

import pytest
from client import Client
from org_process import DemoOrg


@pytest.fixture(scope="module")
def org() -> Iterator[DemoOrg]:
    """A demo org with the story that answers the Pub/Sub API."""
    started = DemoOrg("--seed", "7", "--pubsub-port", "0")
    for name in ("Long before", "Before"):
        started.act("POST", "sobjects/Account", {"Name": name})
    yield started
    started.close()


@pytest.fixture(scope="module")
def heard(client: Client) -> dict:
    """What listening.mjs heard."""
    return client.script("listening.mjs")


def test_it_hears_what_happened_before_and_what_happens_now(client: Client, heard: dict):
    """From the oldest event on, in order, with the changes of another program as they are made."""
    told = [
        (each["payload"]["ChangeEventHeader"]["changeType"], each["payload"]["ChangeEventHeader"]["entityName"])
        for each in heard["events"]
    ]

    assert told[:6] == [
        ("CREATE", "Account"),
        ("CREATE", "Account"),
        ("CREATE", "Account"),
        ("UPDATE", "Account"),
        ("CREATE", "Contact"),
        ("DELETE", "Account"),
    ]
    assert [each["payload"]["Name"] for each in heard["events"][:3]] == ["Long before", "Before", "Now"]
    assert [each["replayId"] for each in heard["events"]] == sorted({each["replayId"] for each in heard["events"]})


def test_it_reads_bodies_and_lists_of_fields(client: Client, heard: dict):
    """Its decoder of Avro and of bitmaps, which knows the real service, understands ours."""
    created, updated, person, deleted = (each["payload"] for each in heard["events"][2:6])
    header = updated["ChangeEventHeader"]

    assert header["recordIds"] == [heard["account"]]
    assert header["changeOrigin"] == "com/salesforce/api/rest/64.0;client=elsewhere"
    assert set(header["changedFields"]) == {
        "Industry", "LastModifiedDate", "BillingAddress.Street", "BillingAddress.City",
    }  # fmt: skip
    # A nested list without a top-level one is passed over by this client, whose authors know of it.
    assert header["nulledFields"] == []
    assert (updated["Industry"], updated["BillingAddress"]["Street"], updated["NumberOfEmployees"]) == (
        "Banking", "Lane 1", None,
    )  # fmt: skip
    assert (created["NumberOfEmployees"], created["BillingAddress"]["City"]) == (12, "Bern")
    assert created["CreatedDate"] % 1000 == 0
    assert (person["Name"]["FirstName"], person["Name"]["LastName"]) == ("Ada", "Berg")
    assert person["Birthdate"] == 320_630_400_000
    assert deleted["Name"] is None


def test_it_goes_on_where_it_was(client: Client, heard: dict):
    """After it was away it hears what happened meanwhile, and nothing twice."""
    before = {each["id"] for each in heard["events"]}

    assert "Meanwhile" in [each["payload"]["Name"] for each in heard["later"]]
    assert [each["id"] for each in heard["later"] if each["id"] in before] == []


def test_it_gets_as_many_as_it_asks_for_and_is_told_what_is_wrong(client: Client):
    """Two events, then one more; a position nobody was given and a topic that is not there, with Salesforce's codes."""
    found = client.script("limits.mjs")

    assert found["asked"] == ["event", "event", "lastEvent", "event", "lastEvent"]
    assert found["never"] == [3, "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted", True]
    assert found["unknown"][0] == 5


def test_the_org_remembers_its_place(client: Client):
    """By a managed subscription it goes on after what it committed."""
    assert client.script("managed.mjs") == {"first": ["First", "Second"], "again": ["Second"]}


def test_it_publishes_what_others_hear(client: Client):
    """One event and a batch, by the schema it asked for, come back by the places it was told."""
    client.org.control("events", {"platform_event": "Order_Placed__e",
                                  "fields": {"Number__c": "string", "Total__c": "double"}})  # fmt: skip
    found = client.script("publishing.mjs")

    assert found["keys"] == ["key-one", 2]
    assert found["heard"] == [
        [place, name, 12.5] for place, name in zip(found["places"], ("One", "Two", "Three"), strict=True)
    ]
