"""Health of customers over the API: where each input comes from, what is not known, and who is found by it."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import stored_deals as stored
from sqlalchemy import text

from app.scopes import Scope
from models.handoff import open_handoffs, set_milestones
from models.renewals.term import Step, Term
from models.session import Store
from models.survey import SurveyAnswer, SurveyKind, keep_answers
from models.term import KnownTerm, write_terms

API = "/api/v1"
CS = (Scope.BRIEFS_READ, Scope.NOTES_WRITE, Scope.METRICS_READ)
TODAY = date(2026, 11, 23)
ANA, CLEO, OTHER = "003000000000001AAA", "005000000000002AAA", "001000000000002AAA"
DEAL = stored.deal_id(1)


@pytest.fixture
def filled(store: Store) -> Store:
    """Acme in Cleo's book, with Ana as its champion, and Beta, of which nothing is known; today is 23 November."""
    stored.fill(store, [{"id": DEAL}])
    with store.writing() as session:
        session.execute(text("UPDATE ops.org SET watermark = '2026-11-23T12:00:00Z'"))
        stored.put(session, "account", [{"id": OTHER, "name": "Beta"}])
        stored.put(session, "contact", [{"id": ANA, "name": "Ana Ruiz", "accountid": stored.ACME}])
        stored.put(session, "opportunitycontactrole", [{"id": "00K1", "opportunityid": DEAL, "contactid": ANA}])
        stored.put(session, "user", [{"id": CLEO, "name": "Cleo", "email": "cleo@acme.example"}])
        stored.win(session, [{"id": stored.deal_id(2), "accountid": OTHER}])
        open_handoffs(session, stored.ORG_ID, [DEAL, stored.deal_id(2)], found=[stored.deal_id(2)])
    lines = [
        {"key": "csm", "value": {"user_id": CLEO, "name": "Cleo"}}, {"key": "segment", "value": "Enterprise"},
        {"key": "champion", "value": {"name": "Ana Ruiz", "contact_id": ANA}},
    ]  # fmt: skip
    stored.brief(store, DEAL, json.dumps({"sections": [{"items": lines}]}))
    return store


@pytest.fixture
def client(filled: Store, client_of: Any) -> Any:
    """A key of CS."""
    return client_of(filled, *CS)


def milestones(store: Store, **changes: Any) -> None:
    """CS moves the handoff of Acme's deal."""
    with store.writing() as session:
        set_milestones(session, stored.ORG_ID, DEAL, changes, by="Cleo")


def touch(store: Store, days_ago: int, **values: Any) -> None:
    """Somebody spoke to Ana."""
    task = {
        "id": f"00T{days_ago}", "whatid": DEAL, "whoid": ANA, "isclosed": True,
        "activitydate": TODAY - timedelta(days=days_ago), **values,
    }  # fmt: skip
    with store.writing() as session:
        stored.put(session, "task", [task])


def answered(store: Store, score: int, on: date = date(2026, 8, 3), kind: SurveyKind = SurveyKind.NPS) -> None:
    """Acme answers a survey."""
    answer = SurveyAnswer(
        source="tool", external_id=f"{kind} {on}", customer_id=stored.ACME, kind=kind, score=score,
        scale=10 if kind is SurveyKind.NPS else 5, asked_on=None, answered_on=on,
        changed_at=datetime(2026, 8, 3, tzinfo=UTC),
    )  # fmt: skip
    with store.writing() as session:
        keep_answers(session, stored.ORG_ID, [answer], by="a test")


def score(**values: Any) -> dict[str, Any]:
    """A score of usage, as another tool sends it."""
    return {
        "customer_id": stored.ACME, "input": "usage", "score": 50, "measured_at": "2026-11-20T00:00:00Z",
        "source": "Pendo", **values,
    }  # fmt: skip


def of_acme(client: Any, **params: Any) -> dict[str, Any]:
    """The row of Acme."""
    rows = client.get(f"{API}/metrics/health/rows", params=params).json()["data"]
    return next(row for row in rows if row["customer_id"] == stored.ACME)


