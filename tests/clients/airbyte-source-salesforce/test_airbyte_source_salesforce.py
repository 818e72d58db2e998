"""Airbyte's source for Salesforce, run as its platform runs it: spec, check, discover, read, and read what is new."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from client import Client

STREAMS = ("Account", "Contact", "Opportunity", "OpportunityLineItem", "Task")


@pytest.fixture(scope="module")
def configuration(client: Client) -> str:
    """The file with what its user types into the form."""
    facts = client.org.facts
    told = {name: facts[name] for name in ("client_id", "client_secret", "refresh_token")}
    told |= {"auth_type": "Client", "is_sandbox": False}
    # With its default of 30 days it would ask for each month since then by a job of its own.
    told |= {"start_date": "2020-01-01T00:00:00Z", "stream_slice_step": "P3650D"}
    return written(client.home / "config.json", told)


def written(path: Path, content: Any) -> str:
    """The name of a file with some JSON."""
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def messages(client: Client, command: str, *arguments: str) -> list[dict[str, Any]]:
    """What a command of the source says, line by line."""
    said = client.run("source-salesforce", command, *arguments, DEPLOYMENT_MODE="oss").stdout
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def one(said: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The only message of a kind."""
    (found,) = [each for each in said if each["type"] == kind]
    return found


@pytest.fixture(scope="module")
def streams(client: Client, configuration: str) -> dict[str, dict[str, Any]]:
    """The streams it discovers, by name."""
    catalog = one(messages(client, "discover", "--config", configuration), "CATALOG")["catalog"]
    return {stream["name"]: stream for stream in catalog["streams"]}


@pytest.fixture(scope="module")
def catalog(client: Client, streams: dict[str, dict[str, Any]]) -> str:
    """The file that says which streams are read, and that later reads continue the first."""
    chosen = [
        {
            "stream": streams[name],
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
            "cursor_field": ["SystemModstamp"],
        }
        for name in STREAMS
    ]
    return written(client.home / "catalog.json", {"streams": chosen})


@pytest.fixture(scope="module")
def first(client: Client, configuration: str, catalog: str) -> list[dict[str, Any]]:
    """What the first read says."""
    return messages(client, "read", "--config", configuration, "--catalog", catalog)


def records(said: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The records of a read, by stream."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in STREAMS}
    for each in said:
        if each["type"] == "RECORD":
            found[each["record"]["stream"]].append(each["record"]["data"])
    return found


def test_the_source_accepts_the_org(client: Client, configuration: str):
    """Its form is printed, and its check of what was typed in succeeds."""
    form = one(messages(client, "spec"), "SPEC")["spec"]["connectionSpecification"]
    checked = one(messages(client, "check", "--config", configuration), "CONNECTION_STATUS")

    assert {"client_id", "client_secret", "refresh_token"} <= set(form["required"])
    assert checked["connectionStatus"]["status"] == "SUCCEEDED"


def test_a_wrong_secret_fails_the_check(client: Client, configuration: str):
    """The user is told that the login is wrong, and not that something is broken."""
    told = json.loads(Path(configuration).read_text(encoding="utf-8")) | {"client_secret": "wrong"}
    said = client.run("source-salesforce", "check", "--config", written(client.home / "wrong.json", told))

    assert '"status":"FAILED"' in said.stdout
    assert "invalid client credentials" in said.stdout


def test_every_object_is_discovered_with_its_fields(client: Client, streams: dict[str, dict[str, Any]]):
    """What the describes say becomes a schema."""
    properties = streams["Opportunity"]["json_schema"]["properties"]
    stored = next(iter(client.org.truth("Opportunity").values()))

    assert set(STREAMS) <= set(streams)
    assert properties["Amount"]["type"] == ["number", "null"]
    assert properties["IsWon"]["type"] == ["boolean", "null"]
    assert set(properties) - set(stored) <= {
        "FiscalQuarter",
        "FiscalYear",
        "Fiscal",
        "HasOpenActivity",
        "HasOverdueTask",
    }
    assert "incremental" in streams["Opportunity"]["supported_sync_modes"]
    assert streams["Opportunity"]["source_defined_primary_key"] == [["Id"]]


def test_five_streams_are_read_whole(client: Client, first: list[dict[str, Any]]):
    """Each record once, with the values that the org holds, whether by REST or by Bulk."""
    read = records(first)

    assert {name: Counter(row["Id"] for row in rows) for name, rows in read.items()} == {
        name: Counter(list(client.org.truth(name))) for name in STREAMS
    }
    assert {
        row["Id"]: (row["Name"], row.get("Amount"), row["CloseDate"], row["IsWon"]) for row in read["Opportunity"]
    } == {
        key: (row["Name"], row["Amount"], row["CloseDate"], row["IsWon"])
        for key, row in client.org.truth("Opportunity").items()
    }
    assert {row["Id"]: row.get("Description") for row in read["Task"]} == {
        key: row["Description"] for key, row in client.org.truth("Task").items()
    }


def test_a_second_read_brings_only_what_is_new(
    client: Client, configuration: str, catalog: str, first: list[dict[str, Any]]
):
    """With the state of the first, the second finds the change, the new record, and what was deleted."""
    state = [each["state"] for each in first if each["type"] == "STATE"]
    latest = {each["stream"]["stream_descriptor"]["name"]: each for each in state}
    changed, gone, *_ = sorted(client.org.truth("Opportunity"))
    tasks = {key for key, task in client.org.truth("Task").items() if task["WhatId"] == gone}
    account = client.org.act("POST", "sobjects/Account", {"Name": "New"})["id"]
    client.org.act("PATCH", f"sobjects/Opportunity/{changed}", {"NextStep": "Call again"})
    client.org.act("DELETE", f"sobjects/Opportunity/{gone}")
    said = messages(
        client,
        *("read", "--config", configuration, "--catalog", catalog),
        *("--state", written(client.home / "state.json", list(latest.values()))),
    )
    read = records(said)
    found = {row["Id"]: row for row in read["Opportunity"]}

    assert set(latest) == set(STREAMS)
    assert found[changed]["NextStep"] == "Call again"
    assert found[gone]["IsDeleted"] is True
    assert account in {row["Id"] for row in read["Account"]}
    assert {row["Id"] for row in read["Task"] if row["IsDeleted"]} == tasks
    assert (len(found), len(read["Account"]), len(read["Contact"])) == (2, 1, 0)
