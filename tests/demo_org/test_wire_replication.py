from datetime import UTC, datetime

import pytest
from wire_client import client_of, error_of, recorded

from demo_org.clock import Clock

NOON = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
SPAN = {"start": "2026-03-01T11:55:00+00:00", "end": "2026-03-01T12:05:00+00:00"}


@pytest.fixture
def client():
    with client_of(clock=Clock(frozen_at=NOON)) as client:
        yield client


def test_changed_records_are_listed_with_the_instant_that_is_covered(client):
    """The present minute is in the answer but not promised; the keys are the recorded ones."""
    record_id = client.make("Account", Name="New")
    body = client.get("sobjects/Account/updated/", params=SPAN).json()

    assert set(recorded("rest/restforce/sobject/get_updated_success_response.json")) == set(body)
    assert record_id in body["ids"]
    assert body["latestDateCovered"] == "2026-03-01T12:00:00.000+0000"


def test_deleted_records_are_listed_whether_softly_or_for_good(client):
    """No query would ever show the one that was removed physically."""
    soft, hard = client.make("Account", Name="Soft"), client.make("Account", Name="Hard")
    client.delete(f"sobjects/Account/{soft}")
    assert client.post(f"/demo/records/Account/{hard}/hard_delete").status_code == 200
    body = client.get("sobjects/Account/deleted/", params=SPAN).json()

    known = recorded("rest/restforce/sobject/get_deleted_success_response.json")
    assert set(known) == set(body)
    assert {soft, hard} == {each["id"] for each in body["deletedRecords"]}
    assert {"2026-03-01T12:00:30.000+0000"} == {each["deletedDate"] for each in body["deletedRecords"]}
    assert client.org.get("Account", hard) is None


def test_an_undeleted_record_counts_as_changed(client):
    """It leaves the list of deletions."""
    record_id = client.make("Account", Name="Back")
    client.delete(f"sobjects/Account/{record_id}")
    client.post(f"/demo/records/Account/{record_id}/undelete")

    assert record_id in client.get("sobjects/Account/updated", params=SPAN).json()["ids"]
    assert client.get("sobjects/Account/deleted", params=SPAN).json()["deletedRecords"] == []


def test_an_open_transaction_holds_back_what_is_covered(client):
    """Its records will appear with stamps of the past, so nothing after its beginning is promised."""
    begun = client.post("/demo/transactions", json=[{"object": "Account", "values": {"Name": "Late"}}])
    client.post("/demo/clock", json={"move": 180})
    waiting = client.get("sobjects/Account/updated", params=SPAN).json()
    number = begun.json()["transaction"]
    assert client.post(f"/demo/transactions/{number}/commit").status_code == 200
    done = client.get("sobjects/Account/updated", params=SPAN).json()

    late = begun.json()["ids"][0]
    assert (begun.status_code, late in waiting["ids"], late in done["ids"]) == (201, False, True)
    assert waiting["latestDateCovered"] == "2026-03-01T12:00:00.000+0000"
    assert done["latestDateCovered"] == "2026-03-01T12:03:00.000+0000"


def test_windows_that_make_no_sense_are_refused(client):
    """Shorter than a minute, out of reach, or no time at all."""

    def attempt(start, end):
        return error_of(client.get("sobjects/Account/updated", params={"start": start, "end": end}))[:2]

    refused = (400, "INVALID_REPLICATION_DATE")
    assert refused == attempt("2026-03-01T11:00:10+00:00", "2026-03-01T11:00:50+00:00")
    assert refused == attempt("2026-01-01T11:00:00+00:00", "2026-03-01T11:00:00+00:00")
    assert refused == attempt("yesterday", "2026-03-01T11:00:00+00:00")
    assert error_of(client.get("sobjects/Nothing/updated", params=SPAN))[:2] == (404, "NOT_FOUND")


def test_a_plus_sign_may_come_unescaped(client):
    """Some clients send +00:00 as it is, which a form decoder reads as a space."""
    raw = "start=2026-03-01T11:55:00+00:00&end=2026-03-01T12:05:00%2B00:00"

    assert client.get(f"sobjects/Account/updated/?{raw}").status_code == 200


def test_the_control_plane_shows_the_truth(client):
    """All rows as they are stored, the deleted ones too, without costing an API call."""
    record_id = client.make("Account", Name="Stored")
    client.delete(f"sobjects/Account/{record_id}")
    spent = client.get("/demo/calls").json()["total"]
    (row,) = client.get("/demo/truth/Account").json()
    purged = client.post("/demo/purge").json()

    assert (row["Name"], row["IsDeleted"]) == ("Stored", True)
    assert (purged, client.get("/demo/truth/Account").json()) == ({"purged": 1}, [])
    assert spent == client.get("/demo/calls").json()["total"]
    assert error_of(client.post("/demo/transactions/77/commit"))[:2] == (404, "NOT_FOUND")
