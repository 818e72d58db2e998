"""aiosfpubsub, which programs in Python use for the Pub/Sub API: its own messages, Apache's own Avro."""

from collections.abc import Iterator

import pytest
from client import Client
from org_process import DemoOrg


@pytest.fixture(scope="module")
def org() -> Iterator[DemoOrg]:
    """A demo org with the story that answers the Pub/Sub API, and the SOAP login of version 57."""
    started = DemoOrg("--seed", "7", "--oldest-version", "31", "--pubsub-port", "0")
    started.act("POST", "sobjects/Account", {"Name": "Before"})
    yield started
    started.close()


def test_it_hears_a_deal_being_won(client: Client):
    """It logs in by SOAP, trusts the org's authority, asks for a topic and a schema, and decodes what it hears."""
    found = client.script("listening.py")
    account, created, won = found["heard"][0], *(each for each in found["heard"] if each.get("StageName"))

    assert account["Name"] == "Before"
    assert (created["Name"], created["Amount"], created["CloseDate"]) == ("Now", 1200.5, 1_782_777_600_000)
    assert created["ChangeEventHeader"]["recordIds"] == won["ChangeEventHeader"]["recordIds"] == found["deal"]
    assert (won["StageName"], won["IsWon"], won["Amount"]) == ("Closed Won", True, None)
    assert won["ChangeEventHeader"]["changeType"] == "UPDATE"
    assert won["ChangeEventHeader"]["commitUser"].startswith("005")
    assert all(len(each["replay"]) == 20 for each in found["heard"])
