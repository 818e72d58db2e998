"""Faults of what lasts between requests, each over the wire: sessions, locators, jobs, logins, stamps of writes."""

import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from wire_client import client_of, error_of

from demo_org.clock import Clock
from demo_org.faults.states import LOGIN_REFUSALS

SMALL = {"Sforce-Query-Options": "batchSize=200"}
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def client():
    with client_of(Clock(frozen_at=NINE), bulk_delay=0.0, rotate_refresh_tokens=True) as client:
        client.org.load("Account", ["Name"], [[f"Acme {n}"] for n in range(500)])
        yield client


def fault(client, kind, **described):
    client.post("/demo/faults", json=[{"kind": kind} | described]).raise_for_status()


def test_a_session_may_end_between_two_pages(client):
    """session_killed: at any page; the new session can't go on with the old one's locator."""
    page = client.query("SELECT Id FROM Account", **SMALL)
    fault(client, "session_killed", path="/query/01g")
    first = client.get(page["nextRecordsUrl"])
    client.log_in()
    second = client.get(page["nextRecordsUrl"])

    assert error_of(first) == error_of(second) == (401, "INVALID_SESSION_ID", "Session expired or invalid")
    assert client.query("SELECT Id FROM Account")["done"]


def test_locators_may_be_evicted(client):
    """locators_evicted: the query must be asked again."""
    page = client.query("SELECT Id FROM Account", **SMALL)
    fault(client, "locators_evicted")
    answers = [client.get(page["nextRecordsUrl"]) for _ in range(2)]

    assert [error_of(each) for each in answers] == [(400, "INVALID_QUERY_LOCATOR", "invalid query locator")] * 2


@pytest.mark.parametrize("explained", [True, False])
def test_a_bulk_job_may_fail(client, explained):
    """job_failed: for good, with an errorMessage or without one."""
    fault(client, "job_failed", explained=explained, message="InternalServerError: no luck")
    job = client.bulk("SELECT Id FROM Account")

    assert (job["state"], job.get("errorMessage")) == ("Failed", "InternalServerError: no luck" if explained else None)
    assert client.get(f"jobs/query/{job['id']}").json()["state"] == "Failed"
    assert client.get(f"jobs/query/{job['id']}/results").status_code == 400
    assert client.bulk("SELECT Id FROM Account")["state"] == "JobComplete"


def test_a_bulk_job_may_be_aborted_by_somebody(client):
    """job_aborted: an admin can do so."""
    fault(client, "job_aborted")

    assert client.bulk("SELECT Id FROM Account")["state"] == "Aborted"


def test_a_bulk_job_may_stall(client):
    """job_stalled: in progress for as long as the fault lasts, whatever the job has done."""
    job = client.bulk("SELECT Id FROM Account")
    fault(client, "job_stalled", times=3)
    states = [client.get(f"jobs/query/{job['id']}").json()["state"] for _ in range(4)]

    assert states == ["InProgress"] * 3 + ["JobComplete"]


@pytest.mark.parametrize("reason", LOGIN_REFUSALS)
def test_a_login_is_refused_for_every_documented_reason(client, reason):
    """login_refused: status 400 and OAuth's words; SOAP has its own."""
    words = LOGIN_REFUSALS[reason]
    fault(client, "login_refused", reason=reason, times=2)
    refused = client.grant("client_credentials", client_secret=client.credentials.client_secret)
    envelope = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body/></e:Envelope>"
    soap = client.post("/services/Soap/u/59.0", content=envelope, headers={"Content-Type": "text/xml"})
    client.log_in()

    assert refused.status_code == 400
    assert refused.json() == {"error": words.error, "error_description": words.description}
    assert soap.status_code == 500
    assert words.code in "".join(ET.fromstring(soap.text).itertext())


def test_a_login_refused_for_an_unknown_reason_is_told_the_known_ones(client):
    """Whoever writes faults finds a slip at once."""
    answer = client.post("/demo/faults", json=[{"kind": "login_refused", "reason": "user_lockd"}])

    assert error_of(answer)[2].startswith("login_refused: reason can't be 'user_lockd'; did you mean user_locked")


def test_a_spent_refresh_token_ends_its_whole_family(client):
    """refresh_token_spent: somebody else was faster; the session goes, too, and only an approval helps."""
    refresh = client.credentials.refresh_token
    renewed = client.grant("refresh_token", refresh_token=refresh).json()
    client.headers["Authorization"] = f"Bearer {renewed['access_token']}"
    fault(client, "refresh_token_spent")
    again = client.grant("refresh_token", refresh_token=renewed["refresh_token"])

    assert again.json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    assert client.get("limits").status_code == 401


