"""An administrator erases a person at a customer: every answer says so, and who did it is kept."""

import dataclasses
import json

import pytest
import stored_deals as stored
from sqlalchemy import text

from models.survey import SurveyAnswer, SurveyKind, keep_answers

DEAL, ANA, BEN = stored.deal_id(1), "003000000000001AAA", "003000000000002AAA"
NAME, ADDRESS, PHONE = "Ana Canary", "ana@canary.example", "+254 20 555 0100"
PROMISE = f"Promised to {NAME}: Anabel and Canary Wharf."
A = "/api/v1"


def _document():
    """A brief that names her in every way."""
    person = {"name": NAME, "title": "VP", "contact_id": ANA, "email": ADDRESS, "phone": PHONE}
    whole = {
        **person, "department": "Ops", "reports_to": "Ben", "role": "Champion", "is_primary": True, "influence": None,
        "sentiment": "warm", "touches": 3, "last_touch_on": "2026-06-30",
    }  # fmt: skip
    item = {"label": "A line", "state": "ok", "source": None}
    said = {**item, "source": {"object": "Task", "field": "Description", "record_id": "00T000000000001AAA"}}
    return json.dumps({
        "deal_id": DEAL, "name": "First", "customer": None, "won_at": None, "renewal": None,
        "amount": 123456.70, "salesforce_url": "https://acme.example",
        "completeness": {"score": 50, "missing": []}, "risks": [
            {"rule": "red_flags", "severity": "low", "detail": f"ana canary left; write to {ADDRESS}.", "evidence": []},
        ],
        "sections": [
            {"key": "why_they_bought", "title": "Why", "items": [{**said, "key": "pain", "value": "She is fed up."}]},
            {"key": "who_bought", "title": "Who bought", "items": [
                {**item, "key": "champion", "value": person}, {**item, "key": "person", "label": NAME, "value": whole},
                {**item, "key": "person", "label": "Ben", "value": {**whole, "name": "Ben", "contact_id": BEN,
                 "email": "ben@canary.example", "phone": None, "sentiment": None, "reports_to": NAME}},
            ]},
            {"key": "what_was_promised", "title": "What was promised", "items": [
                {**item, "key": "note", "value": {"text": PROMISE, "author": "Sam", "at": None}},
            ]},
        ],
    })  # fmt: skip


@pytest.fixture
def filled(store):
    """A deal with two people, a task about one of them, and a brief that names both."""
    stored.fill(store, [{"id": DEAL, "name": "First", "custom": {"Champion__c": NAME, "Goal__c": "Rotas"}}])
    with store.writing() as session:
        stored.put(session, "contact", [
            {"id": ANA, "name": NAME, "title": "VP", "email": ADDRESS, "phone": PHONE, "accountid": stored.ACME},
            {"id": BEN, "name": "Ben", "reportstoid": ANA, "accountid": stored.ACME},
        ])  # fmt: skip
        roles = [{"id": "00K000000000001AAA", "opportunityid": DEAL, "contactid": ANA, "role": "Champion"}]
        stored.put(session, "opportunitycontactrole", roles)
        task = {
            "id": "00T000000000001AAA",
            "whatid": DEAL,
            "whoid": ANA,
            "subject": f"Call {NAME}",
            "status": "Completed",
        }
        stored.put(session, "task", [{**task, "description": "She is fed up."}])
    stored.brief(store, DEAL, _document())
    stored.brief(store, DEAL, _document().replace("123456.7", "123456.71"))
    return store


PATHS = [
    f"{A}/deals/{DEAL}", f"{A}/deals?expand=stakeholders", f"{A}/deals/{DEAL}/brief",
    f"{A}/deals/{DEAL}/brief?version=1",
    f"{A}/deals/{DEAL}/brief?format=md", f"{A}/deals/{DEAL}/brief?format=html", f"{A}/contacts", f"{A}/contacts/{ANA}",
    f"{A}/customers/{stored.ACME}/contacts", f"{A}/customers/{stored.ACME}/timeline", f"{A}/search?q=canary",
    f"{A}/search?q={ANA}", f"{A}/customers?expand=contacts",
]  # fmt: skip


def test_no_answer_names_who_was_erased(filled, client_of):
    """Before, each of these answers did; afterwards none does, in whatever form."""
    client = client_of(filled, "admin")
    assert [path for path in PATHS if "Canary" not in client.get(path).text] == []
    answer = client.post(f"{A}/contacts/{ANA[:15]}/erase", {})

    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("org_id", "contact_id", "erased_by", "briefs")} == {
        "org_id": stored.ORG_ID, "contact_id": ANA, "erased_by": "a test", "briefs": 2,
    }  # fmt: skip
    for path in PATHS:
        text_of = client.get(path).text
        assert client.get(path).status_code == 200, path
        for trace in (NAME, "ana canary", ADDRESS, "555 0100", "fed up", "warm"):
            assert trace not in text_of.replace("Anabel and Canary Wharf", ""), (path, trace)


