"""Contacts, timelines and notes of customers, and what lists write out in their rows."""

import pytest
import stored_deals as stored

FIRST, SECOND = stored.deal_id(1), stored.deal_id(2)
OTHER = "001000000000002AAA"
ANA, BEN = "003000000000001AAA", "003000000000002AAA"
TIMELINE, NOTES = f"/api/v1/customers/{stored.ACME}/timeline", f"/api/v1/customers/{stored.ACME}/notes"


@pytest.fixture
def client(store, client_of):
    """Two customers with a deal each, and people, calls and products at the first."""
    stored.fill(store, [{"id": FIRST, "name": "First", "amount": "20000.10"}])
    with store.writing() as session:
        stored.put(session, "account", [{"id": OTHER, "name": "Other"}])
        stored.win(session, [{"id": SECOND, "name": "Second", "accountid": OTHER}])
        stored.put(session, "contact", [
            {"id": ANA, "name": "Ana Ruiz", "title": "VP Ops", "email": "ana@acme.example", "accountid": stored.ACME},
            {"id": BEN, "name": "Ben Bo", "title": "CFO", "accountid": stored.ACME, "reportstoid": ANA},
        ])  # fmt: skip
        stored.put(session, "opportunitycontactrole", [{"id": "00K1", "opportunityid": FIRST, "contactid": ANA}])
        stored.put(session, "opportunitylineitem", [{"id": "00k1", "opportunityid": FIRST, "totalprice": "20000.10"}])
        stored.put(session, "task", [
            {"id": "00T1", "whatid": FIRST, "whoid": ANA, "subject": "Call", "completeddatetime": "2026-06-01T09:00Z"},
            {"id": "00T2", "whatid": FIRST, "subject": "Mail", "completeddatetime": "2026-06-02T09:00Z"},
            {"id": "00T3", "whatid": SECOND, "subject": "Theirs", "completeddatetime": "2026-06-03T09:00Z"},
        ])  # fmt: skip
    return client_of(store, "briefs:read", "commercial:read", "contacts:read", "notes:write")


def rows(client, path, **params):
    """The rows of a list."""
    return client.get(path, params=params).json()["data"]


def test_contacts_are_found_by_words_and_by_customer(client):
    """A rep finds whom to call."""
    assert [row["name"] for row in rows(client, "/api/v1/contacts")] == ["Ana Ruiz", "Ben Bo"]
    assert [row["name"] for row in rows(client, "/api/v1/contacts", q="cfo")] == ["Ben Bo"]
    assert rows(client, "/api/v1/contacts", customer="Other") == []
    mine = rows(client, f"/api/v1/customers/{stored.ACME}/contacts", sort="-name", fields="name,reports_to_name")
    assert mine == [{"name": "Ben Bo", "reports_to_name": "Ana Ruiz"}, {"name": "Ana Ruiz", "reports_to_name": None}]
    assert client.get(f"/api/v1/contacts/{ANA[:15]}").json()["email"] == "ana@acme.example"
    assert client.get(f"/api/v1/contacts/{FIRST}").status_code == 404


def test_contacts_need_their_scope(store, client, client_of):
    """Persons are told of to keys that may know them."""
    reader = client_of(store, "briefs:read")

    for path in ("contacts", f"contacts/{ANA}", f"customers/{stored.ACME}/contacts"):
        assert reader.get(f"/api/v1/{path}").status_code == 403


def test_a_timeline_is_that_of_the_customer_and_is_paged(client):
    """What happened with one customer is read page by page, the latest first."""
    first = client.get(TIMELINE, params={"limit": 1}).json()
    second = client.get(TIMELINE, params={"limit": 1, "cursor": first["next_cursor"]}).json()

    assert [row["title"] for page in (first, second) for row in page["data"]] == ["Mail", "Call"]
    assert second["next_cursor"] is None
    assert rows(client, TIMELINE, kind="event") == []
    assert [row["title"] for row in rows(client, TIMELINE, at_from="2026-06-02T00:00:00Z")] == ["Mail"]


