"""People sign in through their organisation's identity provider; whoever is not who they say stays out."""

import base64
import hmac
import json
import time
from datetime import timedelta

import pytest
import stored_deals as stored
from identity_provider import CLEO, Provider, running
from joserfc import jwt
from joserfc.jwk import RSAKey
from people_browser import Browser
from pydantic import SecretStr
from sqlalchemy import text

from app.people.provider import provider_of
from app.settings import HttpSettings, OidcSettings
from models.session import Store
from models.settings import SettingsError


@pytest.fixture(scope="module")
def running_provider():
    """One provider for all tests: making its key takes longer than most of them."""
    with running() as provider:
        yield provider


@pytest.fixture
def provider(running_provider):
    """A provider that does not lie yet."""
    running_provider.forget()
    return running_provider


@pytest.fixture(scope="module")
def lasting_store(new_database):
    """One store for all who look at what the server answers, not at what it keeps."""
    store = Store(new_database())
    stored.fill(store)
    yield store
    store.close()


@pytest.fixture
def browser(lasting_store, provider):
    """A browser that nobody has signed in with yet."""
    return Browser(lasting_store, provider)


@pytest.fixture
def alone(store, provider):
    """The same, over a store that nobody else has signed in to."""
    stored.fill(store)
    return Browser(store, provider)


def me(browser):
    """Who the server takes the browser for."""
    answer = browser.get("/api/v1/me")
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_somebody_signs_in_and_is_who_the_provider_says(alone, store):
    """One click, and a CSM sees their own book with the rights of a CSM."""
    assert me(alone) == 401
    answer = alone.sign_in("/login?return_to=/docs%3Fpage=1")

    assert (answer.status_code, answer.headers["location"]) == (303, "/docs?page=1")
    known = me(alone)
    assert {name: known[name] for name in ("kind", "name", "email", "roles", "book")} == {
        "kind": "person", "name": "Cleo Success", "email": "cleo@baton.example", "roles": ["csm"],
        "book": "cleo@baton.example",
    }  # fmt: skip
    assert known["scopes"] == ["briefs:read", "commercial:read", "contacts:read", "metrics:read", "notes:write"]
    assert alone.get("/api/v1/deals").status_code == 200
    with store.reading() as session:
        acts = session.execute(text("SELECT who, act, deal_id FROM ops.audit")).all()
    assert [tuple(each) for each in acts] == [("Cleo Success", "signed_in", None)]


def test_a_key_is_told_who_it_is(store, client_of):
    """A program and a person are told the same things about themselves."""
    known = client_of(store, "briefs:read", book="cleo@baton.example").get("/api/v1/me").json()

    assert known == {
        "kind": "key", "name": "a test", "email": None, "roles": [], "scopes": ["briefs:read"],
        "book": "cleo@baton.example", "expires_at": None, "csrf_token": None,
    }  # fmt: skip


def test_the_cookie_is_random_signed_and_kept_from_scripts_and_other_sites(store, provider):
    """A page of another site can't use it, a script can't read it, and the store can't give it away."""
    browser = Browser(store, provider, public_url="https://baton.example")
    answer = browser.sign_in()
    cookie = next(each for each in answer.headers.get_list("set-cookie") if "signed-in" in each)

    assert cookie.startswith("__Host-baton-signed-in=")
    for mark in ("HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=43200"):
        assert mark in cookie
    assert "Domain" not in cookie
    plain, _, mark = browser.cookie.rpartition(".")
    assert len(plain) >= 43
    assert len(mark) == 64
    with store.reading() as session:
        kept = session.execute(text("SELECT * FROM ops.sign_in")).one()
    assert plain not in str(kept)
    assert plain.encode() not in bytes(kept.hash)
    plain_http = Browser(store, provider).sign_in()
    assert not any("Secure" in each for each in plain_http.headers.get_list("set-cookie"))


def test_an_altered_or_forged_cookie_opens_nothing(browser):
    """Neither another id under our signature, nor our id under another signature."""
    browser.sign_in()
    good = browser.cookie
    plain, _, mark = good.rpartition(".")
    for bad in (f"{plain[:-1]}{'A' if plain[-1] != 'A' else 'B'}.{mark}", f"{plain}.{'0' * 64}", plain, ".", mark):
        browser.cookie = bad
        assert browser.get("/api/v1/deals").json()["type"] == "urn:baton:problem:key_unknown", bad
    browser.cookie = good
    assert browser.get("/api/v1/deals").status_code == 200


def test_guessing_cookies_is_as_slow_as_guessing_keys(browser):
    """A wrong signature counts like a wrong key."""
    browser.cookie = "a.b"
    statuses = [browser.get("/api/v1/deals").status_code for _ in range(32)]

    assert statuses == [401] * 30 + [429] * 2


