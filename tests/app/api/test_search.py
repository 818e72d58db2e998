"""A rep finds a deal, a customer or a person by what they remember of it, at once."""

import json

import psycopg
import pytest
import stored_deals as stored
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.read.record_id import long_id

MINE, THEIRS, DRAFT = stored.deal_id(1), stored.deal_id(2), stored.deal_id(3)
OTHER, STRANGER = "001000000000002AAA", "001000000000003AAA"
ANA, TASK = "003000000000001AAA", long_id("00T000000000001")
CLEO = "005000000000011AAA"
KEY = ("briefs:read", "contacts:read", "notes:write")


@pytest.fixture
def filled(store):
    """Two customers with a deal each, a person, a task, a note of sales, and an account without any deal."""
    stored.fill(store, [{"id": MINE, "name": "Kilimani Clinics - Rotas"}])
    with store.writing() as session:
        session.execute(text("UPDATE salesforce.account SET name = 'Kilimani Clinics', website = 'kilimani.example'"))
        stored.put(
            session, "account", [{"id": OTHER, "name": "Lakeside Hospital"}, {"id": STRANGER, "name": "Lakeview"}]
        )
        stored.win(session, [{"id": THEIRS, "name": "Lakeside - 100% cover", "accountid": OTHER}])
        stored.put(session, "user", [{"id": CLEO, "name": "Cleo"}])
        stored.put(session, "contact", [
            {"id": ANA, "name": "Ana Ruiz", "title": "VP Ops", "accountid": stored.ACME},
            {"id": "003000000000002AAA", "name": "Anabel Stranger", "accountid": STRANGER},
        ])  # fmt: skip
        stored.put(session, "task", [{"id": TASK, "whatid": MINE, "subject": "Call about the go-live"}])
        stored.put(session, "note", [{"id": "002000000000001AAA", "parentid": THEIRS, "title": "Security review"}])
    csm = {"key": "csm", "value": {"name": "Cleo", "user_id": CLEO}}
    stored.brief(store, MINE, json.dumps({"sections": [{"items": [csm]}]}))
    return store


@pytest.fixture
def client(filled, client_of):
    """A key of CS."""
    return client_of(filled, *KEY)


def found(client, q, **params):
    """Type and title of what is found, the best first."""
    hits = client.get("/api/v1/search", params={"q": q, **params}).json()["data"]
    return [(hit["type"], hit["title"]) for hit in hits]


@pytest.mark.parametrize(
    ("q", "best"),
    [
        ("kili", ("customer", "Kilimani Clinics")),
        ("KILIMANI CLINICS", ("customer", "Kilimani Clinics")),
        ("kilimanni", ("customer", "Kilimani Clinics")),
        ("lakesde hospital", ("customer", "Lakeside Hospital")),
        ("rotas", ("deal", "Kilimani Clinics - Rotas")),
        ("100%", ("deal", "Lakeside - 100% cover")),
        ("ruiz", ("contact", "Ana Ruiz")),
        ("go-live", ("task", "Call about the go-live")),
        ("security", ("note", "Security review")),
        ("an", ("contact", "Ana Ruiz")),
    ],
)
def test_it_is_found_by_beginnings_parts_and_typing_errors(client, q, best):
    """Whatever is remembered leads there."""
    assert found(client, q)[0] == best


@pytest.mark.parametrize(
    "q",
    [
        MINE, MINE[:15], f"https://acme.lightning.force.com/lightning/r/Opportunity/{MINE}/view",
        f"https://acme.my.salesforce.com/{MINE[:15]}", f" {MINE} ",
    ],
)  # fmt: skip
def test_ids_and_addresses_of_salesforce_lead_straight_there(client, q):
    """What is copied from Salesforce is pasted and found, alone."""
    hits = client.get("/api/v1/search", params={"q": q}).json()["data"]

    assert [(hit["type"], hit["id"], hit["url"]) for hit in hits] == [("deal", MINE, f"/api/v1/deals/{MINE}")]


