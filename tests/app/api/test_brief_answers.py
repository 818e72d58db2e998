"""A brief in each of its forms and versions, what changed in it, and what is missing."""

import io
import json
from typing import Any

import pytest
import stored_deals as stored
from pypdf import PdfReader

ID = stored.deal_id(1)
PATH = f"/api/v1/deals/{ID}"
GAP = {
    "key": "success_criteria", "label": "Success criteria", "section": "what_success_means", "weight": 20,
    "owner": "AE", "state": "empty", "object": "Opportunity", "field": "Success_Criteria__c",
    "salesforce_url": "https://x/r",
}  # fmt: skip
CSM_GAP = {**GAP, "key": "csm", "label": "Customer success manager", "weight": 0, "owner": "CS"}


def line(key: str, value: Any, *, section: str = "story") -> dict[str, Any]:
    """A section with one line."""
    source = {"object": "Opportunity", "field": "X__c", "record_id": ID, "modified_at": "2026-07-01T09:00:00Z"}
    state = "empty" if value is None else "ok"
    items = [{"key": key, "label": key.title(), "value": value, "state": state, "source": source}]
    return {"key": section, "title": section.title(), "items": items}


def document(*sections: dict[str, Any], name: str = "First", **parts: Any) -> str:
    """A stored brief."""
    return json.dumps({
        "deal_id": ID, "name": name, "customer": {"id": stored.ACME, "name": "Acme"}, "owner": None, "amount": 100,
        "currency": "USD", "won_at": None, "won_on": "2026-07-01", "salesforce_url": "https://x",
        "completeness": {"score": 80, "missing": [GAP], "also_missing": [CSM_GAP]}, "sections": list(sections),
        "risks": [], "renewal": None, **parts,
    })  # fmt: skip


@pytest.fixture
def read_twice(store, client):
    """A deal whose brief has two versions."""
    stored.brief(store, ID, document(line("pain", "Paper"), line("why_now", None, section="why")))
    stored.brief(store, ID, document(line("pain", "Paper rotas"), line("why_now", "Audit", section="why")))
    return client


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("md", "text/markdown", b"# First"),
        ("html", "text/html", b"<!doctype html>"),
        ("pdf", "application/pdf", b"%PDF"),
    ],
)
def test_a_brief_comes_in_the_form_that_was_asked_for(read_twice, form, kind, begins):
    """By parameter or by the Accept header; an unchanged one is a 304 in each form."""
    found = read_twice.get(f"{PATH}/brief", params={"format": form})
    accepted = read_twice.get(f"{PATH}/brief", headers={"Accept": f"{kind}, application/json;q=0.5"})
    again = read_twice.get(f"{PATH}/brief", params={"format": form}, headers={"If-None-Match": found.headers["etag"]})

    assert found.headers["content-type"].split(";")[0] == kind
    assert found.content.startswith(begins)
    assert accepted.headers["content-type"] == found.headers["content-type"]
    assert again.status_code == 304


def test_a_page_of_html_may_run_nothing_and_a_pdf_has_a_name(read_twice):
    """A browser shows the one and saves the other under a name that says which brief it is."""
    html = read_twice.get(f"{PATH}/brief?format=html")
    pdf = read_twice.get(f"{PATH}/brief?format=pdf")

    assert html.headers["content-security-policy"].startswith("default-src 'none'")
    assert "style-src 'sha256-" in html.headers["content-security-policy"]
    assert pdf.headers["content-disposition"] == f'inline; filename="brief-{ID}-v2.pdf"'
    assert "Paper rotas" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()


def test_an_earlier_version_can_be_read_again(read_twice):
    """What a rep read last week is still there."""
    first = read_twice.get(f"{PATH}/brief", params={"version": 1}).json()
    absent = read_twice.get(f"{PATH}/brief", params={"version": 3})

    assert (first["version"], first["sections"][0]["items"][0]["value"]) == (1, "Paper")
    assert (absent.status_code, absent.json()["type"]) == (404, "urn:baton:problem:version_not_found")