def test_a_rotated_token_whose_answer_was_lost_is_a_spent_one(client):
    """answer_lost at the login: the client sends the old token again, which looks like a theft."""
    refresh = client.credentials.refresh_token
    fault(client, "answer_lost", path="/token")
    with pytest.raises(Exception, match="reset by peer"):
        client.grant("refresh_token", refresh_token=refresh)

    assert client.grant("refresh_token", refresh_token=refresh).json()["error"] == "invalid_grant"


def stamps(client, record):
    row = client.get(f"sobjects/Account/{record}").json()
    return row["CreatedDate"][11:19], row["SystemModstamp"][11:19]


def covered(client):
    window = {"start": "2026-03-02T08:00:00Z", "end": "2026-03-02T10:00:00Z"}
    return client.get("sobjects/Account/updated", params=window).json()["latestDateCovered"][11:19]


def test_a_save_may_become_visible_later_than_its_stamp(client):
    """commit_lag: a window that was read to its end meets older stamps afterwards, yet latestDateCovered never lies."""
    fault(client, "commit_lag", seconds=90, times=0)
    client.post("/demo/clock", json={"move": 300})
    known = covered(client)
    late = client.make("Account", Name="Late")
    client.delete("/demo/faults")
    prompt = client.make("Account", Name="Prompt")

    assert stamps(client, late) == ("09:03:30", "09:03:30")
    assert stamps(client, prompt) == ("09:05:00", "09:05:00")
    assert known == "09:03:00"
    assert covered(client) == "09:05:00"


def test_only_a_share_of_the_saves_lags(client):
    """By probability and seed, so that a test can be repeated."""
    client.post("/demo/clock", json={"move": 300})
    lagging = []
    for _ in range(2):
        fault(client, "commit_lag", seconds=60, times=0, probability=0.5, seed=4)
        client.post("/demo/clock", json={"move": 120})
        now = client.get("/demo/clock").json()["now"][11:19]
        made = [client.make("Account", Name="Perhaps") for _ in range(12)]
        lagging.append([stamps(client, each)[0] != now for each in made])

    assert lagging[0] == lagging[1]
    assert 0 < sum(lagging[0]) < 12


def test_no_save_lags_behind_what_was_promised_before(client):
    """Stamps reach back to the moment the fault was set, and a record's own stamps never go back."""
    client.post("/demo/clock", json={"move": 120})
    promised = covered(client)
    record = client.make("Account", Name="Prompt")
    fault(client, "commit_lag", seconds=600, times=0)
    client.post("/demo/clock", json={"move": 30})
    late = client.make("Account", Name="Late")
    client.patch(f"sobjects/Account/{record}", json={"Name": "Changed"})

    assert promised == "09:02:00"
    assert stamps(client, late) == ("09:02:00", "09:02:00")
    assert stamps(client, record) == ("09:02:00", "09:02:00")


def test_a_record_that_others_saved_meanwhile_keeps_the_newer_stamp(client):
    """The row lock makes a transaction wait for the one before it."""
    fault(client, "commit_lag", seconds=60, times=0, path="Account/001", nth=2)
    client.post("/demo/clock", json={"move": 120})
    record = client.make("Account", Name="Prompt")
    client.patch(f"sobjects/Account/{record}", json={"Name": "One"})
    client.post("/demo/clock", json={"move": 10})
    client.patch(f"sobjects/Account/{record}", json={"Name": "Two"})

    assert stamps(client, record) == ("09:02:00", "09:02:00")


def test_the_rows_of_a_file_may_lag_as_well(client):
    """Bulk batches are the long transactions of real orgs; the job works in a thread of its own."""
    fault(client, "commit_lag", seconds=45, times=0)
    client.post("/demo/clock", json={"move": 120})
    job = client.post("jobs/ingest", json={"object": "Account", "operation": "insert"}).json()
    client.put(f"jobs/ingest/{job['id']}/batches", content="Name\nLate\n", headers={"Content-Type": "text/csv"})
    client.patch(f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    deadline = time.monotonic() + 20
    while client.get(f"jobs/ingest/{job['id']}").json()["state"] != "JobComplete" and time.monotonic() < deadline:
        time.sleep(0.01)
    (row,) = client.query("SELECT SystemModstamp FROM Account WHERE Name = 'Late'")["records"]

    assert row["SystemModstamp"] == "2026-03-02T09:01:15.000+0000"
