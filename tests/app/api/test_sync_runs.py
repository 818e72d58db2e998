"""The runs of the sync, as whoever looks after it reads them."""

from typing import get_args

import pytest
import stored_deals as stored

from app.api.runs import RunKind
from sync.run.report import Kind

OTHER_ORG = "00D000000000002AAA"


@pytest.fixture
def client(store, client_of):
    """A client of a store in which five passes were made, one of them of another org."""
    stored.fill(store)
    for number in (1, 2, 3):
        stored.ran(store, number)
    stored.ran(store, 4, kind="snapshot", state="failed", counters={}, error="Salesforce did not answer.")
    stored.ran(store, 5, kind="deep", state="running", counters={}, org_id=OTHER_ORG)
    return client_of(store)


def ids(client, **params):
    return [row["run_id"] for row in client.get("/api/v1/sync/runs", params=params).json()["data"]]


def test_runs_come_newest_first_with_what_they_counted(client):
    """One row tells what a pass did; a run that has not ended has counted nothing."""
    rows = client.get("/api/v1/sync/runs").json()["data"]

    assert [row["run_id"] for row in rows] == [5, 4, 3, 2, 1]
    assert rows[0]["rows_written"] is None
    assert rows[1]["error"] == "Salesforce did not answer."
    assert (rows[2]["api_calls"], rows[2]["seconds"], rows[2]["windows_committed"]) == (1, 0.25, 3)
    assert rows[2]["org_name"] == "Acme Health"


def test_runs_are_filtered_by_kind_state_org_and_time(client):
    """Whoever looks for failures sees nothing else."""
    assert ids(client, state="failed") == [4]
    assert ids(client, kind=["snapshot", "deep"]) == [5, 4]
    assert ids(client, org=OTHER_ORG) == [5]
    assert ids(client, since="2026-07-01T14:08:00Z") == [5, 4]
    assert ids(client, state="done", kind="deep") == []


def test_pages_of_runs_follow_each_other(client):
    """Each run stands on exactly one page, and the cursor carries the question."""
    first = client.get("/api/v1/sync/runs", params={"limit": 2, "state": "done"}).json()
    second = client.get("/api/v1/sync/runs", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [row["run_id"] for row in first["data"] + second["data"]] == [3, 2, 1]
    assert second["next_cursor"] is None


def test_runs_can_be_sorted_counted_and_cut_to_some_fields(client):
    """As every list."""
    body = client.get("/api/v1/sync/runs?sort=started_at&fields=run_id,state&include_total=true&limit=1").json()

    assert body["data"] == [{"run_id": 1, "state": "done"}]
    assert body["total"] == {"count": 5}


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("kind=full", "/query/kind/0"),
        ("state=ok", "/query/state/0"),
        ("since=yesterday", "/query/since"),
        ("since=2026-07-01T14:08:00", "/query/since"),
        ("sort=error", "/query/sort"),
        ("colour=red", "/query/colour"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_problem_document(client, query, pointer):
    """A misspelt filter would deliver everything, so it delivers nothing."""
    answer = client.get(f"/api/v1/sync/runs?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_every_kind_of_pass_can_be_asked_for():
    """A new kind of pass is one of the list's kinds from its first day on."""
    assert set(get_args(Kind)) <= set(RunKind)


def test_only_keys_for_metrics_may_read_runs(store, client_of):
    """The same keys as for the status of the sync."""
    assert client_of(store, "briefs:read").get("/api/v1/sync/runs").status_code == 403
    assert client_of(store, key=None).get("/api/v1/sync/runs").status_code == 401
