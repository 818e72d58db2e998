"""How fast the demo org is, so that the other benches measure Baton and not its imitation of Salesforce."""

import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from bench.figures import Figure
from bench.processes import BenchError, Process

SCALE = 45  # a million rows
_NAME = "demo_org"
_ROUNDS = 5
_PATIENCE = 300.0
_BASE = "/services/data/v64.0"
_PIPE_BYTES = 400_000_000
_DEAL = (
    "Id, Name, AccountId, StageName, Amount, Probability, CloseDate, Type, LeadSource, IsClosed, IsWon, OwnerId, "
    "CreatedDate, LastModifiedDate, SystemModstamp, NextStep, ForecastCategory, Description"
)
_TASK = (
    "Id, Subject, WhatId, WhoId, Status, Priority, ActivityDate, OwnerId, Description, IsClosed, CreatedDate, "
    "LastModifiedDate, SystemModstamp, TaskSubtype, CallType"
)
_PAGES = {
    "page of 2,000 deals by id": f"SELECT {_DEAL} FROM Opportunity WHERE Id > '{{middle}}' ORDER BY Id LIMIT 2000",
    "page of 2,000 tasks of won deals": (
        f"SELECT {_TASK} FROM Task WHERE WhatId IN (SELECT Id FROM Opportunity WHERE IsWon = true) "
        "AND Id > '00TDm0000000001' ORDER BY Id LIMIT 2000"
    ),
    "page of 2,000 tasks of a window": (
        f"SELECT {_TASK} FROM Task WHERE SystemModstamp >= 2020-01-01T00:00:00Z "
        "AND SystemModstamp < 2040-01-01T00:00:00Z AND Id > '00TDm0000000001' ORDER BY Id LIMIT 2000"
    ),
}


def run(*, scale: int = SCALE) -> list[Figure]:
    """Fill an org on disk, open it again, and read from it as a client in another process does."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        file = Path(folder) / "org.db"
        filled, _ = _start(file, scale, _measure_nothing)
        opened, (rows, pages, rates) = _start(file, scale, _measure)
    pipe = _pipe_rate()
    note = f"{rows:,} rows"
    limits = scale >= SCALE
    return [
        Figure(bench=_NAME, name="filled after", value=filled, unit="s", at_most=60 if limits else None, note=note),
        Figure(bench=_NAME, name="opened again after", value=opened, unit="s", at_most=5 if limits else None),
        *(
            Figure(bench=_NAME, name=name, value=1000 * each, unit="ms", at_most=50 if limits else None,
                   note=f"median of {_ROUNDS}, over HTTP")
            for name, each in pages.items()
        ),
        *(
            Figure(bench=_NAME, name=f"Bulk results of {name}", value=each, unit="MB/s", at_least=100,
                   note=f"{each / pipe:.2f} of a bare socket on this machine ({pipe:,.0f} MB/s)")
            for name, each in rates.items()
        ),
    ]  # fmt: skip


def _start(file: Path, scale: int, act: Callable[[httpx.Client], Any]) -> tuple[float, Any]:
    """Seconds until an org answers, and what `act` found out about it."""
    command = [sys.executable, "-m", "demo_org", "--port", "0", "--file", str(file), "--scale", str(scale)]
    began = time.perf_counter()
    with Process(command) as process:
        told = json.loads(process.line(within=_PATIENCE))
        ready = time.perf_counter() - began
        with httpx.Client(base_url=told["url"], timeout=_PATIENCE, headers={"Accept-Encoding": "identity"}) as client:
            grant = {"grant_type": "client_credentials"} | {key: told[key] for key in ("client_id", "client_secret")}
            token = client.post("/services/oauth2/token", data=grant).json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            return ready, act(client)


def _measure_nothing(client: httpx.Client) -> None:
    client.get(f"{_BASE}/limits").raise_for_status()


def _measure(client: httpx.Client) -> tuple[int, dict[str, float], dict[str, float]]:
    counts = client.get(f"{_BASE}/limits/recordCount").json()["sObjects"]
    every = {each["name"]: each["count"] for each in counts}
    middle = _query(client, "SELECT Id FROM Opportunity ORDER BY Id LIMIT 1 OFFSET 1900")["records"][0]["Id"]
    pages = {name: _page_seconds(client, soql.format(middle=middle)) for name, soql in _PAGES.items()}
    rates = {name: _bulk_rate(client, f"SELECT {fields} FROM {name}")
             for name, fields in (("Opportunity", _DEAL), ("Task", _TASK))}  # fmt: skip
    return sum(every.values()), pages, rates


def _query(client: httpx.Client, soql: str) -> Any:
    return client.get(f"{_BASE}/query", params={"q": soql}).raise_for_status().json()


def _page_seconds(client: httpx.Client, soql: str) -> float:
    seconds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        answer = client.get(f"{_BASE}/query", params={"q": soql}).raise_for_status()
        seconds.append(time.perf_counter() - began)
        if b"attributes" not in answer.content:
            raise BenchError(f"no rows came of {soql}")
    return median(seconds)


def _bulk_rate(client: httpx.Client, soql: str) -> float:
    """MB/s of all result pages of a finished job to one client."""
    job = client.post(f"{_BASE}/jobs/query", json={"operation": "queryAll", "query": soql}).raise_for_status().json()
    while (state := client.get(f"{_BASE}/jobs/query/{job['id']}").json()["state"]) != "JobComplete":
        if state in {"Failed", "Aborted"}:
            raise BenchError(f"the job of {soql} is {state}")
        time.sleep(0.05)
    size, locator, began = 0, "", time.perf_counter()
    while locator != "null":
        parameters = {"locator": locator} if locator else {}
        with client.stream("GET", f"{_BASE}/jobs/query/{job['id']}/results", params=parameters) as answer:
            size += sum(len(piece) for piece in answer.iter_raw())
            locator = answer.headers["Sforce-Locator"]
    return size / 1e6 / (time.perf_counter() - began)


def _pipe_rate() -> float:
    """MB/s of a bare socket to one reader in this process: what no server can be faster than."""
    ours, theirs = socket.socketpair()
    piece = b"x" * 262_144

    def send() -> None:
        for _ in range(_PIPE_BYTES // len(piece)):
            theirs.sendall(piece)
        theirs.close()

    sender = threading.Thread(target=send, daemon=True)
    began, size = time.perf_counter(), 0
    sender.start()
    while read := ours.recv(len(piece)):
        size += len(read)
    ours.close()
    sender.join()
    return size / 1e6 / (time.perf_counter() - began)
