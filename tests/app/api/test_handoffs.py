"""CS moves a handoff on; the sync never takes it back, and whoever listens is told."""

import json
from datetime import UTC, datetime

import pytest
import stored_deals as stored
from sqlalchemy import text

from models.handoff import open_handoffs

DEAL = stored.deal_id(1)
CS = ("briefs:read", "commercial:read", "contacts:read", "notes:write")
WON = datetime(2026, 7, 1, 14, 3, 12, tzinfo=UTC)
READABLE = datetime(2026, 7, 1, 14, 3, 17, tzinfo=UTC)


@pytest.fixture
def client(store, client_of):
    """A deal won and readable at the instants of the brief's definition, and a key of CS."""
    stored.fill(store, [{"id": DEAL, "name": "First", "amount": 100}, {"id": stored.deal_id(2), "name": "Second"}])
    gap = {"key": "success_criteria", "label": "Success criteria", "owner": "AE", "state": "empty", "weight": 20}
    document = {"deal_id": DEAL, "completeness": {"score": 82, "missing": [gap]}, "sections": [], "risks": []}
    stored.brief(store, DEAL, json.dumps(document))
    with store.writing() as session:
        stored.put(session, "opportunitystage", [{"id": "01J1", "masterlabel": "Closed Won", "iswon": True}])
        change = {"id": "0081", "opportunityid": DEAL, "stagename": "Closed Won", "createddate": WON}
        stored.put(session, "opportunityhistory", [change])
        open_handoffs(session, stored.ORG_ID, [DEAL])
        session.execute(text("UPDATE cs.handoff SET waiting_since = :at"), {"at": READABLE})
    return client_of(store, *CS)


def handoff(client):
    """The handoff of the deal."""
    return client.get(f"/api/v1/deals/{DEAL}/cs").json()


def events(store):
    """What was told, in order."""
    with store.reading() as session:
        return [tuple(row) for row in session.execute(text("SELECT type, data ->> 'by' FROM cs.event ORDER BY seq"))]


def test_each_step_is_timed_from_the_winning(store, client):
    """5 s to the brief, 19 h 11 min 43 s to the acknowledgement, 7 days to the kickoff, 28 to the first value."""
    assert handoff(client)["state"] == "waiting"
    client.post(f"/api/v1/deals/{DEAL}/brief/ack", {})
    with store.writing() as session:
        session.execute(text("UPDATE cs.handoff SET acknowledged_at = '2026-07-02T09:15:00Z'"))
    assert handoff(client)["state"] == "acknowledged"
    assert client.patch(f"/api/v1/deals/{DEAL}/cs", {"kickoff_on": "2026-07-08"}).json()["state"] == "kicked_off"
    last = client.patch(f"/api/v1/deals/{DEAL}/cs", {"first_value_on": "2026-07-29", "sentiment": 4}).json()

    assert last["state"] == "first_value"
    assert (last["seconds_to_brief"], last["seconds_to_acknowledge"]) == (5, 19 * 3600 + 11 * 60 + 43)
    assert (last["days_to_kickoff"], last["days_to_first_value"], last["sentiment"]) == (7, 28, 4)
    assert events(store) == [
        ("handoff.acknowledged", "a test"), ("handoff.kicked_off", "a test"), ("handoff.first_value", "a test"),
    ]  # fmt: skip


def test_the_first_acknowledgement_counts(store, client, client_of):
    """A colleague who reads it later does not change when CS began."""
    first = client.post(f"/api/v1/deals/{DEAL}/brief/ack", {"version": 1}).json()
    second = client_of(store, *CS).post(f"/api/v1/deals/{DEAL}/brief/ack", {}).json()

    assert first["acknowledged_version"] == first["brief_version"] == 1
    assert second["acknowledged_at"] == first["acknowledged_at"]
    assert len(events(store)) == 1
    assert client.post(f"/api/v1/deals/{DEAL}/brief/ack", {"version": 2}).status_code == 400


def test_what_cs_says_survives_that_its_deal_is_reopened(store, client):
    """Sales may reopen a deal and win it again; the kickoff stays where it was."""
    client.patch(f"/api/v1/deals/{DEAL}/cs", {"kickoff_on": "2026-07-08", "sentiment": 2})
    before = handoff(client)
    stored.leave(store, DEAL)
    assert client.get(f"/api/v1/deals/{DEAL}/cs").status_code == 404
    with store.writing() as session:
        session.execute(text("UPDATE ops.scope_member SET state = 'in', reason = 'won', entered_at = now()"))
        open_handoffs(session, stored.ORG_ID, [DEAL])

    after = handoff(client)
    assert {name: after[name] for name in before if name != "lag_seconds"} == {
        name: before[name] for name in before if name != "lag_seconds"
    }