def test_nobody_begins_to_sign_in_all_the_time(lasting_store, provider):
    """Whoever floods the doors fills no table."""
    browser = Browser(lasting_store, provider, a_minute=3)
    statuses = [browser.get("/login").status_code for _ in range(4)]

    assert statuses == [303, 303, 303, 429]
    assert browser.get("/login/callback?state=x").status_code == 429


def test_signing_out_ends_what_the_browser_showed(browser):
    """A cookie that was copied before opens nothing afterwards."""
    browser.sign_in()
    copied = browser.cookie
    assert browser.send("POST", "/logout", headers={"Origin": "http://localhost"}).status_code == 204
    assert me(browser) == 401

    browser.cookie = copied
    assert browser.get("/api/v1/deals").json()["type"] == "urn:baton:problem:signed_out"


def test_a_sign_in_ends_by_itself(alone, store):
    """After so many hours a person has to show again who they are."""
    alone.sign_in()
    with store.writing() as session:
        lasts = session.execute(text("SELECT expires_at - started_at FROM ops.sign_in")).scalar_one()
        session.execute(text("UPDATE ops.sign_in SET expires_at = now()"))

    assert lasts == timedelta(hours=12)
    assert me(alone) == 401


def test_a_state_is_used_once_and_in_the_browser_it_was_made_for(browser, lasting_store, provider):
    """Nobody is signed in as somebody else by a link, and no answer of the provider is used twice."""
    address = browser.go_to_provider().headers["location"]
    other = Browser(lasting_store, provider)
    stolen = other.come_back(address)
    assert (stolen.status_code, stolen.json()["type"]) == (400, "urn:baton:problem:sign_in_unknown")
    assert browser.come_back(address).status_code == 400, "the state is spent, whoever has spent it"

    address = browser.go_to_provider().headers["location"]
    assert browser.come_back(address).status_code == 303
    assert browser.come_back(address).json()["type"] == "urn:baton:problem:sign_in_unknown"
    assert browser.get("/login/callback?code=x&state=made+up").status_code == 400


def test_who_takes_too_long_begins_again(alone, store):
    """A link that lay around for an hour signs nobody in."""
    address = alone.go_to_provider().headers["location"]
    with store.writing() as session:
        session.execute(text("UPDATE ops.sign_in_begun SET expires_at = now()"))

    assert alone.come_back(address).json()["type"] == "urn:baton:problem:sign_in_unknown"


def _unsigned(_provider, claims):
    parts = ({"alg": "none"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts) + "."


def _by_another_key(provider, claims):
    return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, RSAKey.generate_key(2048))


def _by_the_public_key(provider, claims):
    head = {"alg": "HS256", "kid": provider.key.kid}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (head, claims)]
    mark = hmac.digest(provider.key.as_pem(private=False), b".".join(parts), "sha256")
    return b".".join([*parts, base64.urlsafe_b64encode(mark).rstrip(b"=")]).decode()


def _altered(provider, claims):
    head, _, mark = provider.signed(claims).split(".")
    other = json.dumps({**claims, "groups": ["it"]}).encode()
    return f"{head}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}.{mark}"


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another-program"}, {"aud": None},
        {"iss": "http://127.0.0.1:1"}, {"iss": None}, {"exp": 1}, {"exp": None}, {"sub": None}, {"iat": None},
        {"iat": 9_999_999_999}, {"nbf": 9_999_999_999}, {"azp": "another-program"}, {"at_hash": "of another token"},
        {"aud": ["another-program", "third"], "azp": "baton"},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_that_says_something_else_lets_nobody_in(browser, provider, lies):
    """Wrong nonce, audience, issuer or time: each alone is enough."""
    provider.lies = lies
    answer = browser.sign_in()

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:baton:problem:sign_in_refused")
    assert me(browser) == 401


@pytest.mark.parametrize("forge", [_unsigned, _by_another_key, _by_the_public_key, _altered, lambda *_: "no token"])
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(browser, provider, forge):
    """Unsigned, signed by somebody else, signed with the public key as a secret, changed afterwards."""
    provider.forge = forge
    answer = browser.sign_in()

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:baton:problem:sign_in_refused")
    assert me(browser) == 401


def test_a_token_that_has_just_expired_is_refused_after_a_minute_only(browser, provider):
    """Clocks differ by seconds."""
    provider.lies = {"exp": int(time.time()) - 20}
    assert browser.sign_in().status_code == 303
    provider.lies = {"exp": int(time.time()) - 90}
    assert browser.sign_in().status_code == 403


def test_who_is_in_no_group_with_a_role_is_not_let_in(browser, provider):
    """Working for the same company is not enough."""
    for groups in (["canteen"], [], None, "canteen"):
        provider.lies = {"groups": groups}
        answer = browser.sign_in()
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:baton:problem:no_role")
    assert me(browser) == 401


