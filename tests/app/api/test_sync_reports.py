"""What the status and the coverage of the sync tell: all of it, in words, org by org."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import stored_deals as stored
from sqlalchemy import insert, text

from models.bulk_job import BULK_JOB
from models.kept_scope import keep_scope
from models.org import OBJECT_STATE
from models.working import HEARTBEAT

OTHER_ORG = "00D000000000002AAA"
#: what describe said of contacts, as far as it matters here
SHAPE = {"fields": [{"name": name} for name in ("Id", "Name", "Email", "MailingAddress")]}


def now():
    """When a test runs: modules are read minutes before."""
    return datetime.now(UTC)


def know(store, object_name, *, org=stored.ORG_ID, behind=5, **values):
    """What a pass leaves about an object; it lags a few seconds behind unless told otherwise."""
    watermark = None if behind is None else now() - timedelta(seconds=behind)
    with store.writing() as session:
        session.execute(
            insert(OBJECT_STATE).values(
                **{"org_id": org, "object": object_name, "state": "ok", "watermark": watermark, "rows": 3, **values}
            )
        )


def work(store, **values):
    """A worker that polls every thirty seconds."""
    plan = {
        "pace": "as_configured", "poll_seconds": 30, "expected": 2900, "budget": 5000, "not_before": None,
        "org_used": 95_000, "org_limit": 100_000, **values.pop("plan", {}),
    }  # fmt: skip
    with store.writing() as session:
        session.execute(
            insert(HEARTBEAT).values(
                **{
                    "org_id": stored.ORG_ID, "lane": "live", "holder": "here:1:a", "beat_at": now(), "plan": plan,
                    **values,
                }
            )
        )  # fmt: skip
        session.execute(
            text(
                "INSERT INTO ops.lease (name, holder, token, expires_at) VALUES (:name, 'h', 1, now() + interval '1h')"
            ),
            {"name": f"worker {stored.ORG_ID}"},
        )


@pytest.fixture
def well(store):
    """A store that follows its org."""
    with store.writing() as session:
        stored.connect(session, watermark=now() - timedelta(seconds=5))
    for name in ("Opportunity", "Account", "OpportunityHistory"):
        know(store, name)
    work(store)
    return store


def status_of(client_of, store):
    return client_of(store).get("/api/v1/sync/status").json()


def test_all_is_well_when_everything_is_followed(well, client_of):
    """No line cries wolf; what an org simply does not have is no trouble."""
    know(well, "AssetStatePeriod", behind=None, state="missing", rows=0)
    status = status_of(client_of, well)

    assert (status["ok"], status["problems"]) == (True, [])
    (org,) = status["orgs"]
    assert org["api_calls_today"] == {
        "total": 0, "by_kind": {}, "expected": 2900, "budget": 5000, "pace": "as_configured",
    }  # fmt: skip
    assert org["scope"]["in_words"] == ["Deals are opportunities that are won.", "However old they are."]
    words = {each["object"]: each["in_words"] for each in org["objects"]}
    assert "does without it" in words["AssetStatePeriod"] or "do without it" in words["AssetStatePeriod"]
    assert words["OpportunityHistory"] == "It is read, and kept: what Salesforce purges of it stays."


def test_an_object_that_stands_still_while_others_go_on_is_an_alarm(well, client_of):
    """Nobody finds out after weeks that one object was not followed any more."""
    know(well, "Quote", behind=3 * 3600)
    (words,) = status_of(client_of, well)["problems"]

    assert "Quote" in words
    assert "stands still" in words
    assert "baton sync run" in words


def test_an_org_and_an_object_that_were_never_read_are_not_fresh(store, client_of):
    """Nothing is taken for an answer of this second."""
    with store.writing() as session:
        stored.connect(session, watermark=None)
    know(store, "Quote", behind=None)
    work(store)
    status = status_of(client_of, store)
    (org,) = status["orgs"]

    assert "no snapshot has landed yet" in status["problems"][0]
    assert (org["lag_seconds"], org["objects"][0]["age_seconds"]) == (None, None)
    assert org["objects"][0]["in_words"] == "It has not been read yet."


def test_slow_polls_are_no_alarm(well, client_of):
    """When the budget stretches the rhythm, the turn of an object comes later."""
    with well.writing() as session:
        session.execute(text("""UPDATE ops.heartbeat SET plan = plan || '{"poll_seconds": 900}'"""))
    know(well, "Quote", behind=3600)

    assert status_of(client_of, well)["problems"] == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"error": "Salesforce did not answer.", "failures": 4}, ["4 times", "did not answer", "tried again at"]),
        ({"plan": {"pace": "spent"}}, ["BATON_API_SHARE"]),
        ({"plan": {"pace": "floor"}}, ["95000 of 100000", "Find out"]),
        ({"plan": {"pace": "paused"}}, ["takes no API calls"]),
    ],
)
def test_a_worker_in_trouble_is_told_of(store, client_of, values, said):
    """What the worker knows about itself is not hidden in its log."""
    with store.writing() as session:
        stored.connect(session, watermark=now())
    work(store, next_at=now(), **values)
    problems = status_of(client_of, store)["problems"]

    assert len(problems) == 1
    assert [each for each in said if each not in problems[0]] == []


def test_a_scope_that_no_pass_has_followed_is_told_of(well, client_of):
    """Whoever has just chosen knows what is still to come."""
    with well.writing() as session:
        keep_scope(session, stored.ORG_ID, {"closed_from": "2024-01-01"}, set_by="ann")
    status = status_of(client_of, well)

    assert "version 1 of the scope" in status["problems"][0]
    assert status["orgs"][0]["scope"]["set_by"] == "ann"


def test_hidden_unreadable_and_late_are_told_with_what_to_do(well, client_of):
    """Each line ends with what somebody can do."""
    know(well, "Contact", unavailable_fields=["Email"])
    know(well, "Case", state="unreadable", detail="The user may not query it.")
    know(well, "Task", late_rows=7, most_late_seconds=850, last_late_at=now())
    problems = status_of(client_of, well)["problems"]

    assert len(problems) == 3
    for said in ("Contact hides Email", "Case is unreadable", "850 s after their stamp"):
        assert any(said in words for words in problems)


def test_readings_under_way_tell_how_far_they_are(well, client_of):
    """A first load of hours is not a silence of hours."""
    for generation, (name, landed, expected, state) in enumerate(
        [
            ("Contact", 120, 480, "running"),
            ("Task", 0, None, "running"),
            ("Case", 7, 7, "landed"),
            ("Note", 1, 1, "merged"),
        ]
    ):
        with well.writing() as session:
            session.execute(
                insert(BULK_JOB).values(
                    org_id=stored.ORG_ID, generation=generation, purpose="snapshot", object=name, number=0,
                    soql="SELECT", include_deleted=False, fields=[], created_at=now(), state=state,
                    rows_landed=landed, expected_rows=expected, pages_landed=1,
                )
            )  # fmt: skip
    readings = status_of(client_of, well)["orgs"][0]["readings"]

    assert [(each["object"], each["rows_landed"], each["percent"]) for each in readings] == [
        ("Contact", 120, 25), ("Task", 0, None), ("Case", 7, 100),
    ]  # fmt: skip


def test_each_org_is_told_of_by_itself(well, client_of):
    """Several orgs may live in one store."""
    with well.writing() as session:
        session.execute(
            text("""
                INSERT INTO ops.org (org_id, name, instance_url, is_sandbox, watermark)
                VALUES (:id, 'B', 'u', true, :at)
            """),
            {"id": OTHER_ORG, "at": now() - timedelta(hours=5)},
        )
    know(well, "Quote", org=OTHER_ORG, behind=5 * 3600)
    status = status_of(client_of, well)

    assert [org["name"] for org in status["orgs"]] == ["Acme Health", "B"]
    assert status["orgs"][0]["problems"] == []
    assert all(words.startswith("B: ") for words in status["problems"])


def test_coverage_tells_what_is_read_and_what_is_not_with_the_reason(well, client_of):
    """A field that is missing in a brief is found here, and so is who can change that."""
    know(
        well,
        "Contact",
        shape=SHAPE,
        fields_not_read={"MailingAddress": "its parts are read"},
        unavailable_fields=["Fax"],
    )
    body = client_of(well).get("/api/v1/sync/coverage?object=contact").json()
    (row,) = body["data"]

    assert body["next_cursor"] is None
    assert row["fields_read"] == 3
    assert row["fields_not_read"] == [
        {"field": "Fax", "why": "hidden from the sync user"},
        {"field": "MailingAddress", "why": "its parts are read"},
    ]
    assert row["rows"] == 3


def test_coverage_is_filtered_and_cut_to_some_fields(well, client_of):
    """A dashboard asks for what it shows."""
    know(well, "Quote", org=OTHER_ORG)
    know(well, "Case", state="unreadable")
    client = client_of(well)

    def found(query):
        return [row["object"] for row in client.get(f"/api/v1/sync/coverage?fields=object&{query}").json()["data"]]

    assert found("") == ["Account", "Case", "Opportunity", "OpportunityHistory"]
    assert found("state=unreadable") == ["Case"]
    assert found("object=Case&object=Account") == ["Account", "Case"]
    assert found(f"org={OTHER_ORG}") == []


@pytest.mark.parametrize("query", ["objects=Case", "fields=colour", "limit=5"])
def test_a_question_about_coverage_that_makes_no_sense_is_a_problem_document(well, client_of, query):
    """A misspelt filter would deliver everything, so it delivers nothing."""
    answer = client_of(well).get(f"/api/v1/sync/coverage?{query}")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_answers_about_the_sync_have_the_fields_that_are_described(well, client_of):
    """The description and the SQL cannot drift apart."""
    client = client_of(well)
    stored.ran(well, 1)
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    (run,) = client.get("/api/v1/sync/runs").json()["data"]
    row = client.get("/api/v1/sync/coverage").json()["data"][0]
    example = schemas["SyncStatus"]["examples"][0]["orgs"][0]
    org = status_of(client_of, well)["orgs"][0]

    assert list(run) == list(schemas["RunRow"]["properties"])
    assert list(row) == list(schemas["CoverageRow"]["properties"])
    assert sorted(org) == sorted(example)
    assert sorted(org["objects"][0]) == sorted(example["objects"][0])
    assert sorted(org["scope"]) == sorted(example["scope"])


def test_an_unchanged_status_is_a_304_although_time_goes_on(well, client_of):
    """A page that looks every second costs nothing while nothing happens, although something may be wrong."""
    know(well, "Quote", behind=3 * 3600)
    client = client_of(well)
    for path in ("/api/v1/sync/status", "/api/v1/sync/coverage"):
        tag = client.get(path).headers["etag"]
        time.sleep(1.1)
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
