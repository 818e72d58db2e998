"""The real processes, started and driven from outside: demo org, worker and API, with a home of their own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 60.0  # for a machine that does much else at the same time


def clean_environment() -> dict[str, str]:
    """The environment without anybody's settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}


def command(*arguments: str) -> list[str]:
    """The command line of `baton <arguments>`."""
    return [sys.executable, "-m", "app.cli.main", *arguments]


def baton(*arguments: str, environment: dict[str, str], timeout: float = 120) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def until(holds: Callable[[], Any], *, within: float = PATIENCE, every: float = 0.1) -> Any:
    """Return the first true answer, or fail after a while with the last one."""
    deadline, answer = time.monotonic() + within, None
    while time.monotonic() < deadline:
        answer = holds()
        if answer:
            return answer
        time.sleep(every)
    raise AssertionError(f"not within {within} s; the last answer was {answer!r}")


class Process:
    """A `baton` command that runs until it is stopped or killed."""

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        self.name = " ".join(arguments[:1])
        self._process = subprocess.Popen(
            command(*arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.out: deque[str] = deque(maxlen=500)
        self.err: deque[str] = deque(maxlen=500)
        self._readers = [
            threading.Thread(target=_collect, args=(stream, into), daemon=True)
            for stream, into in ((self._process.stdout, self.out), (self._process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def line(self, *, within: float = PATIENCE) -> str:
        """The first line it prints."""

        def first() -> str | None:
            if not self.out:
                assert self.runs(), f"{self.name} ended: {self.said()}"
                return None
            return self.out[0]

        return str(until(first, within=within, every=0.02))

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def said(self) -> str:
        """What it printed on stderr."""
        return "\n".join(self.err)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.send(signal.SIGTERM)
        return self.end(within=PATIENCE)

    def kill(self) -> None:
        """Kill -9."""
        self.send(signal.SIGKILL)
        self.end()

    def end(self, *, within: float = PATIENCE) -> int:
        """Wait for its end and return its exit code."""
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise
        finally:
            for reader in self._readers:
                reader.join(5)
        return code


def _collect(stream: Any, into: "deque[str]") -> None:
    with stream:
        for line in stream:
            into.append(line.rstrip("\n"))


class DemoOrg:
    """A demo org in a process of its own, and what a salesperson and the control plane can do to it."""

    def __init__(self, *options: str) -> None:
        self._process = Process("demo-org", "--port", "0", *options, environment=clean_environment())
        self.facts: dict[str, Any] = json.loads(self._process.line(within=180))
        self._client = httpx.Client(base_url=self.facts["url"], timeout=60, trust_env=False)
        self.login()

    def login(self) -> None:
        """Begin a session; one that began in the past ends when the clock comes back."""
        grant = {name: self.facts[name] for name in ("client_id", "client_secret")}
        answer = self._client.post("/services/oauth2/token", data={"grant_type": "client_credentials", **grant})
        self._client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['access_token']}"

    def settings(self) -> dict[str, str]:
        """The variables by which Baton reaches this org."""
        return {
            "BATON_SALESFORCE_URL": self.facts["url"],
            "BATON_SALESFORCE_AUTH": "client_credentials",
            "BATON_SALESFORCE_CLIENT_ID": self.facts["client_id"],
            "BATON_SALESFORCE_CLIENT_SECRET": self.facts["client_secret"],
        }

    def query(self, soql: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        answer = self._client.get("/services/data/v64.0/query", params={"q": soql}).raise_for_status().json()
        rows: list[dict[str, Any]] = answer["records"]
        while not answer["done"]:
            answer = self._client.get(answer["nextRecordsUrl"]).raise_for_status().json()
            rows += answer["records"]
        return rows

    def create(self, object_name: str, **values: Any) -> str:
        """Insert a record and return its id."""
        answer = self._client.post(f"/services/data/v64.0/sobjects/{object_name}", json=values)
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    def change(self, object_name: str, record_id: str, **values: Any) -> None:
        """Update a record."""
        answer = self._client.patch(f"/services/data/v64.0/sobjects/{object_name}/{record_id}", json=values)
        assert answer.is_success, answer.text

    def delete(self, object_name: str, record_id: str) -> None:
        """Move a record to the recycle bin."""
        answer = self._client.delete(f"/services/data/v64.0/sobjects/{object_name}/{record_id}")
        assert answer.is_success, answer.text

    def control(self, path: str, order: Any = None) -> Any:
        """Do what only the control plane can do."""
        answer = self._client.post(f"/demo/{path}", json={} if order is None else order)
        assert answer.is_success, answer.text
        return answer.json()

    def faults_struck(self) -> int:
        """How often the faults that still wait have struck."""
        return sum(fault["struck"] for fault in self._client.get("/demo/faults").raise_for_status().json())

    def kill(self) -> None:
        """Kill -9."""
        self._client.close()
        self._process.kill()

    def close(self) -> None:
        """Stop the org."""
        self._client.close()
        self._process.stop()


class Api:
    """The API as a program asks it."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )

    def get(self, path: str, **parameters: Any) -> dict[str, Any] | None:
        """An answer without what passing time changes, or None where there is none."""
        answer = self._client.get(path, params=parameters)
        if answer.status_code == 404:
            return None
        body: dict[str, Any] = answer.raise_for_status().json()
        return {name: value for name, value in body.items() if name not in {"as_of", "lag_seconds"}}

    def ready(self) -> bool:
        """Whether a first snapshot has landed."""
        with suppress(httpx.TransportError):
            return self._client.get("/readyz").is_success
        return False

    def deal(self, deal_id: str) -> dict[str, Any] | None:
        """One deal with its products, people, stages and timeline."""
        return self.get(f"/api/v1/deals/{deal_id}")

    def deals(self) -> dict[str, dict[str, Any]]:
        """All deals of the list, by id."""
        return {deal["deal_id"]: deal for deal in self.listed("/api/v1/deals")}

    def listed(self, path: str) -> list[dict[str, Any]]:
        """All rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        page = self.get(path, limit=1000)
        while page is not None:
            found += page["data"]
            page = self.get(path, cursor=page["next_cursor"]) if page["next_cursor"] else None
        return found

    def documents(self) -> dict[str, Any]:
        """Everything the API says of every deal: the deal and its brief."""
        return {deal_id: (self.deal(deal_id), self.get(f"/api/v1/deals/{deal_id}/brief")) for deal_id in self.deals()}

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class Stage:
    """One home with what runs in it."""

    def __init__(self, home: Path, org: DemoOrg) -> None:
        self.home = home
        self.org = org
        self.environment = {
            **clean_environment(),
            **org.settings(),
            "BATON_HOME": str(home),
            "BATON_POLL_SECONDS": "1",
            "BATON_HTTP_REQUESTS_PER_MINUTE": "1000000",
            "BATON_SALESFORCE_CURRENCY": "USD",
        }
        self._running: list[Process] = []
        self._api: Api | None = None

    def start(self, *arguments: str, **settings: str) -> Process:
        """Start a command that goes on."""
        process = Process(*arguments, environment={**self.environment, **settings})
        self._running.append(process)
        return process

    def run(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return baton(*arguments, environment={**self.environment, **settings})

    def api(self) -> Api:
        """The API, started at the first call."""
        if self._api is None:
            wanted = ("briefs:read", "commercial:read", "contacts:read", "metrics:read")
            scopes = [word for scope in wanted for word in ("--scope", scope)]
            key = self.run("keys", "create", "--name", "test", *scopes).stdout.strip()
            said = self.start("serve", "--port", "0").line()
            self._api = Api(said.split()[-1], key)
        return self._api

    def prove(self) -> dict[str, Any]:
        """What `sync prove --json` says."""
        done = self.run("sync", "prove", "--json")
        assert done.stdout, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (1 if report["drift_rows"] else 0), done.stderr
        return report

    def close(self) -> None:
        """Stop everything of this home."""
        if self._api is not None:
            self._api.close()
        for process in reversed(self._running):
            if process.runs():
                process.stop()
