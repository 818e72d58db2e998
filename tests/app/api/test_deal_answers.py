"""One deal and its brief, as JSON and as Markdown."""

import json

import stored_deals as stored

ID = stored.deal_id(1)
DOCUMENT = {
    "deal_id": ID, "name": "First", "customer": {"id": stored.ACME, "name": "Acme"}, "owner": None, "amount": 100,
    "currency": "USD", "won_at": None, "won_on": "2026-07-01", "salesforce_url": "https://x",
    "completeness": {"score": 50, "missing": []},
    "sections": [{"key": "money", "title": "Money", "items": [
        {"key": "amount", "label": "Amount", "value": "EXACT", "state": "ok", "source": None}]}],
    "risks": [], "renewal": None,
}  # fmt: skip
TEXT = json.dumps(DOCUMENT).replace('"EXACT"', "1234567890123456.7890")


def test_a_deal_is_found_by_15_and_by_18_characters(client):
    """Both forms of a Salesforce id name the same deal."""
    assert client.get(f"/api/v1/deals/{ID}").json()["name"] == "First"
    assert client.get(f"/api/v1/deals/{ID[:15]}").json()["deal_id"] == ID


def test_a_deal_shows_what_hangs_on_it(store, client):
    """Products, people, stages and timeline come in one answer."""
    with store.writing() as session:
        stored.put(
            session, "opportunitylineitem", [{"id": "00k1", "opportunityid": ID, "name": "Seats", "totalprice": 5}]
        )
        stored.put(session, "contact", [{"id": "0031", "name": "Ana"}])
        stored.put(session, "opportunitycontactrole", [{"id": "00K1", "opportunityid": ID, "contactid": "0031"}])
        stored.put(session, "note", [{"id": "0021", "parentid": ID, "title": "N", "body": "<b>bold</b>"}])
    deal = client.get(f"/api/v1/deals/{ID}").json()

    assert [item["product"] for item in deal["items"]] == ["Seats"]
    assert [person["name"] for person in deal["stakeholders"]] == ["Ana"]
    assert [entry["body"] for entry in deal["timeline"]] == ["<b>bold</b>"]


def test_a_deal_that_left_says_why(store, client):
    """A rep with an old link learns that the deal was reopened."""
    stored.leave(store, ID)
    answer = client.get(f"/api/v1/deals/{ID}")

    assert answer.status_code == 404
    assert "reopened" in answer.json()["detail"]
    assert [row["deal_id"] for row in client.get("/api/v1/deals?sort=name").json()["data"]] == [
        stored.deal_id(2),
        stored.deal_id(3),
    ]


def test_what_is_no_deal_is_a_404_with_a_hint(client):
    """An unknown id, and a text that is no id, are told apart."""
    assert "won" in client.get(f"/api/v1/deals/{stored.deal_id(9)}").json()["detail"]
    assert "15 or 18" in client.get("/api/v1/deals/first").json()["detail"]
    assert client.get(f"/api/v1/customers/{stored.deal_id(9)}").status_code == 404


def test_a_brief_keeps_every_digit_and_gets_version_and_freshness(store, client):
    """What was shaped is what is delivered."""
    stored.brief(store, ID, TEXT)
    answer = client.get(f"/api/v1/deals/{ID}/brief")
    body = answer.json()

    assert "1234567890123456.7890" in answer.text
    assert (body["version"], body["synced_at"]) == (1, "2026-07-01T14:04:00Z")
    assert list(body)[-2:] == ["as_of", "lag_seconds"]
    assert client.get("/api/v1/deals", params={"completeness_lt": 51}).json()["data"][0]["brief_version"] == 1


def test_only_the_newest_version_of_a_brief_is_shown(store, client):
    """A brief that says something new replaces the one before."""
    stored.brief(store, ID, TEXT)
    stored.brief(store, ID, TEXT.replace("First", "Renamed"))
    body = client.get(f"/api/v1/deals/{ID}/brief").json()

    assert (body["version"], body["name"]) == (2, "Renamed")


def test_a_brief_comes_as_markdown_by_parameter_or_accept_header(store, client):
    """A rep pastes it into a chat; a browser never takes it for a page."""
    stored.brief(store, ID, TEXT)
    by_parameter = client.get(f"/api/v1/deals/{ID}/brief", params={"format": "md"})
    by_header = client.get(f"/api/v1/deals/{ID}/brief", headers={"Accept": "text/markdown"})

    assert by_parameter.text == by_header.text
    assert by_parameter.text.startswith("# First\n\n**Acme**")
    assert by_parameter.headers["content-type"] == "text/markdown; charset=utf-8"
    assert by_parameter.headers["x-content-type-options"] == "nosniff"
    assert "1,234,567,890,123,456.79" in by_parameter.text
    assert client.get(f"/api/v1/deals/{ID}/brief", params={"format": "docx"}).status_code == 400


def test_a_deal_without_a_brief_yet_says_so(client):
    """The moment between the win and its brief is not an error of the client."""
    assert client.get(f"/api/v1/deals/{ID}/brief").json()["type"] == "urn:baton:problem:brief_not_ready"


def test_an_unchanged_answer_is_a_304_although_time_goes_on(store, client):
    """Polling costs nothing until something is new."""
    stored.brief(store, ID, TEXT)
    for path in ("/api/v1/deals", f"/api/v1/deals/{ID}", f"/api/v1/deals/{ID}/brief", "/api/v1/sync/status"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": f'"other", {tag}'}).status_code == 304

    tag = client.get(f"/api/v1/deals/{ID}/brief").headers["etag"]
    markdown = client.get(f"/api/v1/deals/{ID}/brief?format=md", headers={"If-None-Match": tag})
    stored.brief(store, ID, TEXT.replace("First", "Renamed"))
    assert markdown.status_code == 200
    assert client.get(f"/api/v1/deals/{ID}/brief", headers={"If-None-Match": tag}).status_code == 200
