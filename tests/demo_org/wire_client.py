"""A logged-in client of a demo org that answers on a free port of this machine, for the tests of the wire."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo_org.clock import Clock
from demo_org.credentials import Credentials
from demo_org.pubsub import PubSubSettings
from demo_org.store import Org
from demo_org.wire import Running, WireSettings, running

RECORDED = Path(__file__).parents[3] / "shared" / "fixtures"
BASE = "/services/data/v64.0"


class WireClient(httpx.Client):
    """An HTTP client with a session of the demo org; paths that don't begin with / are resources of version 64.0."""

    def __init__(self, org: Org, served: Running) -> None:
        super().__init__(base_url=served.url, timeout=30)
        self.org = org
        self.served = served

    @property
    def credentials(self) -> Credentials:
        """What the org lets in."""
        return self.served.credentials

    def log_in(self) -> None:
        """Begin a new session."""
        answer = self.grant("client_credentials", client_secret=self.credentials.client_secret)
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def grant(self, grant_type: str, **form: str) -> httpx.Response:
        """Ask the token endpoint."""
        form = {"grant_type": grant_type, "client_id": self.credentials.client_id} | form
        return self.post("/services/oauth2/token", data=form)

    def build_request(self, method: str, url: Any, **rest: Any) -> httpx.Request:
        """Complete the path."""
        path = str(url)
        return super().build_request(method, path if path.startswith(("/", "http")) else f"{BASE}/{path}", **rest)

    def query(self, soql: str, **headers: str) -> dict[str, Any]:
        """The first page of a query."""
        return self.get("query", params={"q": soql}, headers=headers).json()

    def make(self, object_name: str, **values: Any) -> str:
        """Create a record and return its id."""
        answer = self.post(f"sobjects/{object_name}", json=values)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def bulk(self, soql: str, **job: str) -> dict[str, Any]:
        """A finished bulk job."""
        created = self.post("jobs/query", json={"operation": "query", "query": soql} | job)
        assert created.status_code == 200, created.text
        return self.finish(created.json()["id"])

    def finish(self, job_id: str) -> dict[str, Any]:
        """Wait for the end of a bulk job."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            status: dict[str, Any] = self.get(f"jobs/query/{job_id}").json()
            if status["state"] in {"JobComplete", "Failed", "Aborted"}:
                return status
            time.sleep(0.01)
        raise AssertionError(f"job {job_id} did not finish")


@contextmanager
def client_of(
    clock: Clock | None = None, *, pubsub: PubSubSettings | None = None, **settings: Any
) -> Iterator[WireClient]:
    """A client of a new org in memory."""
    settings = {"bulk_delay": 0.01} | settings
    with (
        Org.open(clock=clock) as org,
        running(org, settings=WireSettings(**settings), pubsub=pubsub) as served,
        WireClient(org, served) as client,
    ):
        client.log_in()
        yield client


def recorded(path: str, *, text: bool = False) -> Any:
    """A recorded body, as JSON or as its text; the test is skipped where the recordings are not at hand."""
    file = RECORDED / path
    if not file.exists():
        pytest.skip("the recorded bodies are not beside this checkout")
    body = file.read_bytes().decode("utf-8")
    return body if text else json.loads(body)


def error_of(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    (error,) = answer.json()
    return answer.status_code, error["errorCode"], error["message"]


def header_names(answer: httpx.Response) -> set[str]:
    """The names of an answer's headers, in the case they were sent in."""
    return {name.decode() for name, _ in answer.headers.raw}