def test_an_id_of_a_task_leads_to_its_deal(client):
    """Where a record has no page of its own, its deal has one."""
    hit = client.get("/api/v1/search", params={"q": TASK}).json()["data"][0]

    assert (hit["type"], hit["url"], hit["snippet"]) == ("task", f"/api/v1/deals/{MINE}", "Kilimani Clinics - Rotas")


def test_what_is_no_customer_of_ours_is_not_found(client):
    """An account without a deal, and its people, are none of ours."""
    assert found(client, "lakeview", types="customer") == []
    assert ("contact", "Anabel Stranger") not in found(client, "anabel")
    assert found(client, STRANGER) == []
    assert found(client, "zzzzzz") == []


def test_what_left_is_not_found(filled, client):
    """A deal that was reopened is none, nor is what hangs on it."""
    stored.leave(filled, MINE)

    assert found(client, "kilimani") == []
    assert found(client, "go-live") == []


def test_what_cs_wrote_down_is_found(client):
    """An own note leads to the notes of its customer."""
    client.post(f"/api/v1/customers/{stored.ACME}/notes", {"body": "They want a pilot in Mombasa first."})
    hit = client.get("/api/v1/search", params={"q": "mombassa"}).json()["data"][0]

    assert (hit["type"], hit["url"]) == ("note", f"/api/v1/customers/{stored.ACME}/notes")


def test_people_are_found_by_who_may_know_them(filled, client_of):
    """A key without contacts finds the customer, and nobody who works there."""
    client = client_of(filled, "briefs:read")

    assert found(client, "ana ruiz") == []
    assert found(client, ANA) == []
    assert found(client, "kili")[0] == ("customer", "Kilimani Clinics")


def test_a_book_finds_what_is_in_it(filled, client_of):
    """A CSM finds their own customers, and nothing of a colleague's."""
    client = client_of(filled, *KEY, book=CLEO)

    assert {kind for kind, _ in found(client, "kilimani")} == {"customer", "deal"}
    for q in ("lakeside", "security", THEIRS, OTHER):
        assert found(client, q) == []
    assert found(client, "ruiz") == [("contact", "Ana Ruiz")]


def test_types_and_limit_narrow_what_is_found(client):
    """A page asks for what it shows."""
    assert found(client, "kilimani", types="deal") == [("deal", "Kilimani Clinics - Rotas")]
    assert len(found(client, "kilimani", limit=1)) == 1
    for query in ("q=a", "q=", "q=acme&types=everything", "q=acme&limit=51", ""):
        assert client.get(f"/api/v1/search?{query}").status_code == 400


def test_no_search_reads_a_whole_table(filled, store_url, client):
    """The time of a search does not grow with the store: words and ids are found by their indexes."""
    with filled.writing() as session:
        session.execute(text("""
            INSERT INTO salesforce.account (org_id, id, name, generation)
            SELECT 'x', 'a' || n, md5(n::text) || ' ' || md5((n + 1)::text), 1 FROM generate_series(1, 20000) AS n
        """))  # fmt: skip
        session.execute(text("""
            INSERT INTO salesforce.task (org_id, id, whatid, subject, generation)
            SELECT 'x', 't' || n, 'd' || n, md5(n::text) || ' ' || md5((n + 1)::text), 1
              FROM generate_series(1, 20000) AS n
        """))  # fmt: skip
    # What the server does by itself within a minute: new words go from a waiting list into the index.
    url = make_url(store_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    query = """
        SELECT relname, seq_tup_read FROM pg_stat_user_tables
         WHERE schemaname = 'salesforce' AND relname IN ('account', 'task')
    """
    before = _read(filled, query)
    for q in ("kilimani", "kilimanni", "go-live", MINE, TASK):
        assert found(client, q)

    assert {name: rows - before[name] for name, rows in _read(filled, query).items()} == {"account": 0, "task": 0}


def _read(store, query):
    """What the server counted; it does so when a session ends its work, so each look is a fresh session."""
    with store.writing() as session:
        session.execute(text("SELECT pg_stat_force_next_flush()"))
    with store.writing() as session:
        session.execute(text("SELECT pg_stat_clear_snapshot()"))
        return {row.relname: row.seq_tup_read for row in session.execute(text(query))}
