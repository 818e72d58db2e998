"""Scopes hide amounts and persons, books hide other people's deals, and what is hidden says so."""

import json

import pytest
import stored_deals as stored
from sqlalchemy import text

MINE, THEIRS = stored.deal_id(1), stored.deal_id(2)
CLEO, OTTO = "005000000000011AAA", "005000000000012AAA"
OTHER_CUSTOMER = "001000000000002AAA"
ANA = "003000000000001AAA"
#: an amount and a person that no answer may tell to whom may not see them
AMOUNT, PERSON = "123456.78", "Ana Canary"


def _document(csm, csm_name, name):
    """A brief with an amount and a person wherever they may stand."""
    person = {"name": PERSON, "title": "VP", "contact_id": ANA, "email": "ana@canary.example", "phone": "1"}
    item = {"label": "A line", "state": "ok", "source": None}
    return json.dumps({
        "deal_id": MINE, "name": name, "amount": 123456.78, "arr": 123456.78, "currency": "USD",
        "completeness": {"score": 50, "missing": []}, "salesforce_url": "https://acme.example",
        "sections": [
            {"key": "who_bought", "title": "Who bought", "items": [
                {**item, "key": "champion", "value": person}, {**item, "key": "person", "label": PERSON, "value": None},
            ]},
            {"key": "money", "title": "Money", "items": [{**item, "key": "amount", "value": 123456.78}]},
            {"key": "terms", "title": "Terms", "items": [{**item, "key": "due_on", "value": "2027-06-30"}]},
            {"key": "how_we_won", "title": "How we won", "items": [{**item, "key": "sponsor", "value": [person]}]},
            {"key": "prior_history", "title": "Prior history", "items": [
                {**item, "key": "past_deal", "value": {
                    "name": "An earlier one", "amount": 123456.78, "outcome": "won", "closed_on": None, "reason": None,
                }},
            ]},
            {"key": "internal_people", "title": "Our people", "items": [
                {**item, "key": "csm", "value": {"name": csm_name, "title": None, "user_id": csm}},
            ]},
        ],
        "risks": [{"rule": "amount_shrank", "severity": "low", "detail": f"From {AMOUNT}.", "evidence": []}],
        "renewal": {
            "due_on": "2027-06-30", "notice_by": None, "atr": 123456.78, "currency": "USD", "confidence": "high",
        },
    })  # fmt: skip


@pytest.fixture
def filled(store):
    """Two deals, each in the book of another CSM, with amounts and people."""
    stored.fill(store, [{"id": MINE, "name": "Mine", "amount": AMOUNT}])
    with store.writing() as session:
        stored.put(session, "account", [{"id": OTHER_CUSTOMER, "name": "Other"}])
        stored.put(session, "user", [
            {"id": CLEO, "name": "Cleo", "email": "Cleo@baton.example", "username": "cleo@org"},
            {"id": OTTO, "name": "Otto", "email": "otto@baton.example", "username": "otto@org"},
        ])  # fmt: skip
        stored.win(session, [{"id": THEIRS, "name": "Theirs", "accountid": OTHER_CUSTOMER, "amount": AMOUNT}])
        stored.put(session, "contact", [
            {"id": ANA, "name": PERSON, "title": "VP", "email": "ana@canary.example", "accountid": stored.ACME},
        ])  # fmt: skip
        roles = [{"id": "00K000000000001AAA", "opportunityid": MINE, "contactid": ANA, "role": "Champion"}]
        stored.put(session, "opportunitycontactrole", roles)
        lines = [{"id": "00k000000000001AAA", "opportunityid": MINE, "unitprice": AMOUNT, "totalprice": AMOUNT}]
        stored.put(session, "opportunitylineitem", lines)
        tasks = [{"id": "00T000000000001AAA", "whatid": MINE, "whoid": ANA, "subject": "A call", "description": PERSON}]
        stored.put(session, "task", tasks)
    stored.brief(store, MINE, _document(CLEO, "Cleo", "Mine"))
    stored.brief(store, THEIRS, _document(OTTO, "Otto", "Theirs"))
    return store


