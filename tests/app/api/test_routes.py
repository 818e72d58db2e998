"""Every route, with every kind of key and for people in every role, and what it asks of the store."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
import stored_deals as stored
from identity_provider import running
from people_browser import Browser
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from app.scopes import OF_A_REP, Scope
from models.handoff import open_handoffs
from models.renewals.term import Step, Term
from models.term import KnownTerm, write_terms

DEAL, ANA = stored.deal_id(1), "003000000000001AAA"
TERM = "800000000000001AAA"
READ, PEOPLE, WRITE, FIGURES = (Scope.BRIEFS_READ, Scope.CONTACTS_READ, Scope.NOTES_WRITE, Scope.METRICS_READ)
ANSWER = {
    "source": "tool", "external_id": "1", "kind": "nps", "customer_id": stored.ACME, "answered_on": "2026-07-01",
    "score": 9,
}  # fmt: skip
SCORE = {
    "customer_id": stored.ACME, "input": "usage", "score": 50, "measured_at": "2026-07-01T00:00:00Z", "source": "tool",
}  # fmt: skip
FILE = f"external_id,kind,customer_id,answered_on,score\n2,nps,{stored.ACME},2026-07-01,9\n"
A, D, C = "/api/v1", f"/api/v1/deals/{DEAL}", f"/api/v1/customers/{stored.ACME}"
#: operation, method, path, body, the scopes it needs, and how many statements it asks of the store
ROUTES = [
    ("list_deals", "GET", f"{A}/deals", None, {READ}, 3),
    ("get_deal", "GET", D, None, {READ}, 7),
    ("get_brief", "GET", f"{D}/brief", None, {READ}, 7),
    ("diff_brief", "GET", f"{D}/brief/diff?since=1", None, {READ}, 6),
    ("list_gaps", "GET", f"{D}/gaps", None, {READ}, 4),
    ("get_deal_history", "GET", f"{D}/history", None, {READ}, 5),
    ("get_handoff", "GET", f"{D}/cs", None, {READ}, 4),
    ("change_handoff", "PATCH", f"{D}/cs", {"sentiment": 4}, {READ, WRITE}, 10),
    ("acknowledge_brief", "POST", f"{D}/brief/ack", {}, {READ, WRITE}, 15),
    ("ask_about_gap", "POST", f"{D}/gaps/success_criteria/ask", {}, {READ, WRITE}, 9),
    ("list_handoffs", "GET", f"{A}/handoffs", None, {READ}, 3),
    ("list_customers", "GET", f"{A}/customers", None, {READ}, 8),
    ("get_customer", "GET", C, None, {READ}, 9),
    ("get_timeline", "GET", f"{C}/timeline", None, {READ}, 4),
    ("list_notes", "GET", f"{C}/notes", None, {READ}, 4),
    ("write_note", "POST", f"{C}/notes", {"body": "A note"}, {READ, WRITE}, 8),
    ("list_contacts_of_customer", "GET", f"{C}/contacts", None, {READ, PEOPLE}, 4),
    ("list_contacts", "GET", f"{A}/contacts", None, {READ, PEOPLE}, 3),
    ("get_contact", "GET", f"{A}/contacts/{ANA}", None, {READ, PEOPLE}, 3),
    ("erase_contact", "POST", f"{A}/contacts/{ANA}/erase", {}, {Scope.ADMIN}, 31),
    ("search", "GET", f"{A}/search?q=acme", None, {READ}, 5),
    ("list_changes", "GET", f"{A}/changes", None, {READ}, 5),
    ("get_mapping", "GET", f"{A}/mapping", None, {Scope.ADMIN}, 8),
    ("set_mapping", "PUT", f"{A}/mapping", {"amount_means": "tcv"}, {Scope.ADMIN}, 11),
    ("list_renewals", "GET", f"{A}/renewals", None, {READ}, 6),
    ("get_renewal", "GET", f"{A}/renewals/{TERM}", None, {READ}, 6),
    ("get_renewal_calendar", "GET", f"{A}/renewals.ics", None, {READ}, 6),
    ("list_doubtful_renewals", "GET", f"{A}/renewals/doubts", None, {READ}, 6),
    ("get_renewal_rates", "GET", f"{A}/metrics/renewals", None, {FIGURES}, 7),
    ("list_terms_behind_rates", "GET", f"{A}/metrics/renewals/rows", None, {FIGURES}, 6),
    ("get_retention", "GET", f"{A}/metrics/retention", None, {FIGURES}, 7),
    ("get_cohorts", "GET", f"{A}/metrics/cohorts", None, {FIGURES}, 5),
    ("get_handoff_times", "GET", f"{A}/metrics/handoff", None, {FIGURES}, 4),
    ("list_handoffs_behind_times", "GET", f"{A}/metrics/handoff/rows", None, {FIGURES}, 4),
    ("get_books", "GET", f"{A}/metrics/book", None, {FIGURES}, 7),
    ("list_terms_behind_books", "GET", f"{A}/metrics/book/rows", None, {FIGURES}, 6),
    ("get_sync_figures", "GET", f"{A}/metrics/sync", None, {FIGURES}, 3),
    ("get_satisfaction", "GET", f"{A}/metrics/satisfaction", None, {FIGURES}, 4),
    ("list_surveys_behind_satisfaction", "GET", f"{A}/metrics/satisfaction/rows", None, {FIGURES}, 4),
    ("get_renewals_by_satisfaction", "GET", f"{A}/metrics/satisfaction/renewals", None, {FIGURES}, 6),
    ("get_health_figures", "GET", f"{A}/metrics/health", None, {FIGURES}, 7),
    ("list_customers_behind_health", "GET", f"{A}/metrics/health/rows", None, {FIGURES}, 7),
    ("send_health_scores", "POST", f"{A}/health/scores", {"scores": [SCORE]}, {WRITE}, 7),
    ("list_surveys", "GET", f"{A}/surveys", None, {READ}, 3),
    ("send_survey_answers", "POST", f"{A}/surveys", {"answers": [ANSWER]}, {WRITE}, 7),
    ("import_survey_answers", "POST", f"{A}/surveys/import?source=tool", FILE, {WRITE}, 7),
    ("list_definitions", "GET", f"{A}/metrics/definitions", None, {FIGURES}, 2),
    ("get_freshness", "GET", f"{A}/freshness", None, {READ}, 3),
    ("get_sync_status", "GET", f"{A}/sync/status", None, {FIGURES}, 13),
    ("get_sync_coverage", "GET", f"{A}/sync/coverage", None, {FIGURES}, 3),
    ("list_sync_runs", "GET", f"{A}/sync/runs", None, {FIGURES}, 3),
    ("get_me", "GET", f"{A}/me", None, set(), 1),
    ("get_health", "GET", "/healthz", None, set(), 0),
    ("get_readiness", "GET", "/readyz", None, set(), None),
]  # fmt: skip
NAMES = [each[0] for each in ROUTES]
#: nobody has to say who they are
OPEN_TO_ALL = {"get_health", "get_readiness"}
COMMERCIAL = Scope.COMMERCIAL_READ
#: group at the identity provider, and what its members may do
PEOPLE_MAY = [
    ("cs-reps", {READ, COMMERCIAL, PEOPLE, FIGURES, WRITE}),
    ("cs-leads", {READ, COMMERCIAL, PEOPLE, FIGURES, WRITE}),
    ("finance", {READ, COMMERCIAL, FIGURES}),
    ("it", set(Scope)),
]
CLEO = "005000000000011AAA"


@pytest.fixture
def filled(store):
    """A store with one of everything."""
    stored.fill(store, [{"id": DEAL, "name": "First"}])
    gap = {"key": "success_criteria", "label": "Success criteria", "owner": "AE", "state": "empty", "weight": 20}
    csm = {"key": "csm", "label": "CSM", "value": {"name": "Cleo", "user_id": CLEO}, "state": "ok", "source": None}
    document = {
        "deal_id": DEAL, "completeness": {"score": 80, "missing": [gap]}, "risks": [],
        "sections": [{"key": "internal_people", "title": "Our people", "items": [csm]}],
    }  # fmt: skip
    stored.brief(store, DEAL, json.dumps(document))
    with store.writing() as session:
        started = date(2026, 7, 1)
        term = Term(
            term_id=TERM, logo=stored.ACME, start=started, due=date(2027, 6, 30), steps=(Step(started, Decimal(100)),),
            currency="USD", signed_on=started,
        )  # fmt: skip
        known = KnownTerm(term=term, deal_id=DEAL, deal_ids=(DEAL,), contract_id=TERM, why=())
        write_terms(session, stored.ORG_ID, [stored.ACME], [known], generation=1)
        stored.put(session, "contact", [{"id": ANA, "name": "Ana Ruiz", "accountid": stored.ACME}])
        stored.put(session, "user", [{"id": CLEO, "name": "Cleo", "email": "cleo@baton.example"}])
        open_handoffs(session, stored.ORG_ID, [DEAL])
    return store


@pytest.fixture(scope="module")
def provider():
    """An identity provider."""
    with running() as provider:
        yield provider


def signed_in(store, provider, group, *, email="cleo@baton.example"):
    """The browser of somebody in that group."""
    provider.person.update(groups=[group], email=email)
    browser = Browser(store, provider)
    assert browser.sign_in().status_code == 303
    return browser


def ask(client, method, path, body):
    """Send a request of the table."""
    match method:
        case "GET":
            return client.get(path)
        case "POST" if isinstance(body, str):
            headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "text/csv"}
            return client.request("POST", path, headers=headers, content=body.encode())
        case "POST":
            return client.post(path, body)
        case "PUT":
            return client.request("PUT", path, json=body)
    return client.patch(path, body)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent to any store."""
    sent: list[str] = []

    def keep(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", keep)


def test_the_table_names_every_route(client):
    """A route that is new is asked who may use it."""
    described = client.get("/openapi.json").json()["paths"]
    operations = {each["operationId"] for path in described.values() for each in path.values()}

    assert operations == set(NAMES)


@pytest.mark.parametrize(
    "scopes",
    [(), *((scope,) for scope in Scope), (*OF_A_REP, WRITE), tuple(Scope)],
    ids=lambda scopes: "+".join(scopes) or "none",
)
def test_every_route_lets_in_whom_its_scopes_allow(filled, client_of, scopes):
    """No key opens more than it was given, and each opens all of that; without a key nothing opens."""
    client = client_of(filled, *scopes) if scopes else client_of(filled, key=None)
    refused = 403 if scopes else 401
    wrong = {}
    for name, method, path, body, needed, _ in ROUTES:
        answer = ask(client, method, path, body)
        allowed = name in OPEN_TO_ALL or (scopes and (needed <= set(scopes) or Scope.ADMIN in scopes))
        if (answer.status_code < 300) is not bool(allowed) or (not allowed and answer.status_code != refused):
            wrong[name] = (answer.status_code, answer.text[:200])

    assert wrong == {}


@pytest.mark.parametrize(("group", "may"), PEOPLE_MAY, ids=[each[0] for each in PEOPLE_MAY])
def test_every_route_lets_in_people_by_their_role(filled, provider, group, may):
    """A person may do what their role says on every route, and nothing else on any."""
    browser = signed_in(filled, provider, group)
    wrong = {}
    for name, method, path, body, needed, _ in ROUTES:
        answer = ask(browser, method, path, body)
        if (answer.status_code < 300) is not (needed <= may) or answer.status_code not in {200, 201, 202, 403}:
            wrong[name] = (answer.status_code, answer.text[:200])

    assert wrong == {}


def test_a_csm_finds_nothing_of_another_ones_book_on_any_route(filled, provider):
    """Whatever a CSM asks about somebody else's deal, it is unknown; a lead finds it."""
    theirs = [each for each in ROUTES if any(one in each[2] for one in (DEAL, stored.ACME, ANA, TERM))]
    asked = [each for each in theirs if each[4] <= PEOPLE_MAY[0][1]]
    otto = signed_in(filled, provider, "cs-reps", email="otto@baton.example")
    lead = signed_in(filled, provider, "cs-leads", email="otto@baton.example")

    assert len(asked) > 15
    assert {ask(otto, method, path, body).status_code for _, method, path, body, _, _ in asked} == {404}
    assert {ask(lead, method, path, body).status_code for _, method, path, body, _, _ in asked} <= {200, 201, 202}
    assert otto.get(f"{A}/deals").json()["data"] == otto.get(f"{A}/handoffs").json()["data"] == []
    assert otto.get(f"{A}/search?q=acme").json()["data"] == []


def test_a_person_costs_the_store_no_more_than_a_key(filled, provider):
    """Who asks is one question, whoever it is; a book is one more."""
    for group, statements in (("cs-leads", 3), ("cs-reps", 4)):
        browser = signed_in(filled, provider, group)
        with counted() as sent:
            assert browser.get(f"{A}/deals").status_code == 200
        assert len(sent) == statements, "\n".join(sent)


@pytest.mark.parametrize("path", [each[2] for each in ROUTES if each[1] == "GET"])
def test_every_get_is_a_304_for_who_holds_it(filled, client_of, path):
    """Asking again and again costs nearly nothing."""
    client = client_of(filled, *Scope)
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(("name", "statements"), [(each[0], each[5]) for each in ROUTES if each[5] is not None])
def test_a_route_asks_the_store_so_many_times(filled, client_of, name, statements):
    """The time of an answer does not grow with the rows in it: no statement per row."""
    _, method, path, body, _, _ = ROUTES[NAMES.index(name)]
    client = client_of(filled, *Scope)
    client.get(f"{A}/freshness")  # that the key was used is written once a minute
    with counted() as sent:
        answer = ask(client, method, path, body)

    assert answer.status_code < 300
    assert len(sent) == statements, "\n".join(sent)


def test_rows_cost_no_statements_of_their_own(filled, client_of):
    """A page of a hundred deals, all written out, is read as one of ten is."""
    client = client_of(filled)
    path = f"{A}/deals?expand=customer,stakeholders,items"
    client.get(path)
    with counted() as few:
        client.get(path)
    with filled.writing() as session:
        stored.win(session, [{"id": stored.deal_id(number)} for number in range(2, 60)])
    with counted() as many:
        rows = client.get(path).json()["data"]

    assert len(rows) == 59
    assert len(many) == len(few) == 6


def test_a_route_of_another_book_is_a_404_for_every_deal_and_customer(filled, client_of):
    """Whatever is asked about somebody else's deal, it is unknown."""
    client = client_of(filled, *Scope, book="nobody@acme.example")
    statuses = {
        name: ask(client, method, path, body).status_code
        for name, method, path, body, _, _ in ROUTES
        if DEAL in path or stored.ACME in path or ANA in path or TERM in path
    }

    assert statuses == dict.fromkeys(statuses, 404)
    with filled.reading() as session:
        assert session.execute(text("SELECT count(*) FROM cs.note")).scalar_one() == 0