def test_a_cursor_of_another_customer_is_refused(client):
    """The cursor of one timeline shows nothing of another."""
    cursor = client.get(TIMELINE, params={"limit": 1}).json()["next_cursor"]
    refused = client.get(f"/api/v1/customers/{OTHER}/timeline", params={"cursor": cursor})

    assert (refused.status_code, refused.json()["type"]) == (400, "urn:baton:problem:bad_cursor")


def test_notes_are_kept_with_their_author(store, client):
    """What CS wrote stays when sales reopens the deal."""
    written = client.post(NOTES, {"body": "Kickoff moved.\n<b>Soon</b>", "deal_id": FIRST[:15]})
    client.post(NOTES, {"body": "Who signs?", "kind": "question"})
    with store.writing() as session:
        stored.win(session, [{"id": stored.deal_id(3), "name": "Third"}])
    stored.leave(store, FIRST)

    assert written.status_code == 201
    assert (written.json()["author"], written.json()["deal_id"]) == ("a test", FIRST)
    assert [row["body"] for row in rows(client, NOTES)] == ["Who signs?", "Kickoff moved.\n<b>Soon</b>"]
    assert [row["body"] for row in rows(client, NOTES, kind="question")] == ["Who signs?"]
    assert rows(client, f"/api/v1/customers/{OTHER}/notes") == []


@pytest.mark.parametrize(
    "body", [{}, {"body": ""}, {"body": "a\0b"}, {"body": "x", "kind": "joke"}, {"body": "x" * 20001}]
)
def test_a_note_that_is_none_is_refused(client, body):
    """An empty note is a mistake, and told as one."""
    assert client.post(NOTES, body).status_code == 400


def test_rows_are_written_out_on_request(client):
    """A dashboard needs one request, and gets exact amounts."""
    deal = rows(client, "/api/v1/deals", expand="customer,stakeholders,items", customer="Acme")[0]
    customer = rows(client, "/api/v1/customers", expand="won_deals,contacts", q="Acme", fields="name")[0]

    assert deal["customer"]["amount_by_currency"] == {"USD": 20000.10}
    assert [each["name"] for each in deal["stakeholders"]] == ["Ana Ruiz"]
    assert [each["total"] for each in deal["items"]] == [20000.10]
    assert list(customer) == ["name", "won_deals", "contacts"]
    assert [each["name"] for each in customer["won_deals"]] == ["First"]
    assert [each["name"] for each in customer["contacts"]] == ["Ana Ruiz", "Ben Bo"]
    assert client.get("/api/v1/deals?expand=everything").json()["type"] == "urn:baton:problem:unknown_expansion"


def test_what_is_written_out_is_covered_like_the_rest(store, client, client_of):
    """Nobody learns by `expand` what they may not see."""
    reader = client_of(store, "briefs:read")
    deal = rows(reader, "/api/v1/deals", expand="customer,stakeholders,items", customer="Acme")[0]
    customer = rows(reader, "/api/v1/customers", expand="won_deals,contacts", q="Acme")[0]

    assert deal["customer"]["amount_by_currency"] is None
    assert (deal["stakeholders"][0]["name"], deal["items"][0]["total"]) == (None, None)
    assert (customer["won_deals"][0]["amount"], customer["contacts"]) == (None, None)


def test_customers_are_found_by_csm_and_by_renewal(store, client):
    """A CSM sees whose renewal comes up."""
    with store.writing() as session:
        contract = {"id": "800000000000001AAA", "accountid": stored.ACME, "enddate": "2027-06-30"}
        stored.put(session, "contract", [contract])
        stored.put(session, "opportunity", [])
    from sqlalchemy import text  # noqa: PLC0415 - only here

    with store.writing() as session:
        linked = "UPDATE salesforce.opportunity SET contractid = '800000000000001AAA' WHERE id = :id"
        session.execute(text(linked), {"id": FIRST})

    assert [row["name"] for row in rows(client, "/api/v1/customers", renewal_from="2027-06-30")] == ["Acme"]
    assert rows(client, "/api/v1/customers", renewal_from="2027-07-01") == []
    assert [row["name"] for row in rows(client, "/api/v1/customers", renewal_to="2027-06-30")] == ["Acme"]
    assert rows(client, "/api/v1/customers", csm="nobody") == []