def test_who_has_not_confirmed_their_address_is_not_let_in(browser, provider):
    """Nobody gets another CSM's book by writing their address into a profile."""
    provider.lies = {"email_verified": False}
    answer = browser.sign_in()

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:baton:problem:email_unverified")


def test_several_groups_give_what_either_would(browser, provider):
    """A lead who is a CSM, too, sees all deals."""
    provider.person["groups"] = ["cs-reps", "cs-leads", "canteen"]
    browser.sign_in()

    assert (me(browser)["roles"], me(browser)["book"]) == (["csm", "lead"], None)


def test_groups_may_stand_deeper_or_at_the_userinfo_endpoint(lasting_store, provider):
    """Each provider tells them where it likes."""
    provider.lies = {"groups": None, "realm_access": {"roles": ["it"]}}
    browser = Browser(lasting_store, provider, group_claim="realm_access.roles")
    browser.sign_in()
    assert me(browser)["roles"] == ["admin"]

    provider.lies, provider.userinfo = {"groups": None}, {"sub": CLEO["sub"], "groups": ["finance"]}
    browser = Browser(lasting_store, provider)
    browser.sign_in()
    assert me(browser)["roles"] == ["analyst"]
    provider.userinfo = {"sub": "somebody else", "groups": ["it"]}
    assert Browser(lasting_store, provider).sign_in().status_code == 403


def test_new_keys_of_the_provider_are_asked_for_once(browser, provider):
    """A change of keys locks nobody out, and bad tokens don't make us ask all the time."""
    browser.sign_in()
    browser.app.state.identity_provider._keys_read_at = -1000.0
    provider.rotate()
    assert browser.sign_in().status_code == 303
    provider.forge = _by_another_key
    assert [browser.sign_in().status_code for _ in range(3)] == [403] * 3
    assert provider.asked.count("/keys") == 2


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/a\r\nX: y", ""]
)
def test_nobody_is_sent_to_another_site_afterwards(browser, path):
    """A link to our login leads back to us."""
    assert browser.get("/login", params={"return_to": path}).status_code == 400


def test_a_refusal_of_the_provider_is_told_without_its_words(browser, provider):
    """What stands in an address is nobody's text to put on our page."""
    address = browser.go_to_provider().headers["location"]
    state = address.partition("state=")[2].partition("&")[0]
    refused = browser.get(f"/login/callback?error=access_denied&error_description=<b>call+0800</b>&state={state}")
    assert refused.status_code == 403
    assert "access_denied" in refused.json()["detail"]
    assert "0800" not in refused.text

    provider.codes.clear()
    address = browser.go_to_provider().headers["location"]
    provider.codes.clear()
    refused = browser.come_back(address)
    assert "invalid_grant" in refused.json()["detail"]
    assert "script" not in refused.text


def test_the_code_of_another_provider_is_not_redeemed(browser, provider):
    """Two providers can't be played off against each other (RFC 9207)."""
    address = browser.go_to_provider().headers["location"]
    before = provider.asked.count("/token")

    assert browser.come_back(address.partition("&iss=")[0] + "&iss=https://evil.example").status_code == 403
    assert provider.asked.count("/token") == before


def test_a_provider_that_is_away_is_told(lasting_store):
    """The API goes on for programs, and people read what to do."""
    with running() as provider:
        browser = Browser(lasting_store, provider)
    answer = browser.get("/login")

    assert (answer.status_code, answer.json()["type"]) == (503, "urn:baton:problem:provider_unreachable")
    assert answer.headers["retry-after"] == "60"


def test_without_a_provider_nobody_signs_in(client):
    """A server without people has no doors for them."""
    assert client.get("/login").json()["type"] == "urn:baton:problem:sign_in_not_served"
    assert client.get("/login/callback").status_code == 404


def test_settings_that_would_let_in_the_wrong_people_are_refused(provider: Provider):
    """Each message names the setting and what to write."""
    http = HttpSettings(public_url="https://baton.example")
    whole = {"issuer": provider.issuer, "client_id": "baton", "client_secret": SecretStr("x"), "roles": "it=admin"}
    assert provider_of(OidcSettings(), http) is None
    assert provider_of(OidcSettings(**whole), http) is not None
    for change, name in (
        ({"client_id": None}, "BATON_OIDC_CLIENT_ID"),
        ({"roles": ""}, "BATON_OIDC_ROLES"),
        ({"roles": "it=king"}, "BATON_OIDC_ROLES"),
        ({"roles": "=admin"}, "BATON_OIDC_ROLES"),
        ({"issuer": "http://login.example"}, "BATON_OIDC_ISSUER"),
    ):
        with pytest.raises(SettingsError, match=name):
            provider_of(OidcSettings(**{**whole, **change}), http)
    for url in (None, "http://baton.example"):
        with pytest.raises(SettingsError, match="BATON_HTTP_PUBLIC_URL"):
            provider_of(OidcSettings(**whole), HttpSettings(public_url=url))
