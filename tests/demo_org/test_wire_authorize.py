import base64
import hashlib
import re
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from wire_client import client_of

from demo_org.clock import Clock

BACK = "http://localhost:1717/OauthRedirect"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
def client():
    with client_of(already_signed_in=True) as client:
        yield client


def ask(client, **wish):
    """What the browser gets at the page where users let apps in."""
    usual = {"response_type": "code", "client_id": client.credentials.client_id, "redirect_uri": BACK}
    return client.get("/services/oauth2/authorize", params=usual | wish)


def sent_back(answer):
    """What the app is told when the browser comes back."""
    assert answer.status_code == 302, answer.text
    told = urlsplit(answer.headers["Location"])
    assert f"{told.scheme}://{told.netloc}{told.path}" == BACK
    return {name: values[0] for name, values in parse_qs(told.query).items()}


def trade(client, code, **form):
    secret = {} if "code_verifier" in form else {"client_secret": client.credentials.client_secret}
    return client.grant("authorization_code", code=code, **({"redirect_uri": BACK} | secret | form))


def refusal(answer):
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def test_a_code_is_traded_for_a_session_and_a_refresh_token_once(client):
    """The app gets its own state back unchanged; a code that leaks later is worth nothing."""
    told = sent_back(ask(client, state="a b&c"))
    body = trade(client, told["code"]).json()
    again = trade(client, told["code"])
    renewed = client.grant("refresh_token", refresh_token=body["refresh_token"])

    assert told["state"] == "a b&c"
    assert set(body) == {
        "access_token", "refresh_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"
    }  # fmt: skip
    assert refusal(again) == (400, "invalid_grant", "expired authorization code")
    assert renewed.status_code == 200


def test_an_app_that_asks_for_less_gets_no_refresh_token(client):
    """The scope decides; what was granted is told."""
    body = trade(client, sent_back(ask(client, scope="api id"))["code"]).json()

    assert body["scope"] == "api id"
    assert "refresh_token" not in body
    assert sent_back(ask(client, scope="api everything"))["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("method", "challenge"), [("S256", CHALLENGE), (None, CHALLENGE), ("S256", f"{CHALLENGE}="), ("plain", VERIFIER)]
)
def test_a_verifier_takes_the_place_of_the_secret(client, method, challenge):
    """PKCE: who asked for the code proves it, without a secret in the program of a user."""
    wish = {"code_challenge": challenge} | ({"code_challenge_method": method} if method else {})
    good = trade(client, sent_back(ask(client, **wish))["code"], code_verifier=VERIFIER)
    bad = trade(client, sent_back(ask(client, **wish))["code"], code_verifier="w" * 43)
    none = trade(client, sent_back(ask(client, **wish))["code"])

    assert good.status_code == 200
    assert refusal(bad) == refusal(none) == (400, "invalid_grant", "invalid code verifier")


def test_a_verifier_with_a_tilde_is_refused_as_by_salesforce(client):
    """The RFC allows the tilde, Salesforce does not: a client's generator of verifiers must avoid it."""
    verifier = "~" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    answer = trade(client, sent_back(ask(client, code_challenge=challenge))["code"], code_verifier=verifier)

    assert refusal(answer) == (400, "invalid_grant", "invalid code verifier")


def test_a_code_without_challenge_needs_the_secret(client):
    """A made-up verifier is no proof."""
    answer = trade(client, sent_back(ask(client))["code"], code_verifier=VERIFIER)

    assert refusal(answer) == (400, "invalid_client", "invalid client credentials")


def test_a_code_is_good_for_the_address_it_was_asked_for(client):
    """The app must name it again."""
    answer = trade(client, sent_back(ask(client))["code"], redirect_uri="http://localhost:1/other")

    assert refusal(answer) == (400, "redirect_uri_mismatch", "redirect_uri must match configuration")


