"""Surveys over the API: kept once, in any order, only about customers; and what they add up to."""

import itertools
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
import stored_deals as stored
import worked_example as example
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.scopes import Scope
from models.satisfaction import Counted, percent_of, satisfaction, verdict_of
from models.session import Store
from models.survey import SurveyAnswer, SurveyKind, keep_answers
from models.term import KnownTerm, write_terms

API = "/api/v1"
CS = (Scope.BRIEFS_READ, Scope.CONTACTS_READ, Scope.NOTES_WRITE, Scope.METRICS_READ, Scope.COMMERCIAL_READ)
QUARTER = {"from": "2026-07-01", "to": "2026-09-30", "as_of": "2026-11-23"}
CLEO = "005000000000002AAA"
OTHER = "001000000000002AAA"


@pytest.fixture
def filled(store: Store) -> Store:
    """Acme, an enterprise in Cleo's book, and another customer that nobody looks after."""
    stored.fill(store, [{"id": stored.deal_id(1)}])
    with store.writing() as session:
        stored.put(session, "account", [{"id": OTHER, "name": "Beta"}])
        stored.put(session, "user", [{"id": CLEO, "name": "Cleo", "email": "cleo@acme.example"}])
        stored.win(session, [{"id": stored.deal_id(2), "accountid": OTHER}])
    lines = [{"key": "csm", "value": {"user_id": CLEO, "name": "Cleo"}}, {"key": "segment", "value": "Enterprise"}]
    stored.brief(store, stored.deal_id(1), json.dumps({"sections": [{"items": lines}]}))
    return store


@pytest.fixture
def client(filled: Store, client_of: Any) -> Any:
    """A key of CS."""
    return client_of(filled, *CS)


def said(number: int, score: int | None, **values: Any) -> dict[str, Any]:
    """An answer to the n-th NPS survey, which was sent on 1 August."""
    answered = None if score is None else "2026-08-03"
    return {
        "source": "Delighted", "external_id": str(number), "kind": "nps", "customer_id": stored.ACME,
        "asked_on": "2026-08-01", "answered_on": answered, "score": score, **values,
    }  # fmt: skip


def send(client: Any, *answers: dict[str, Any]) -> Any:
    """Send answers that are all right."""
    answer = client.post(f"{API}/surveys", {"answers": list(answers)})

    assert answer.status_code == 200, answer.text
    return answer.json()


def figures(client: Any, path: str = "satisfaction", **params: Any) -> Any:
    """The rows of a table of the quarter."""
    answer = client.get(f"{API}/metrics/{path}", params={**QUARTER, **params})

    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_an_answer_is_kept_once_however_often_it_is_sent(client):
    """A tool that sends its whole export every night doubles nothing."""
    first = send(client, said(1, 9), said(2, 4))
    again = send(client, said(2, 4), said(1, 9), said(3, None), said(3, None))
    listed = client.get(f"{API}/surveys").json()["data"]

    assert (first, again) == ({"received": 2, "kept": 2, "known": 0}, {"received": 4, "kept": 1, "known": 3})
    assert {(each["external_id"], each["verdict"]) for each in listed} == {
        ("1", "promoter"), ("2", "detractor"), ("3", None),
    }  # fmt: skip
    assert {each["kept_by"] for each in listed} == {"a test"}


def test_the_same_id_of_another_tool_is_another_survey(client):
    """Ids are a tool's own."""
    send(client, said(1, 9), said(1, 9, source="Typeform"))

    assert figures(client)[0]["nps_answers"] == 2


