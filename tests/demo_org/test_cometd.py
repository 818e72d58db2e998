"""The Streaming API: change events over long polling, message by message."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wire_client import WireClient, client_of

from demo_org.clock import Clock

ACCOUNTS = "/data/AccountChangeEvent"


class Bayeux:
    """A client of the Streaming API, as thin as can be."""

    def __init__(self, client: WireClient, version: str = "64.0") -> None:
        self.client = client
        self.url = f"/cometd/{version}"
        self.id = self.say("/meta/handshake", version="1.0", supportedConnectionTypes=["long-polling"])[0]["clientId"]
        self.connect()

    def say(self, channel: str, **rest: Any) -> list[dict[str, Any]]:
        """Send one message and return the answers."""
        known = {"clientId": self.id} if hasattr(self, "id") else {}
        return self.client.post(self.url, json=[{"channel": channel, "id": "1", **known, **rest}]).json()

    def subscribe(self, channel: str = ACCOUNTS, replay: int | None = None) -> dict[str, Any]:
        """Subscribe, from a replay id on if one is given."""
        extra = {} if replay is None else {"ext": {"replay": {channel: replay}}}
        return self.say("/meta/subscribe", subscription=channel, **extra)[0]

    def connect(self, **rest: Any) -> list[dict[str, Any]]:
        """Wait for events; the events alone."""
        return [each for each in self.say("/meta/connect", connectionType="long-polling", **rest) if "data" in each]


@pytest.fixture(scope="module")
def client() -> Iterator[WireClient]:
    """A client of an org that lets nobody wait for long."""
    with client_of(streaming_seconds=0.5) as made:
        yield made


def test_a_handshake_tells_what_is_spoken(client: WireClient):
    """Clients look for long polling and for the replay extension."""
    (answer,) = client.post("/cometd/64.0", json=[{"channel": "/meta/handshake", "version": "1.0", "id": "7"}]).json()

    assert answer["successful"] is True
    assert answer["supportedConnectionTypes"] == ["long-polling"]
    assert (answer["ext"]["replay"], answer["id"], answer["channel"]) == (True, "7", "/meta/handshake")


def test_a_change_is_told_as_text(client: WireClient):
    """Names instead of bitmaps, instants as text, only what has a value."""
    bayeux = Bayeux(client)
    subscribed = bayeux.subscribe()
    account = client.make("Account", Name="Clinic", NumberOfEmployees=3)
    client.patch(f"sobjects/Account/{account}", json={"NumberOfEmployees": None, "Industry": "Banking"})
    created, updated = (each["data"] for each in bayeux.connect())

    assert subscribed == {
        "channel": "/meta/subscribe", "id": "1", "clientId": bayeux.id, "subscription": ACCOUNTS, "successful": True,
    }  # fmt: skip
    header = updated["payload"]["ChangeEventHeader"]
    assert header["recordIds"] == [account]
    assert set(header["changedFields"]) == {"NumberOfEmployees", "Industry", "LastModifiedDate"}
    assert header["nulledFields"] == ["NumberOfEmployees"]
    assert updated["payload"]["Industry"] == "Banking"
    assert created["payload"]["CreatedDate"].endswith("Z")
    assert "Industry" not in created["payload"]
    assert updated["event"]["replayId"] > created["event"]["replayId"]
    assert len(updated["event"]["EventUuid"]) == 36


def test_a_connect_is_held_until_there_is_something_to_say(client: WireClient):
    """A client that waits hears at once of what happens, and costs no request meanwhile."""
    bayeux = Bayeux(client)
    bayeux.subscribe()
    heard: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: heard.extend(bayeux.connect()))
    waiting.start()
    time.sleep(0.1)
    assert heard == []
    client.org.insert("Account", {"Name": "Now"})
    waiting.join(10)

    assert [each["data"]["payload"]["Name"] for each in heard] == ["Now"]


def test_a_connect_without_events_ends_and_says_how_to_go_on(client: WireClient):
    """The client connects again at once; another object's changes do not end its waiting."""
    bayeux = Bayeux(client)
    bayeux.subscribe()
    began = time.monotonic()
    threading.Timer(0.1, lambda: client.org.insert("Contact", {"LastName": "Berg"})).start()
    (answer,) = bayeux.say("/meta/connect", connectionType="long-polling")

    assert time.monotonic() - began >= 0.5
    assert answer["advice"] == {"interval": 0, "timeout": 500, "reconnect": "retry"}
    assert answer["successful"] is True


