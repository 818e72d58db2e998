"""Stitch's tap for Salesforce, as a pipeline of Singer runs it: discover, sync by REST and by Bulk, and sync again."""

import copy
import json
from collections import Counter
from typing import Any

import pytest
from client import Client

STREAMS = ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Task")


def configured(client: Client, api: str) -> str:
    """The name of the file with its settings, which it rewrites itself."""
    told = {name: client.org.facts[name] for name in ("client_id", "client_secret", "refresh_token")}
    told |= {"start_date": "2020-01-01T00:00:00Z", "api_type": api, "select_fields_by_default": "true"}
    path = client.home / "config.json"
    path.write_text(json.dumps(told | {"is_sandbox": False}), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def discovered(client: Client) -> dict[str, dict[str, Any]]:
    """The streams of the catalogue it makes, by name."""
    said = client.run("tap-salesforce", "--config", configured(client, "REST"), "--discover").stdout
    return {stream["tap_stream_id"]: stream for stream in json.loads(said)["streams"]}


def catalogue(client: Client, discovered: dict[str, dict[str, Any]], chosen: tuple[str, ...]) -> str:
    """The name of a catalogue in which some streams are chosen, to be continued by their modstamp."""
    streams = copy.deepcopy(list(discovered.values()))
    for stream in streams:
        (own,) = (entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
        if stream["tap_stream_id"] in chosen:
            own |= {"selected": True, "replication-method": "INCREMENTAL", "replication-key": "SystemModstamp"}
    path = client.home / "catalogue.json"
    path.write_text(json.dumps({"streams": streams}), encoding="utf-8")
    return str(path)


def synced(client: Client, api: str, *arguments: str) -> list[dict[str, Any]]:
    """What a sync says, line by line."""
    said = client.run("tap-salesforce", "--config", configured(client, api), *arguments, within=600).stdout
    return [json.loads(line) for line in said.splitlines()]


def records(said: list[dict[str, Any]]) -> dict[str, dict[str, dict[str, Any]]]:
    """The records of a sync by stream and id; each must come once."""
    rows = [(each["stream"], each["record"]) for each in said if each["type"] == "RECORD"]
    assert max(Counter((stream, row["Id"]) for stream, row in rows).values()) == 1
    return {name: {row["Id"]: row for stream, row in rows if stream == name} for name in STREAMS}


def assert_holds_the_truth(client: Client, read: dict[str, dict[str, dict[str, Any]]], chosen: tuple[str, ...]) -> None:
    """Every record of the chosen objects, with its values."""
    assert {name: set(read[name]) for name in chosen} == {name: set(client.org.truth(name)) for name in chosen}
    assert {key: (row["Name"], row["Amount"], row["IsWon"]) for key, row in read["Opportunity"].items()} == {
        key: (row["Name"], row["Amount"], row["IsWon"]) for key, row in client.org.truth("Opportunity").items()
    }
    assert {key: row["Description"] for key, row in read["Task"].items()} == {
        key: row["Description"] for key, row in client.org.truth("Task").items()
    }


def test_every_object_is_discovered_with_its_fields(client: Client, discovered: dict[str, dict[str, Any]]):
    """What the describes say becomes a catalogue of streams."""
    properties = discovered["Opportunity"]["schema"]["properties"]

    assert set(STREAMS) <= set(discovered)
    assert properties["Amount"] == {"type": ["null", "number"]}
    assert properties["CloseDate"]["anyOf"][0] == {"type": "string", "format": "date-time"}
    assert {"Name", "StageName", "IsWon", "SystemModstamp"} <= set(properties)


def test_rest_reads_five_streams_whole_and_later_what_is_new(client: Client, discovered: dict[str, dict[str, Any]]):
    """Each record once; with the state of the first sync, the second brings the change, the new and the deleted."""
    chosen = catalogue(client, discovered, STREAMS)
    first = synced(client, "REST", "--properties", chosen)
    assert_holds_the_truth(client, records(first), STREAMS)
    state = client.home / "state.json"
    state.write_text(json.dumps([each["value"] for each in first if each["type"] == "STATE"][-1]), encoding="utf-8")
    changed, gone, *_ = sorted(client.org.truth("Opportunity"))
    made = client.org.act("POST", "sobjects/Account", {"Name": "New"})["id"]
    client.org.act("PATCH", f"sobjects/Opportunity/{changed}", {"NextStep": "Call again"})
    client.org.act("DELETE", f"sobjects/Opportunity/{gone}")

    second = records(synced(client, "REST", "--properties", chosen, "--state", str(state)))
    deals = second["Opportunity"]

    assert (deals[changed]["NextStep"], deals[gone]["IsDeleted"]) == ("Call again", True)
    assert made in second["Account"]
    assert max(len(second[name]) for name in ("Opportunity", "Account", "Contact")) < 10


def test_bulk_reads_streams_whole(client: Client, discovered: dict[str, dict[str, Any]]):
    """The same by Bulk API 1.0, in batches of CSV; two streams, for it waits 20 s for each."""
    chosen = ("Opportunity", "Task")
    read = records(synced(client, "BULK", "--properties", catalogue(client, discovered, chosen)))

    assert_holds_the_truth(client, {name: alive(rows) for name, rows in read.items()}, chosen)


def alive(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The records that are not in the recycle bin."""
    return {key: row for key, row in rows.items() if not row.get("IsDeleted")}