def test_the_difference_tells_what_is_new_since_a_version(read_twice):
    """A rep reads two lines instead of the whole brief."""
    found = read_twice.get(f"{PATH}/brief/diff", params={"since": "1"}).json()

    assert (found["since"]["version"], found["version"]["version"]) == (1, 2)
    assert [(each["key"], each["change"], each["after"]["value"]) for each in found["lines"]] == [
        ("pain", "changed", "Paper rotas"),
        ("why_now", "added", "Audit"),
    ]
    assert read_twice.get(f"{PATH}/brief/diff", params={"since": "2"}).json()["lines"] == []


def test_the_difference_can_be_asked_for_by_when_it_was_read(read_twice):
    """Whoever has not kept the version knows the time."""
    long_ago = read_twice.get(f"{PATH}/brief/diff", params={"since": "2020-01-01T00:00:00Z"}).json()
    later = read_twice.get(f"{PATH}/brief/diff", params={"since": "2099-01-01T00:00:00+02:00"}).json()

    assert (long_ago["since"]["version"], later["since"]["version"]) == (1, 2)


@pytest.mark.parametrize("since", ["yesterday", "2026-07-01T14:03:17", "-1", "1.5", "", "9999-12-31T23:59:59-14:00"])
def test_a_since_that_is_neither_is_refused(read_twice, since):
    """A misread instant would hide changes."""
    found = read_twice.get(f"{PATH}/brief/diff", params={"since": since})

    assert (found.status_code, found.json()["type"]) == (400, "urn:baton:problem:invalid_parameter")


def test_gaps_say_whose_move_it_is_and_where(read_twice):
    """The heaviest first; what is only asked for comes last."""
    found = read_twice.get(f"{PATH}/gaps").json()

    assert (found["version"], found["score"]) == (2, 80)
    assert found["data"] == [GAP, CSM_GAP]


def test_the_history_has_stages_and_versions(store, read_twice):
    """How it came about, and when CS could know what."""
    with store.writing() as session:
        stored.put(
            session, "opportunityhistory", [{"id": "0081", "opportunityid": ID, "stagename": "Won", "amount": 5}]
        )
    found = read_twice.get(f"{PATH}/history").json()

    assert [each["stage"] for each in found["stage_changes"]] == ["Won"]
    assert [(each["version"], each["completeness"]) for each in found["brief_versions"]] == [(2, 50), (1, 50)]


@pytest.mark.parametrize("path", ["brief/diff?since=1", "gaps"])
def test_a_deal_without_a_brief_has_neither(client, path):
    """The moment between the win and its brief is not an error of the client."""
    assert client.get(f"{PATH}/{path}").status_code == 404


def test_a_difference_hides_what_the_brief_hides(store, client, client_of):
    """Who may not see amounts does not learn them from their changes."""
    for amount in (100, 120):
        sold = line("amount", amount, section="money")
        stored.brief(store, ID, document(sold, amount=amount))
    found = client_of(store, "briefs:read").get(f"{PATH}/brief/diff?since=1")

    assert found.json()["head"] == []
    assert found.json()["lines"] == []
    assert client.get(f"{PATH}/brief/diff?since=1").json()["head"][0]["after"] == 120


def test_a_brief_ends_with_what_cs_itself_says(store, client_of):
    """Who opens the brief sees how far the handoff is, and what colleagues wrote; no sync touches it."""
    client = client_of(store, "briefs:read", "notes:write", "commercial:read", "contacts:read")
    stored.fill(store, [{"id": ID, "name": "First"}])
    stored.brief(store, ID, document(line("pain", "Paper")))
    client.post(f"{PATH}/brief/ack", {})
    client.patch(f"{PATH}/cs", {"kickoff_on": "2026-07-08", "sentiment": 4})
    client.post(f"/api/v1/customers/{stored.ACME}/notes", {"body": "Ask for <b>data</b>", "kind": "question"})
    section = client.get(f"{PATH}/brief").json()["sections"][-1]
    values = {each["key"]: each["value"] for each in section["items"]}
    text = client.get(f"{PATH}/brief?format=md").text

    assert section["key"] == "cs_owned"
    assert (values["acknowledged"]["by"], values["acknowledged"]["version"]) == ("a test", 1)
    assert (values["kickoff_held_on"], values["first_value_on"], values["sentiment"]) == ("2026-07-08", None, 4)
    assert values["question"]["text"] == "Ask for <b>data</b>"
    assert "**Acknowledged:** by a test, 20" in text
    assert "> Ask for &lt;b>data&lt;/b>" in text