def test_events_are_replayed(client: WireClient):
    """All that is kept, or what came after an event; a position nobody was given is refused in Salesforce's words."""
    first, second = (client.org.insert("Account", {"Name": name}) for name in ("First", "Second"))
    everything = Bayeux(client)
    everything.subscribe(replay=-2)
    events = everything.connect()
    ids = [each["data"]["payload"]["ChangeEventHeader"]["recordIds"][0] for each in events]
    later = Bayeux(client)
    later.subscribe(replay=events[ids.index(first)]["data"]["event"]["replayId"])
    refused = later.subscribe(replay=999_999_999)

    assert ids[-2:] == [first, second]
    heard = [each["data"]["payload"]["ChangeEventHeader"]["recordIds"][0] for each in later.connect()]
    assert heard == [second]
    assert refused["successful"] is False
    assert refused["error"].startswith("400::The replayId {999999999} you provided was invalid.")


def test_who_is_not_logged_in_or_not_known_is_told_so(client: WireClient):
    """The advice says whether to shake hands again."""
    bayeux = Bayeux(client)
    stranger = client.post(
        "/cometd/64.0", json=[{"channel": "/meta/connect", "clientId": "nobody", "connectionType": "long-polling"}]
    ).json()
    token = client.headers.pop("Authorization")
    (handshake,) = client.post("/cometd/64.0", json=[{"channel": "/meta/handshake", "version": "1.0"}]).json()
    (connect,) = bayeux.say("/meta/connect", connectionType="long-polling")
    client.headers["Authorization"] = token

    assert (stranger[0]["error"], stranger[0]["advice"]["reconnect"]) == ("403::Unknown client", "handshake")
    assert (handshake["error"], handshake["advice"]) == ("401::Authentication invalid", {"reconnect": "none"})
    assert (connect["error"], connect["advice"]["reconnect"]) == ("401::Authentication invalid", "handshake")


def test_channels_come_and_go(client: WireClient):
    """An unknown channel is refused; what a client no longer listens to it does not hear; who leaves is forgotten."""
    bayeux = Bayeux(client)
    unknown = bayeux.subscribe("/data/NothingChangeEvent")
    bayeux.subscribe()
    bayeux.subscribe("/data/ChangeEvents")
    bayeux.say("/meta/unsubscribe", subscription=ACCOUNTS)
    client.org.insert("Account", {"Name": "Heard once"})
    heard = bayeux.connect()
    published = bayeux.say("/data/AccountChangeEvent", data={})[0]
    left = bayeux.say("/meta/disconnect")[0]

    assert (unknown["successful"], unknown["error"][:5]) == (False, "400::")
    assert [each["channel"] for each in heard] == ["/data/ChangeEvents"]
    assert (published["successful"], left["successful"]) == (False, True)
    assert bayeux.say("/meta/connect", connectionType="long-polling")[0]["error"] == "403::Unknown client"


def test_old_versions_have_no_uuid():
    """Events have had one since version 49."""
    with client_of(oldest_version=31, streaming_seconds=0.2) as client:
        bayeux = Bayeux(client, "48.0")
        bayeux.subscribe()
        client.org.insert("Account", {"Name": "Clinic"})
        (event,) = bayeux.connect()

    assert list(event["data"]["event"]) == ["replayId"]


def test_deliveries_are_limited_over_both_apis():
    """The allowance is the org's, whoever listens."""
    with client_of(
        Clock(frozen_at=datetime(2026, 3, 2, tzinfo=UTC)), daily_deliveries=1, streaming_seconds=0.2
    ) as client:
        bayeux = Bayeux(client)
        bayeux.subscribe()
        for name in ("One", "Two"):
            client.org.insert("Account", {"Name": name})
        answers = bayeux.say("/meta/connect", connectionType="long-polling")
        client.org.clock.move(by=timedelta(minutes=1))

    assert [each.get("error") for each in answers] == ["403::Organization total events daily limit exceeded"]


@pytest.mark.parametrize("body", [b"", b"[]", b"[1]", b"{", b'{"channel": 1}', b'[{"clientId": {}}]', b"[[]]"])
def test_nothing_upsets_it(client: WireClient, body: bytes):
    """Whatever is sent, an answer comes."""
    answer = client.post("/cometd/64.0", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {200, 400}
    assert "UNKNOWN_EXCEPTION" not in answer.text