def test_nps_csat_and_response_rate_are_as_worked_out_by_hand(client):
    """4 promoters, 3 passives and 3 detractors of 10 are 10.00; 3 of 4 satisfied are 75 %; 14 of 16 answered."""
    send(client, *(said(number, score) for number, score in enumerate((9, 9, 10, 10, 7, 8, 8, 6, 0, 3))))
    csat = [{"kind": "csat", "score": score, "external_id": f"c{place}"} for place, score in enumerate((5, 4, 4, 3))]
    send(client, *({**said(0, 5), **each} for each in csat), said(20, None), said(21, None))
    [row] = figures(client)

    assert (row["promoters"], row["passives"], row["detractors"], row["nps"]) == (4, 3, 3, 10)
    assert (row["csat_answers"], row["satisfied"], row["csat"]) == (4, 3, 0.75)
    assert (row["asked"], row["answered"], row["response_rate"]) == (16, 14, 0.875)
    assert len(figures(client, "satisfaction/rows")) == row["surveys"] == 16


def test_a_quarter_without_surveys_has_no_score(client):
    """Nobody was asked: null, and neither 0 nor 100."""
    [row] = figures(client)

    assert [row[name] for name in ("surveys", "asked", "nps_answers", "csat_answers")] == [0, 0, 0, 0]
    assert [row[name] for name in ("response_rate", "csat", "csat_change", "nps", "nps_change")] == [None] * 5


def test_a_trend_tells_the_change_since_the_period_before(client):
    """From -100 in July over 0 in August to no answer in September."""
    send(client, said(1, 2, asked_on="2026-07-01"), said(2, 9), said(3, 1), said(4, None, asked_on="2026-09-01"))
    rows = figures(client, bucket="month")

    assert [(row["period"], row["nps"], row["nps_change"]) for row in rows] == [
        ("2026-07", -100, None), ("2026-08", 0, 100), ("2026-09", None, None),
    ]  # fmt: skip


def test_satisfaction_is_told_by_csm_segment_and_source(client):
    """A lead sees whose customers are unhappy."""
    send(client, said(1, 9), said(2, 3, customer_id=OTHER, source="Typeform"))

    def by(group: str) -> list[tuple[str, float]]:
        return [(row["group"], row["nps"]) for row in figures(client, group_by=group)]

    assert by("csm") == by("csm") == [("Cleo", 100), ("none", -100)]
    assert by("segment") == [("Enterprise", 100), ("none", -100)]
    assert by("source") == [("Delighted", 100), ("Typeform", -100)]


def test_what_comes_later_is_not_seen_and_what_was_known_can_be_asked_again(filled, client):
    """On 2 August nobody had answered; before the correction the dashboard showed a promoter."""
    send(client, said(1, 9))
    with filled.reading() as session:
        before = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    send(client, said(1, 2, changed_at="2026-08-04T10:00:00Z"))
    [early] = figures(client, as_of="2026-08-02", to="2026-08-02")
    [behind] = figures(client, "satisfaction/rows", as_of="2026-08-02", to="2026-08-02")

    assert (early["asked"], early["answered"], early["nps"]) == (1, 0, None)
    assert (behind["score"], behind["verdict"], behind["answered_on"]) == (None, None, None)
    assert figures(client)[0]["nps"] == -100
    assert figures(client, known_at=before.isoformat())[0]["nps"] == 100
    assert figures(client, "satisfaction/rows", known_at=before.isoformat())[0]["score"] == 9


def test_a_survey_that_is_taken_back_counts_no_more(client):
    """Its history stays; the list and the figures go on without it."""
    send(client, said(1, 9), said(2, 3))
    send(client, said(1, 9, is_void=True, changed_at="2026-08-05T00:00:00Z"))

    assert figures(client)[0]["nps"] == -100
    assert [each["external_id"] for each in client.get(f"{API}/surveys").json()["data"]] == ["2"]


def test_who_only_sends_answers_has_no_response_rate(client):
    """Where nobody knows how many were asked, 100 % would be a lie."""
    send(client, said(1, 9, asked_on=None))
    [row] = figures(client)

    assert (row["nps"], row["asked"], row["response_rate"]) == (100, 0, None)


