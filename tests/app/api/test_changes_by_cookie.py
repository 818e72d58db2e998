"""A page of another site can't let a signed-in person change anything."""

from uuid import uuid4

import pytest
import stored_deals as stored
from identity_provider import running
from people_browser import Browser

from models.session import Store

NOTES = f"/api/v1/customers/{stored.ACME}/notes"


@pytest.fixture(scope="module")
def browser(new_database):
    """The browser of a lead who has signed in."""
    store = Store(new_database())
    stored.fill(store, [{"id": stored.deal_id(1)}])
    with running() as provider:
        provider.person["groups"] = ["cs-leads"]
        browser = Browser(store, provider)
        browser.sign_in()
        yield browser
    store.close()


def write(browser, **headers):
    """Write a note; returns how it went."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = browser.send("POST", NOTES, json={"body": "A note"}, headers={"Idempotency-Key": uuid4().hex, **sent})
    return answer.status_code, answer.json().get("type")


REFUSED = (403, "urn:baton:problem:csrf_refused")


def test_a_page_of_our_own_changes_things(browser):
    """Browsers say where a request comes from, older ones only which site."""
    assert write(browser, Sec_Fetch_Site="same-origin", Origin="http://localhost") == (201, None)
    assert write(browser, Sec_Fetch_Site="same-origin") == (201, None)
    assert write(browser, Origin="http://localhost") == (201, None)


def test_a_program_with_the_cookie_brings_the_token_of_its_person(browser):
    """Where no browser says where a request comes from, only who has read our answers knows the token."""
    token = browser.get("/api/v1/me").json()["csrf_token"]

    assert write(browser, X_CSRF_Token=token) == (201, None)
    for wrong in (token[:-1], "", token[::-1], "é".encode()):
        assert write(browser, X_CSRF_Token=wrong) == REFUSED
    assert write(browser) == REFUSED


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Sec_Fetch_Site": "none"},
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:8080"},
        {"Origin": "https://localhost"}, {"Origin": "http://localhost.evil.example"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "https://evil.example"},
    ],
    ids=str,
)  # fmt: skip
def test_a_page_of_another_site_changes_nothing(browser, headers):
    """Neither by a form nor by a script, nor with a token that it came by."""
    token = browser.get("/api/v1/me").json()["csrf_token"]

    assert write(browser, **headers) == REFUSED
    if "Sec_Fetch_Site" not in headers or headers["Sec_Fetch_Site"] != "same-origin":
        assert write(browser, **headers, X_CSRF_Token=token) == REFUSED


def test_another_site_can_sign_nobody_out(browser):
    """Not even that."""
    assert browser.send("POST", "/logout", headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.get("/api/v1/me").status_code == 200


def test_the_token_of_another_person_is_none(browser, new_database):
    """Who is signed in here can't send changes in the name of somebody else."""
    mine = browser.get("/api/v1/me").json()["csrf_token"]
    before = browser.cookies
    browser.sign_in()
    theirs = browser.get("/api/v1/me").json()["csrf_token"]

    assert mine != theirs
    assert write(browser, X_CSRF_Token=mine) == REFUSED
    browser.cookies = before


def test_reading_needs_no_token(browser):
    """A link from a mail to a brief opens it."""
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = browser.get("/api/v1/deals", headers=headers)
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


def test_a_key_needs_no_token(browser, client_of):
    """No browser shows a key on its own; with a cookie beside it, the key counts."""
    store = browser.app.state.store
    client = client_of(store, "briefs:read", "notes:write")
    assert client.post(NOTES, {"body": "A note"}, headers={"Origin": "https://elsewhere.example"}).status_code == 201

    bearer = {"Authorization": f"Bearer {client.key}"}
    assert browser.get("/api/v1/me", headers=bearer).json()["kind"] == "key"
    assert browser.get("/api/v1/me", headers={"Authorization": "Bearer baton_wrong"}).status_code == 401