def test_every_answer_says_that_somebody_was_erased(filled, client_of):
    """It is a state, and no field that nobody filled."""
    client = client_of(filled, "admin")
    client.post(f"{A}/contacts/{ANA}/erase", {})
    contact = client.get(f"{A}/contacts/{ANA}").json()
    deal = client.get(f"{A}/deals/{DEAL}").json()
    brief = client.get(f"{A}/deals/{DEAL}/brief").json()
    lines = {
        (item["key"], item["label"]): item
        for section in brief["sections"] for item in section["items"] if section["key"] != "cs_owned"
    }  # fmt: skip

    assert (contact["is_erased"], contact["name"], contact["customer_name"]) == (True, None, "Acme")
    assert client.get(f"{A}/contacts/{BEN}").json()["is_erased"] is False
    assert [(each["is_erased"], each["role"]) for each in deal["stakeholders"]] == [(True, "Champion")]
    assert [(each["is_erased"], each["title"], each["status"]) for each in deal["timeline"]] == [
        (True, None, "Completed")
    ]
    assert lines["champion", "A line"]["state"] == lines["person", "Erased person"]["state"] == "erased"
    assert lines["person", "Erased person"]["value"]["touches"] == 3
    assert (lines["pain", "A line"]["value"], lines["pain", "A line"]["state"]) == (None, "erased")
    assert lines["person", "Ben"]["value"]["reports_to"] == "Erased person"
    assert lines["note", "A line"]["value"]["text"] == "Promised to Erased person: Anabel and Canary Wharf."
    assert brief["risks"][0]["detail"] == "Erased person left; write to Erased person."
    assert '"amount":123456.71,' in client.get(f"{A}/deals/{DEAL}/brief").text
    assert "Erased person" in client.get(f"{A}/deals/{DEAL}/brief?format=md").text
    assert client.get(f"{A}/search?q={ANA}").json()["data"][0]["title"] == "Erased person"


def test_fields_that_hold_their_name_alone_are_emptied_and_others_stay(filled, client_of):
    """A champion by name only is no way around it; what else sales wrote is not touched."""
    client_of(filled, "admin").post(f"{A}/contacts/{ANA}/erase", {})
    with filled.reading() as session:
        custom = session.execute(text("SELECT custom FROM salesforce.opportunity")).scalar_one()

    assert custom == {"Goal__c": "Rotas"}


def test_what_they_wrote_in_a_survey_goes_and_their_score_stays(filled, client_of):
    """Also when it comes again, or comes later; the figures do not change by it."""
    client = client_of(filled, "admin")
    said = SurveyAnswer(
        source="tool", external_id="1", customer_id=stored.ACME, kind=SurveyKind.CSAT, changed_at=stored.WATERMARK,
        asked_on=None, answered_on=stored.WATERMARK.date(), score=4, scale=5, contact_id=ANA, comment="Ana says so.",
    )  # fmt: skip
    other = dataclasses.replace(said, external_id="2", contact_id=BEN, comment="Fine.")
    later = dataclasses.replace(said, external_id="3", comment="Ana again.")
    with filled.writing() as session:
        keep_answers(session, stored.ORG_ID, [said, other], by="a test")
    client.post(f"{A}/contacts/{ANA}/erase", {})
    with filled.writing() as session:
        assert keep_answers(session, stored.ORG_ID, [said, later], by="a test") == 1
        rows = session.execute(text("SELECT external_id, score, comment FROM cs.survey_answer ORDER BY 1")).all()

    assert [tuple(each) for each in rows] == [("1", 4, None), ("2", 4, "Fine."), ("3", 4, None)]


def test_it_is_kept_who_erased_whom_and_not_their_name(filled, client_of):
    """A regulator's question can be answered without the data that had to go."""
    client_of(filled, "admin").post(f"{A}/contacts/{ANA}/erase", {}, headers={"X-Request-ID": "r-1"})
    with filled.reading() as session:
        acts = session.execute(text("SELECT who, org_id, record_id, deal_id, request_id FROM ops.audit")).all()
        everything = session.execute(text("SELECT string_agg(e::text, '') FROM cs.erased_contact AS e")).scalar_one()

    assert [tuple(each) for each in acts] == [("a test", stored.ORG_ID, ANA, None, "r-1")]
    assert "Canary" not in everything


def test_only_an_admin_erases_and_only_whom_there_is(filled, client_of):
    """Nobody loses data by a slip of somebody who may only read and write notes."""
    rep = client_of(filled, "briefs:read", "contacts:read", "notes:write")
    assert rep.post(f"{A}/contacts/{ANA}/erase", {}).status_code == 403
    admin = client_of(filled, "admin")
    for unknown in ("003000000000009AAA", "nonsense"):
        assert admin.post(f"{A}/contacts/{unknown}/erase", {}).json()["type"] == "urn:baton:problem:contact_not_found"
    assert admin.get(f"{A}/contacts/{ANA}").json()["name"] == NAME