PATHS = [
    "/api/v1/deals?include_total=true", f"/api/v1/deals/{MINE}", f"/api/v1/deals/{MINE}/brief",
    f"/api/v1/deals/{MINE}/brief?format=md", f"/api/v1/deals/{MINE}/brief?format=html",
    "/api/v1/customers?include_total=true",
    f"/api/v1/customers/{stored.ACME}",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_amounts_are_hidden_without_their_scope(filled, client_of, path):
    """A key for contacts alone learns of no price, anywhere."""
    whole, covered = client_of(filled), client_of(filled, "briefs:read", "contacts:read")

    assert AMOUNT in whole.get(path).text.replace(",", "")
    answer = covered.get(path)
    assert answer.status_code == 200
    assert AMOUNT not in answer.text.replace(",", "")


@pytest.mark.parametrize("path", [path for path in PATHS if MINE in path])
def test_persons_are_hidden_without_their_scope(filled, client_of, path):
    """A key without contacts learns of no person at the customer, nor of what was written about them."""
    whole, covered = client_of(filled), client_of(filled, "briefs:read", "commercial:read")

    assert PERSON in whole.get(path).text
    answer = covered.get(path)
    assert answer.status_code == 200
    assert PERSON not in answer.text
    assert "ana@canary.example" not in answer.text


def test_what_is_hidden_says_so(filled, client_of):
    """A hidden price is not taken for a missing one."""
    client = client_of(filled, "briefs:read")
    deal = client.get(f"/api/v1/deals/{MINE}").json()
    brief = client.get(f"/api/v1/deals/{MINE}/brief").json()
    states = {
        (section["key"], item["key"]): item["state"] for section in brief["sections"] for item in section["items"]
    }

    assert deal["amount"] is None
    assert {"amount", "items.total", "stakeholders.name", "timeline.who"} <= set(deal["no_permission"])
    assert client_of(filled).get(f"/api/v1/deals/{MINE}").json()["no_permission"] == []
    assert states["money", "amount"] == states["who_bought", "champion"] == "no_permission"
    assert states["terms", "due_on"] == "ok"
    assert brief["no_permission"] == ["amount", "arr", "renewal.atr"]
    assert "Hidden from this reader" in client.get(f"/api/v1/deals/{MINE}/brief?format=md").text


@pytest.mark.parametrize("query", ["sort=-amount", "sort=arr", "min_amount=1", "min_arr=1"])
def test_nobody_sorts_or_filters_by_what_they_may_not_see(filled, client_of, query):
    """The order of rows would tell what their values hide."""
    refused = client_of(filled, "briefs:read").get(f"/api/v1/deals?{query}")

    assert refused.status_code == 403
    assert "commercial:read" in refused.json()["detail"]
    assert client_of(filled).get(f"/api/v1/deals?{query}").status_code == 200


@pytest.mark.parametrize("csm", [CLEO, CLEO[:15], "cleo@baton.example", "CLEO@org"])
def test_a_book_shows_its_deals_and_no_other(filled, client_of, csm):
    """A CSM finds their own deals; another's is as unknown as one that never was."""
    client = client_of(filled, book=csm)

    assert [row["name"] for row in client.get("/api/v1/deals").json()["data"]] == ["Mine"]
    assert client.get("/api/v1/deals?include_total=true").json()["total"]["count"] == 1
    assert [row["name"] for row in client.get("/api/v1/customers").json()["data"]] == ["Acme"]
    assert client.get(f"/api/v1/deals/{MINE}").status_code == 200
    for path in (f"deals/{THEIRS}", f"deals/{THEIRS}/brief", f"customers/{OTHER_CUSTOMER}"):
        assert client.get(f"/api/v1/{path}").status_code == 404
    unknown, theirs = (client.get(f"/api/v1/deals/{each}").json() for each in (stored.deal_id(9), THEIRS))
    assert unknown["detail"].replace(stored.deal_id(9), THEIRS) == theirs["detail"]


def test_a_book_of_nobody_is_empty(filled, client_of):
    """A misspelt CSM sees nothing rather than everything."""
    client = client_of(filled, book="cleo@misspelt.example")

    assert client.get("/api/v1/deals").json()["data"] == []
    assert client.get(f"/api/v1/deals/{MINE}").status_code == 404


def test_a_deal_of_another_org_is_unknown_under_the_org_of_the_path(filled, client_of):
    """An id of one org says nothing in another."""
    assert client_of(filled).get(f"/api/v1/deals/{MINE}?org=00D000000000009AAA").status_code == 404


def test_each_brief_that_is_shown_is_kept(filled, client_of):
    """Who has to say later who read a brief can say it."""
    client = client_of(filled)
    shown = client.get(f"/api/v1/deals/{MINE}/brief")
    client.get(f"/api/v1/deals/{MINE}/brief?format=md", headers={"X-Request-ID": "second"})
    client.get(f"/api/v1/deals/{MINE}/brief", headers={"If-None-Match": shown.headers["etag"]})
    client.get(f"/api/v1/deals/{stored.deal_id(9)}/brief")
    with filled.reading() as session:
        query = "SELECT who, act, deal_id, version, format, request_id FROM ops.audit ORDER BY audit_id"
        rows = [tuple(row) for row in session.execute(text(query))]

    first = shown.headers["x-request-id"]
    assert rows == [
        ("a test", "brief_viewed", MINE, 1, "json", first), ("a test", "brief_viewed", MINE, 1, "md", "second"),
    ]  # fmt: skip


def test_deals_are_found_by_csm_product_recurring_revenue_and_acknowledgement(filled, client_of):
    """A team lead sees whose deals wait, and what was sold in them."""
    client = client_of(filled)

    def names(query):
        return [row["name"] for row in client.get(f"/api/v1/deals?{query}&sort=name").json()["data"]]

    assert names("csm=cleo") == names(f"csm={CLEO}") == ["Mine"]
    assert names("min_arr=123456.79") == []
    assert names("min_arr=123456.78") == ["Mine", "Theirs"]
    assert names("acknowledged=true") == []
    assert names("acknowledged=false") == ["Mine", "Theirs"]
    assert names("product=unheard of") == []