def test_the_order_of_arrival_does_not_matter(filled, client):
    """Sent, answered, corrected: whichever comes first, the correction counts, and all three are kept."""
    for number, order in enumerate(itertools.permutations(range(3))):
        corrected = said(number, 6, changed_at="2026-08-04T10:00:00Z")
        story = [said(number, None), said(number, 9), corrected]
        for place in order:
            send(client, story[place])
    listed = client.get(f"{API}/surveys").json()["data"]

    assert [(each["score"], each["verdict"]) for each in listed] == [(6, "detractor")] * 6
    with filled.reading() as session:
        assert session.execute(text("SELECT count(*) FROM cs.survey_answer")).scalar_one() == 18


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10) | st.none(), st.integers(1, 28)), max_size=12),
    st.randoms(),
)
@settings(max_examples=15, deadline=None)
def test_any_answers_in_any_order_and_doubled_add_up_to_the_same(new_database_of_module, answers, random):
    """Two stores that got the same answers in another order, some of them twice, show the same."""
    made = [
        SurveyAnswer(
            source="tool", external_id=str(survey), customer_id=stored.ACME, kind=SurveyKind.NPS, scale=10,
            asked_on=date(2026, 7, 1), answered_on=None if score is None else date(2026, 7, day), score=score,
            changed_at=datetime(2026, 7, day, place, tzinfo=UTC),
        )
        for place, (survey, score, day) in enumerate(answers)
    ]  # fmt: skip
    shuffled = [*made, *random.sample(made, k=len(made) // 2)]
    random.shuffle(shuffled)
    shown = []
    for arrived in (made, shuffled):
        with new_database_of_module.writing() as session:
            session.execute(text("DELETE FROM cs.survey_answer"))
            for each in arrived:
                keep_answers(session, stored.ORG_ID, [each], by="a test")
            rows = session.execute(text("SELECT external_id, score, changed_at FROM cs_v1.survey ORDER BY 1")).all()
            shown.append([tuple(row) for row in rows])

    assert shown[0] == shown[1]


@pytest.fixture(scope="module")
def new_database_of_module(new_database: Any) -> Any:
    """One store for all examples."""
    store = Store(new_database())
    stored.fill(store)
    yield store
    store.close()


def test_the_view_and_the_figures_call_every_score_the_same(filled):
    """A dashboard that speaks SQL finds the same promoters."""
    scores = [(SurveyKind.NPS, score, 10) for score in range(11)]
    scores += [(SurveyKind.CSAT, score, scale) for scale in range(2, 11) for score in range(1, scale + 1)]
    answers = [
        SurveyAnswer(
            source="tool", external_id=f"{kind} {score} {scale}", customer_id=stored.ACME, kind=kind, score=score,
            scale=scale, asked_on=None, answered_on=date(2026, 7, 1), changed_at=datetime(2026, 7, 1, tzinfo=UTC),
        )
        for kind, score, scale in scores
    ]  # fmt: skip
    with filled.writing() as session:
        assert keep_answers(session, stored.ORG_ID, answers, by="a test") == len(scores)
        rows = session.execute(text("SELECT kind, score, scale, verdict FROM cs_v1.survey")).all()

    assert {tuple(row) for row in rows} == {(*each, verdict_of(*each)) for each in scores}


def test_scores_of_all_scales_are_comparable():
    """The worst is 0 and the best is 100."""
    assert [percent_of(SurveyKind.NPS, score, 10) for score in (0, 4, 10)] == [0, 40, 100]
    assert [percent_of(SurveyKind.CSAT, score, 5) for score in (1, 3, 5)] == [0, 50, 100]
    alike = [Counted(kind=SurveyKind.CSAT, score=1, scale=2, is_asked=True, count=3)]
    assert satisfaction(alike).csat.rate == 0


#: what is changed about a good answer, where the problem points then, and what it says
SENSELESS: list[tuple[dict[str, Any], str, str]] = [
    ({"score": 11}, "/body/answers/1/score", "less than or equal to 10"),
    ({"score": None}, "/body/answers/1", "score and answered_on belong together"),
    ({"kind": "csat", "score": 0}, "/body/answers/1", "1 to 5"),
    ({"kind": "csat", "scale": 7, "score": 8}, "/body/answers/1", "1 to 7"),
    ({"scale": 5}, "/body/answers/1", "leave it out"),
    ({"asked_on": "2026-08-09"}, "/body/answers/1", "answered before it was asked"),
    ({"asked_on": None, "answered_on": None, "score": None}, "/body/answers/1", "it has no day"),
    ({"customer_id": "001000000000009AAA"}, "/body/answers/1/customer_id", "no such customer"),
    ({"deal_id": stored.deal_id(2)}, "/body/answers/1/deal_id", "no such deal"),
    ({"colour": "red"}, "/body/answers/1/colour", "Extra inputs"),
]


def test_an_answer_that_makes_no_sense_is_refused_with_all_that_came_with_it(client):
    """The problem points at it, and nothing is half kept."""
    for change, pointer, words in SENSELESS:
        refused = client.post(f"{API}/surveys", {"answers": [said(1, 9), {**said(2, 4), **change}]})
        [error] = refused.json()["errors"]

        assert (refused.status_code, error["pointer"]) == (400, pointer)
        assert words in error["detail"]
    assert client.get(f"{API}/surveys").json()["data"] == []


def test_a_book_sends_and_sees_only_its_own_customers(filled, client, client_of):
    """A CSM's tool can't write about somebody else's customer, nor learn that it is there."""
    send(client, said(1, 9), said(2, 3, customer_id=OTHER))
    own = client_of(filled, *CS, book="cleo@acme.example")
    refused = own.post(f"{API}/surveys", {"answers": [said(5, 9, customer_id=OTHER)]})
    unknown = own.post(f"{API}/surveys", {"answers": [said(5, 9, customer_id="001000000000009AAA")]})

    assert (refused.status_code, refused.json()["detail"]) == (400, unknown.json()["detail"])
    assert [each["external_id"] for each in own.get(f"{API}/surveys").json()["data"]] == ["1"]
    assert figures(own)[0]["nps"] == 100
    assert [each["external_id"] for each in figures(own, "satisfaction/rows")] == ["1"]


def test_what_somebody_wrote_is_hidden_with_the_people(filled, client, client_of):
    """A key for figures reads scores, and neither comments nor persons."""
    send(client, said(1, 3, comment="Ask Ana.", contact_id="003000000000001AAA"))
    reader = client_of(filled, Scope.METRICS_READ, Scope.BRIEFS_READ)
    for path, params in ((f"{API}/surveys", {}), (f"{API}/metrics/satisfaction/rows", QUARTER)):
        answer = reader.get(path, params=params).json()
        [row] = answer["data"]

        assert (row["score"], row["comment"], row["contact_id"]) == (3, None, None)
        assert answer["no_permission"] == ["comment", "contact_id"]


def test_what_an_erased_person_writes_is_not_kept(filled, client):
    """The score stays, which tells nothing of anybody; the words go, those of later answers too."""
    ana = "003000000000001AAA"
    with filled.writing() as session:
        session.execute(
            text("""
                INSERT INTO cs.erased_contact (org_id, contact_id, customer_id, hashes, erased_by)
                VALUES (:org, :ana, :acme, '{}', 'a test')
            """),
            {"org": stored.ORG_ID, "ana": ana, "acme": stored.ACME},
        )
    send(client, said(1, 3, comment="Ask Ana.", contact_id=ana), said(2, 4, comment="Ask Ben."))

    assert {each["comment"] for each in client.get(f"{API}/surveys").json()["data"]} == {None, "Ask Ben."}


FILE = f"""external_id,kind,customer_id,asked_on,answered_on,score,scale,comment
7,nps,{stored.ACME},2026-08-01,2026-08-02,10,,"Good, really"
8,csat,{stored.ACME[:15]},2026-08-01,2026-08-02,6,7,
9,nps,{stored.ACME},2026-08-01,,,,
"""


def import_file(client: Any, content: str | bytes, **params: Any) -> Any:
    """Send a file."""
    content = content.encode() if isinstance(content, str) else content
    headers = {"Idempotency-Key": f"{hash(content)}", "Content-Type": "text/csv"}
    return client.send(
        {"method": "POST", "url": f"{API}/surveys/import", "params": params, "headers": headers, "content": content}
    )


def test_a_file_says_the_same_as_json(client):
    """The columns have the same names; an empty cell is no value; ids may have 15 characters."""
    sent = import_file(client, FILE, source="Typeform")
    again = import_file(client, "\ufeff" + FILE, source="Typeform")
    rows = {each["external_id"]: each for each in client.get(f"{API}/surveys").json()["data"]}

    assert (sent.status_code, sent.json()) == (200, {"received": 3, "kept": 3, "known": 0})
    assert again.json() == {"received": 3, "kept": 0, "known": 3}
    assert [(rows[each]["verdict"], rows[each]["scale"]) for each in "789"] == [
        ("promoter", 10), ("satisfied", 7), (None, 10),
    ]  # fmt: skip
    assert (rows["7"]["comment"], rows["8"]["customer_id"]) == ("Good, really", stored.ACME)
    assert send(client, said(7, 10, source="Typeform", answered_on="2026-08-02", comment="Good, really"))["known"] == 1


WRONG: list[tuple[str | bytes, str]] = [
    ("externalid,kind\n1,nps\n", "Did you mean external_id?"),
    ("\n", "no head line"),
    (FILE.replace("10,,", "11,,"), "/line/2/score"),
    (FILE.replace("2026-08-01,,,,", "2026-08-01,,,,,"), "/line/4: it has more values"),
    (FILE.replace(stored.ACME[:15] + ",", "001000000000009,"), "there is no such customer"),
    (b"external_id\n\xff\n", "UTF-8"),
    ('external_id\n"1\n', "is no CSV"),
]


def test_a_file_with_a_wrong_line_is_refused_whole(client):
    """The problem says where and what; after the correction the same file is sent again."""
    for content, words in WRONG:
        refused = import_file(client, content, source="Typeform")

        assert refused.status_code == 400
        assert words in refused.text
    assert client.get(f"{API}/surveys").json()["data"] == []


def test_renewals_are_told_by_what_customers_had_said(store, client_of):
    """S8, a detractor, is lost; F01, a promoter, renews; an answer after the due day or a year before says nothing."""
    stored.fill(store)
    terms = example.terms()
    with store.writing() as session:
        stored.win(session, [{"id": each.term_id, "accountid": each.logo} for each in terms])
        known = [KnownTerm(term=each, deal_id=each.term_id, deal_ids=(), contract_id=None, why=()) for each in terms]
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)
        given = {
            "S8": (2, "2026-06-01"), "F01": (10, "2026-07-31"), "F02": (9, "2026-08-01"), "F03": (0, "2025-07-30"),
            "S2": (7, "2026-05-01"),
        }  # fmt: skip
        answers = [
            SurveyAnswer(
                source="tool", external_id=customer, customer_id=customer, kind=SurveyKind.NPS, score=score, scale=10,
                asked_on=None, answered_on=date.fromisoformat(day), changed_at=datetime(2026, 9, 1, tzinfo=UTC),
            )
            for customer, (score, day) in given.items()
        ]  # fmt: skip
        keep_answers(session, stored.ORG_ID, answers, by="a test")
    rows = figures(client_of(store, *CS), "satisfaction/renewals")

    assert [(row["verdict"], row["terms_due"], row["term_renewal_rate"]) for row in rows] == [
        ("promoter", 1, 1), ("passive", 1, 1), ("detractor", 1, 0), (None, 18, 1),
    ]  # fmt: skip
    assert sum(row["atr"] for row in rows) == 330_000
    assert rows[1]["gross_renewal_rate"] == 0.8
    none = figures(client_of(store, *CS), "satisfaction/renewals", kind="csat")
    assert [(row["verdict"], row["terms_due"]) for row in none] == [("satisfied", 0), ("unsatisfied", 0), (None, 21)]
    assert none[0]["term_renewal_rate"] is None