def test_a_change_over_somebody_elses_is_refused(client):
    """Two CSMs do not undo each other without seeing it."""
    seen = client.get(f"/api/v1/deals/{DEAL}/cs").headers["etag"]
    changed = client.patch(f"/api/v1/deals/{DEAL}/cs", {"sentiment": 3}, headers={"If-Match": seen})
    refused = client.patch(f"/api/v1/deals/{DEAL}/cs", {"sentiment": 1}, headers={"If-Match": seen})

    assert not seen.startswith("W/")
    assert (changed.status_code, refused.status_code) == (200, 412)
    assert refused.json()["type"] == "urn:baton:problem:changed_meanwhile"
    assert handoff(client)["sentiment"] == 3
    again = client.patch(f"/api/v1/deals/{DEAL}/cs", {"sentiment": 1}, headers={"If-Match": changed.headers["etag"]})
    assert again.status_code == 200
    known = client.get(f"/api/v1/deals/{DEAL}/cs", headers={"If-None-Match": again.headers["etag"]})
    assert known.status_code == 304


def test_null_takes_back_what_was_said(client):
    """A kickoff that is called off leaves the handoff where it was."""
    client.patch(f"/api/v1/deals/{DEAL}/cs", {"kickoff_on": "2026-07-08", "sentiment": 3})
    back = client.patch(f"/api/v1/deals/{DEAL}/cs", {"kickoff_on": None}).json()

    assert (back["state"], back["kickoff_on"], back["sentiment"]) == ("waiting", None, 3)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sentiment": 6}, "/body/sentiment"),
        ({"kickoff_on": "soon"}, "/body/kickoff_on"),
        ({"owner": "me"}, "/body/owner"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(client, body, pointer):
    """The problem points at what is wrong."""
    refused = client.patch(f"/api/v1/deals/{DEAL}/cs", body)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)


def test_reading_keys_change_nothing(store, client, client_of):
    """A dashboard can't acknowledge a brief."""
    reader = client_of(store)

    assert reader.post(f"/api/v1/deals/{DEAL}/brief/ack", {}).status_code == 403
    assert reader.patch(f"/api/v1/deals/{DEAL}/cs", {"sentiment": 1}).status_code == 403
    assert handoff(client)["state"] == "waiting"


def test_handoffs_are_listed_by_how_far_they_are(client):
    """A team lead sees what waits."""
    client.post(f"/api/v1/deals/{DEAL}/brief/ack", {})

    def names(query):
        return [row["name"] for row in client.get(f"/api/v1/handoffs?{query}").json()["data"]]

    assert names("state=waiting") == ["Second"]
    assert names("state=acknowledged") == ["First"]
    assert names("state=waiting&state=acknowledged&sort=name") == ["First", "Second"]
    assert names("unassigned=true&sort=-name") == ["Second", "First"]
    assert names("won_from=2026-07-01&won_to=2026-07-01") == ["First"]
    assert names("won_to=2026-06-30") == []
    assert client.get("/api/v1/handoffs?state=onboarded").status_code == 400


def test_a_draft_has_no_handoff(store, client):
    """Nothing is handed over before it is won."""
    draft = stored.deal_id(3)
    stored.draft(store, {"id": draft, "name": "Soon"})

    for answer in (
        client.get(f"/api/v1/deals/{draft}/cs"),
        client.patch(f"/api/v1/deals/{draft}/cs", {"sentiment": 1}),
        client.post(f"/api/v1/deals/{draft}/brief/ack", {}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:baton:problem:handoff_not_found")
    assert len(client.get("/api/v1/handoffs").json()["data"]) == 2


def test_sales_is_asked_to_close_a_gap(store, client):
    """The question is an event that names the seller; a gap that is none is a 404."""
    asked = client.post(f"/api/v1/deals/{DEAL}/gaps/success_criteria/ask", {"text": "What would a success be?"})

    assert (asked.status_code, asked.json()["owner"]) == (202, "AE")
    with store.reading() as session:
        kind, data = session.execute(text("SELECT type, data FROM cs.event")).one()
    assert kind == "brief.gap_asked"
    assert (data["key"], data["question"], data["seller"]) == (
        "success_criteria", "What would a success be?", "Sam Seller",
    )  # fmt: skip
    assert client.post(f"/api/v1/deals/{DEAL}/gaps/nonsense/ask", {}).status_code == 404
    assert client.post(f"/api/v1/deals/{stored.deal_id(2)}/gaps/success_criteria/ask", {}).status_code == 404