def test_the_example_reads_as_it_was_worked_out(filled, client):
    """A first success, a sponsor two months ago, nothing of usage, and a 4 of 10: 74.29, of which 70 % is known."""
    milestones(filled, kickoff_on=date(2026, 7, 8), first_value_on=date(2026, 7, 29), sentiment=5)
    touch(filled, 60)
    answered(filled, 4)
    row = of_acme(client)
    shown = client.get(f"{API}/customers/{stored.ACME}").json()
    [listed] = client.get(f"{API}/customers?q=Acme").json()["data"]

    assert [row[name] for name in ("handoff", "sponsor", "usage", "sentiment")] == [100, 70, None, 40]
    for each in (row, shown, listed):
        names = ("health_score", "health_coverage", "health", "csm_sentiment", "segment")
        assert [each[name] for name in names] == [74.29, 70, "fair", 5, "Enterprise"]
    assert '"health_score":74.29,"health_coverage":70.00,' in client.get(f"{API}/customers?q=Acme").text


def test_of_a_customer_of_whom_nothing_is_known_there_is_no_score(client):
    """Beta's deal had been won before anybody looked: unknown, and not poor."""
    rows = {row["customer_name"]: row for row in client.get(f"{API}/metrics/health/rows").json()["data"]}

    assert [rows["Beta"][name] for name in ("health_score", "health_coverage", "health", "handoff")] == [
        None, 0, "unknown", None,
    ]  # fmt: skip


def test_a_handoff_counts_by_how_far_it_is_as_seen_on_the_day(filled, client):
    """Waiting 0, kicked off 60, first value 100; a kickoff that is planned is none yet."""
    assert of_acme(client)["handoff"] == 0
    milestones(filled, kickoff_on=date(2026, 11, 1), first_value_on=date(2026, 12, 1))

    assert [of_acme(client, as_of=day)["handoff"] for day in ("2026-10-31", "2026-11-01", "2026-12-01")] == [0, 60, 100]
    client.post(f"{API}/deals/{DEAL}/brief/ack", {})
    with filled.writing() as session:
        session.execute(text("UPDATE cs.handoff SET acknowledged_at = '2026-10-05T00:00:00Z'"))
    assert [of_acme(client, as_of=day)["handoff"] for day in ("2026-10-04", "2026-10-05")] == [0, 30]


def test_a_sponsor_counts_by_the_last_touch(filled, client):
    """Who has not been spoken to for half a year is a sponsor no more."""
    touch(filled, 0)
    days = (0, 30, 31, 90, 91, 180, 181)
    scores = [of_acme(client, as_of=str(TODAY + timedelta(days=each)))["sponsor"] for each in days]

    assert scores == [100, 100, 70, 70, 40, 40, 0]


def test_what_is_planned_or_undone_is_no_touch(filled, client):
    """A call of tomorrow, or an open task, says nothing of how close somebody is."""
    touch(filled, -1)
    touch(filled, 5, isclosed=False)
    assert of_acme(client)["sponsor"] is None
    touch(filled, 100)

    assert of_acme(client)["sponsor"] == 40


def test_sentiment_is_the_last_answer_of_each_kind(filled, client):
    """A 9 of 10 and a 3 of 5 are 90 and 50, 70 together; an answer of more than a year ago says nothing."""
    answered(filled, 2, on=date(2026, 3, 1))
    answered(filled, 9)
    answered(filled, 3, kind=SurveyKind.CSAT)
    old = of_acme(client, as_of="2027-11-01")

    assert of_acme(client)["sentiment"] == 70
    assert of_acme(client, as_of="2026-08-02")["sentiment"] == 20
    assert old["sentiment"] is None


def test_usage_is_what_another_tool_measured_last(client):
    """In whatever order it is sent, and once however often; after 90 days it is known no more."""
    later = score(score=62.5, measured_at="2026-11-22T00:00:00Z")
    first = client.post(f"{API}/health/scores", {"scores": [later, score()]})
    again = client.post(f"{API}/health/scores", {"scores": [score(), later]})

    assert (first.json(), again.json()) == (
        {"received": 2, "kept": 2, "known": 0}, {"received": 2, "kept": 0, "known": 2},
    )  # fmt: skip
    assert [of_acme(client, as_of=day)["usage"] for day in ("2026-11-19", "2026-11-21", "2026-11-23")] == [
        None, 50, 62.5,
    ]  # fmt: skip
    assert of_acme(client, as_of="2027-03-01")["usage"] is None


def test_another_tool_may_know_an_input_better(filled, client):
    """Whoever tracks sponsors elsewhere sends that; it counts instead of what is seen here."""
    touch(filled, 1)
    client.post(f"{API}/health/scores", {"scores": [score(input="sponsor", score=10)]})

    assert of_acme(client)["sponsor"] == 10