def test_a_code_expires_after_fifteen_minutes():
    """By the org's clock."""
    with client_of(clock=Clock(frozen_at=datetime(2026, 3, 1, tzinfo=UTC)), already_signed_in=True) as client:
        code = sent_back(ask(client))["code"]
        client.post("/demo/clock", json={"move": 15 * 60})

        assert refusal(trade(client, code)) == (400, "invalid_grant", "expired authorization code")


def test_the_sixth_approval_of_a_user_ends_the_oldest(client):
    """An app that lets a user approve it again and again loses its first installation without a word."""
    bodies = [trade(client, sent_back(ask(client))["code"]).json() for _ in range(6)]
    statuses = [client.grant("refresh_token", refresh_token=body["refresh_token"]).status_code for body in bodies]

    assert statuses == [400, 200, 200, 200, 200, 200]


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"client_id": "someone"}, "error=invalid_client_id&error_description=client%20identifier%20invalid"),
        (
            {"redirect_uri": "https://elsewhere.example/"},
            "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration",
        ),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(client, wish, told):
    """The refusal stays in the browser, as a form without a content type."""
    answer = ask(client, **wish)

    assert (answer.status_code, answer.text) == (400, told)


def test_what_the_app_did_wrong_is_told_to_the_app(client):
    """Only the code flow is served."""
    assert sent_back(ask(client, response_type="token"))["error"] == "unsupported_response_type"
    assert sent_back(ask(client, choice="deny", state="s")) == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "s",
    }


def test_an_org_may_insist_on_pkce():
    """As new orgs do."""
    with client_of(already_signed_in=True, require_code_challenge=True) as client:
        refused = ask(client)

        assert refused.text == "error=invalid_request&error_description=missing%20required%20code%20challenge"
        assert "code" in sent_back(ask(client, code_challenge=CHALLENGE))


def test_a_registered_address_is_accepted_exactly():
    """An address of the web is the app's only if the org was told so, letter by letter."""
    with client_of(already_signed_in=True, redirect_uris=("https://app.example/back",)) as client:
        good = ask(client, redirect_uri="https://app.example/back")
        bad = ask(client, redirect_uri="https://app.example/back/")

        assert good.headers["Location"].startswith("https://app.example/back?code=")
        assert bad.status_code == 400


def test_a_user_logs_in_on_the_page_and_is_sent_back():
    """The page keeps what the app asked for; a wrong password shows it again, with what was typed made harmless."""
    with client_of() as client:
        page = ask(client, state='"><script>', login_hint="<me>")
        hidden = {
            name: unescape(value)
            for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        }
        wrong = client.post(str(page.url), data=hidden | {"un": "<x>", "pw": "no", "choice": "allow"})
        typed = {"un": client.credentials.username, "pw": client.credentials.password, "choice": "allow"}
        told = sent_back(client.post(str(page.url.copy_with(query=None)), data=hidden | typed))

        assert page.headers["Content-Type"].startswith("text/html")
        assert "<script>" not in page.text
        assert (wrong.status_code, "Please check your username" in wrong.text, "<x>" in wrong.text) == (
            200,
            True,
            False,
        )
        assert told["state"] == '"><script>'
        assert trade(client, told["code"]).status_code == 200


def test_an_app_may_learn_who_logged_in_and_check_it_by_itself(client):
    """The id token is signed with the published key, for this app, this login and this access token."""
    told = sent_back(ask(client, scope="openid api refresh_token", nonce="n-0S6"))
    body = trade(client, told["code"]).json()
    published = jwt.PyJWKClient(f"{client.served.url}/id/keys").get_signing_key_from_jwt(body["id_token"])
    claims = jwt.decode(body["id_token"], published.key, algorithms=["RS256"], audience=client.credentials.client_id)
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    renewed = client.grant("refresh_token", refresh_token=body["refresh_token"]).json()

    assert (claims["iss"], claims["sub"], claims["nonce"]) == (client.served.url, body["id"], "n-0S6")
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
    assert "nonce" not in jwt.decode(renewed["id_token"], options={"verify_signature": False})
    assert "id_token" not in trade(client, sent_back(ask(client))["code"]).json()