def test_figures_tell_how_many_are_how_healthy(filled, client):
    """Acme is fair, of Beta too little is known; a group without a score has no mean."""
    milestones(filled, first_value_on=date(2026, 7, 29))
    touch(filled, 60)
    answered(filled, 4)

    def rows(**params: Any) -> list[Any]:
        return client.get(f"{API}/metrics/health", params=params).json()["data"]

    [whole] = rows()
    assert [whole[name] for name in ("customers", "scored", "health_score_average", "health_coverage_average")] == [
        2, 1, 74.29, 35,
    ]  # fmt: skip
    assert [whole[name] for name in ("good", "fair", "poor", "unknown")] == [0, 1, 0, 1]
    by_csm = [(row["group"], row["customers"], row["health_score_average"]) for row in rows(group_by="csm")]
    assert by_csm == [("Cleo", 1, 74.29), ("none", 1, None)]
    assert [row["group"] for row in rows(group_by="segment")] == ["Enterprise", "none"]
    assert rows(as_of="2020-01-01")[0]["health_score_average"] is None
    csv = client.get(f"{API}/metrics/health?format=csv").text.splitlines()
    assert csv[0].split(",") == list(whole)


def test_customers_are_found_by_health_segment_and_open_renewals(filled, client):
    """A CSM lists whom to call first."""
    started = date(2026, 1, 1)
    term = Term(
        term_id="800000000000001AAA", logo=stored.ACME, start=started, due=date(2026, 12, 31),
        steps=(Step(started, Decimal(100)),), currency="USD", signed_on=started,
    )  # fmt: skip
    with filled.writing() as session:
        known = KnownTerm(term=term, deal_id=DEAL, deal_ids=(DEAL,), contract_id=None, why=())
        write_terms(session, stored.ORG_ID, [stored.ACME], [known], generation=1)
    touch(filled, 1)

    def names(query: str) -> list[str]:
        answer = client.get(f"{API}/customers?include_total=true&{query}").json()
        assert answer["total"]["count"] == len(answer["data"])
        return [row["name"] for row in answer["data"]]

    milestones(filled, kickoff_on=date(2026, 7, 8))  # 30 x 60 and 20 x 100, of 50: 76
    assert [names(f"health={band}") for band in ("good", "fair", "poor", "unknown")] == [["Acme"], [], [], ["Beta"]]
    client.post(f"{API}/health/scores", {"scores": [score(score=0)]})
    assert [names(f"health={band}") for band in ("good", "fair", "poor", "unknown")] == [[], [], ["Acme"], ["Beta"]]
    assert names("health=poor&health=unknown") == ["Acme", "Beta"]
    assert (names("segment=enterprise"), names("segment=startup")) == (["Acme"], [])
    assert (names("has_open_renewal=true"), names("has_open_renewal=false")) == (["Acme"], ["Beta"])
    refused = client.get(f"{API}/customers?health=green")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/query/health/0")


def test_fields_without_health_cost_nothing_for_it(client):
    """A list of names is read as before."""
    [row, _] = client.get(f"{API}/customers?fields=name").json()["data"]
    [with_health, _] = client.get(f"{API}/customers?fields=name,health").json()["data"]

    assert (row, with_health) == ({"name": "Acme"}, {"name": "Acme", "health": "unknown"})


def test_a_book_limits_health_to_its_customers(filled, client_of):
    """A CSM's key reads and writes the health of the CSM's own customers."""
    own = client_of(filled, *CS, book="cleo@acme.example")
    refused = own.post(f"{API}/health/scores", {"scores": [score(customer_id=OTHER)]})

    assert [row["customer_name"] for row in own.get(f"{API}/metrics/health/rows").json()["data"]] == ["Acme"]
    assert (refused.status_code, refused.json()["type"]) == (400, "urn:baton:problem:about_nobody")
    assert refused.json()["errors"] == [
        {"pointer": "/body/scores/0/customer_id", "detail": "there is no such customer"}
    ]


def test_a_score_that_makes_no_sense_is_refused(client):
    """The problem points at it."""
    for field, value in {"score": 101, "input": "mood", "measured_at": "now", "source": ""}.items():
        refused = client.post(f"{API}/health/scores", {"scores": [score(**{field: value})]})

        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"/body/scores/0/{field}")
