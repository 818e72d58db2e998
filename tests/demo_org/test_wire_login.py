import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import junk
from wire_client import client_of, error_of, recorded

from demo_org.clock import Clock
from demo_org.credentials import Credentials
from demo_org.store import Org
from demo_org.wire import WireSettings, running

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def private_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def client(private_key):
    public = private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with client_of(credentials=Credentials.generate(jwt_public_key=public.decode())) as client:
        yield client


def assertion(client, key, **claims):
    usual = {"iss": client.credentials.client_id, "sub": client.credentials.username}
    usual |= {"aud": "https://login.salesforce.com", "exp": int(time.time()) + 180}
    return jwt.encode(usual | claims, key, algorithm="RS256")


def refusal(answer):
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def test_client_credentials_in_the_body_give_a_session_without_expiry_or_refresh_token(client):
    """The reply has Salesforce's keys and nothing that tells how long the session lives."""
    body = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()

    assert {"access_token", "scope", "instance_url", "id", "token_type"} == set(body)
    assert str(client.base_url).rstrip("/") == body["instance_url"]
    assert body["access_token"].startswith(f"{client.org.org_id[:15]}!")


def test_client_credentials_may_come_by_http_basic(client):
    """simple-salesforce sends only the grant type in the body."""
    known = client.credentials
    answer = httpx.post(
        f"{client.base_url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(known.client_id, known.client_secret),
    )

    assert answer.status_code == 200


def test_wrong_clients_are_refused_in_salesforces_words(client):
    """Status 400, not 401, and the exact descriptions clients match on."""
    assert refusal(client.grant("client_credentials", client_secret="wrong")) == (
        400,
        "invalid_client",
        "invalid client credentials",
    )
    assert refusal(client.grant("client_credentials", client_id="someone", client_secret="x")) == (
        400,
        "invalid_client_id",
        "client identifier invalid",
    )
    assert refusal(client.grant("magic")) == (400, "unsupported_grant_type", "grant type not supported")
    assert refusal(client.get("/services/oauth2/token")) == (400, "invalid_request", "must be POST")


def test_a_signed_assertion_logs_in_whether_its_expiry_is_a_number_or_a_text(client, private_key):
    """simple-salesforce sends exp as a string, the Salesforce CLI in milliseconds, CumulusCI the present second."""
    now = int(time.time())
    for expiry in (now + 180, str(now + 180), now * 1000 + 300, now):
        answer = client.grant(JWT_BEARER, assertion=assertion(client, private_key, exp=expiry))
        assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")


def test_assertions_that_do_not_fit_are_refused(client, private_key):
    """Another key, audience, user or a past expiry never logs in."""
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def attempt(key=private_key, **claims):
        return refusal(client.grant(JWT_BEARER, assertion=assertion(client, key, **claims)))[1:]

    assert attempt(key=stranger) == ("invalid_grant", "invalid assertion")
    assert attempt(aud="https://elsewhere.example") == ("invalid_grant", "audience is invalid")
    assert attempt(sub="someone@demo.example") == ("invalid_grant", "user hasn't approved this consumer")
    assert attempt(exp=int(time.time()) - 60) == ("invalid_grant", "expired")


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(changed=st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), junk, max_size=3))
def test_a_signed_assertion_of_any_content_is_answered(client, private_key, changed):
    """Whoever holds the key may still make mistakes: each is refused in words, none breaks the login."""
    usual = {"iss": client.credentials.client_id, "sub": client.credentials.username}
    usual |= {"aud": "https://login.salesforce.com", "exp": int(time.time()) + 180}
    signed = jwt.api_jws.encode(json.dumps(usual | changed).encode(), private_key, algorithm="RS256")
    answer = client.grant(JWT_BEARER, assertion=signed)

    assert answer.status_code == 200 or set(answer.json()) == {"error", "error_description"}
    assert answer.status_code in {200, 400}


def test_a_password_needs_the_security_token_behind_it(client):
    """As from an address the org does not know; each way to be wrong has its own words."""
    known = client.credentials

    def attempt(username=known.username, password=known.password + known.security_token):
        return client.grant("password", client_secret=known.client_secret, username=username, password=password)

    good = attempt().json()
    assert {"access_token", "id", "instance_url", "issued_at", "signature", "token_type"} == set(good)
    assert attempt(username=known.username.upper()).status_code == 200
    assert refusal(attempt(password=known.password))[1:] == (
        "invalid_grant",
        "authentication failure - Failed: API security token required",
    )
    assert refusal(attempt(password="wrong"))[1:] == ("invalid_grant", "authentication failure - Invalid Password")
    assert refusal(attempt(username="nobody@demo.example"))[1:] == ("invalid_grant", "authentication failure")


def test_the_signature_proves_that_the_answer_comes_from_salesforce(client):
    """django-salesforce computes it anew and refuses the login if it differs; issued_at is milliseconds as text."""
    known = client.credentials
    password = known.password + known.security_token
    body = client.grant(
        "password", client_secret=known.client_secret, username=known.username, password=password
    ).json()
    made = hmac.new(known.client_secret.encode(), (body["id"] + body["issued_at"]).encode(), hashlib.sha256)

    assert base64.b64encode(made.digest()).decode() == body["signature"]
    assert abs(int(body["issued_at"]) / 1000 - time.time()) < 60


def test_machines_log_in_only_where_the_org_is_meant():
    """login.salesforce.com knows no org; and an org may have no user for machines at all."""
    with client_of() as client:
        for host in ("login.salesforce.com", "test.salesforce.com:443"):
            form = {"grant_type": "client_credentials", "client_id": client.credentials.client_id}
            form["client_secret"] = client.credentials.client_secret
            answer = client.post("/services/oauth2/token", data=form, headers={"Host": host})
            assert refusal(answer) == (400, "invalid_grant", "request not supported on this domain")
    with Org.open() as org, running(org, settings=WireSettings(client_credentials=False)) as served:
        form = {"grant_type": "client_credentials", "client_id": served.credentials.client_id}
        form["client_secret"] = served.credentials.client_secret
        answer = httpx.post(f"{served.url}/services/oauth2/token", data=form)
        assert refusal(answer) == (400, "invalid_grant", "no client credentials user enabled")


@pytest.mark.parametrize(
    ("reason", "error", "description"),
    [
        ("user_locked", "invalid_grant", "user is locked"),
        ("org_locked", "invalid_grant", "inactive organization"),
        ("ip_restricted", "invalid_grant", "ip restricted"),
        ("not_approved", "invalid_grant", "user hasn't approved this consumer"),
        ("not_admin_approved", "invalid_app_access", "user is not admin approved to access this app"),
        ("rate_exceeded", "login_rate_exceeded", "login rate exceeded"),
        ("user_inactive", "invalid_grant", "inactive user"),
    ],
)
def test_every_grant_can_be_told_to_refuse_and_why(reason, error, description):
    """A client proves how it takes each refusal Salesforce knows, whatever grant it uses."""
    with client_of() as client:
        client.post("/demo/logins", json={"refuse": reason})
        known = client.credentials
        password = known.password + known.security_token
        secret = {"client_secret": known.client_secret}
        answers = [
            client.grant("client_credentials", **secret),
            client.grant("password", username=known.username, password=password, **secret),
            client.grant("refresh_token", refresh_token=known.refresh_token),
        ]
        client.post("/demo/logins", json={"refuse": None})

        assert [refusal(answer) for answer in answers] == [(400, error, description)] * 3
        assert client.grant("client_credentials", **secret).status_code == 200


def test_a_user_who_was_deactivated_cannot_log_in():
    """Deactivating the integration user is the admin's way to stop an integration."""
    with client_of() as client:
        client.patch(f"sobjects/User/{client.org.users.integration}", json={"IsActive": False})
        answer = client.grant("client_credentials", client_secret=client.credentials.client_secret)

        assert refusal(answer) == (400, "invalid_grant", "inactive user")


def test_too_many_logins_within_an_hour_are_refused_until_they_grow_old():
    """A client that logs in for each request meets it; the hour is a rolling one."""
    with client_of(clock=Clock(frozen_at=datetime(2026, 3, 1, tzinfo=UTC)), hourly_logins=3) as client:

        def log_in():
            return client.grant("client_credentials", client_secret=client.credentials.client_secret)

        statuses = [log_in().status_code for _ in range(2)]  # the client itself logged in once
        refused = log_in()
        client.post("/demo/clock", json={"move": 3600})

        assert statuses == [200, 200]
        assert refusal(refused) == (400, "login_rate_exceeded", "login rate exceeded")
        assert log_in().status_code == 200


def test_an_ended_session_answers_with_the_recorded_401(client):
    """The body is an array, and the header tells the client to bring a token."""
    answer = client.get("limits", headers={"Authorization": "Bearer 00Dx!gone"})

    assert recorded("rest/restforce/expired_session_response.json") == answer.json()
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Token")
    assert error_of(httpx.get(f"{client.base_url}/services/data/v64.0/limits"))[:2] == (401, "INVALID_SESSION_ID")


def test_killing_sessions_lets_nobody_in_until_the_next_login():
    """POST /demo/sessions/kill is how a test lets a session expire."""
    with client_of() as client:
        killed = client.post("/demo/sessions/kill").json()
        before = client.get("limits").status_code
        client.log_in()

        assert (killed, before, client.get("limits").status_code) == ({"killed": 1}, 401, 200)


def test_one_session_is_killed_while_others_go_on():
    """{"token"} lets a test end the session of one client among several."""
    with client_of() as client:
        token = client.headers["Authorization"].removeprefix("Bearer ")
        other = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()
        killed = client.post("/demo/sessions/kill", json={"token": token}).json()
        again = client.post("/demo/sessions/kill", json={"token": token}).json()
        alive = client.get("limits", headers={"Authorization": f"OAuth {other['access_token']}"})

        assert (killed, again) == ({"killed": 1}, {"killed": 0})
        assert (client.get("limits").status_code, alive.status_code) == (401, 200)


def test_a_session_lives_as_long_as_it_is_used():
    """The timeout counts from the last call, not from the login."""
    with client_of(clock=Clock(frozen_at=datetime(2026, 3, 1, tzinfo=UTC)), session_seconds=900) as client:
        statuses = []
        for minutes in (14, 14, 14, 15):
            client.post("/demo/clock", json={"move": 60 * minutes})
            statuses.append(client.get("limits").status_code)

        assert statuses == [200, 200, 200, 401]


def test_the_identity_url_tells_who_the_token_belongs_to(client):
    """A client learns org, user and addresses from it; the version is filled in for those who ask."""
    body = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    known = client.get(body["id"], headers=bearer).json()
    dated = client.get(f"{body['id']}?version=64.0", headers=bearer).json()
    script = client.get(f"{body['id']}?callback=tell.me", headers=bearer)

    assert (client.org.org_id, client.credentials.username) == (known["organization_id"], known["username"])
    assert "{version}" in known["urls"]["rest"]
    assert dated["urls"]["rest"].endswith("/services/data/v64.0/")
    assert script.text == f"tell.me({json.dumps(known, separators=(',', ':'))});"


def test_identity_refuses_in_one_word_of_plain_text(client):
    """Clients look for the word: Bad_OAuth_Token means log in again."""
    body = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()
    org, user = body["id"].split("/")[-2:]

    def word(path, token=body["access_token"]):
        answer = httpx.get(f"{client.served.url}{path}", headers={"Authorization": f"Bearer {token}"} if token else {})
        return answer.status_code, answer.text

    assert word("/services/oauth2/userinfo", "nope") == (403, "Bad_OAuth_Token")
    assert word(f"/id/{org}/{user}", "") == (403, "Missing_OAuth_Token")
    assert word(f"/id/00DDm0000000009/{user}") == (403, "Wrong_Org")
    assert word(f"/id/{org}/005Dm0000000099") == (404, "Bad_Id")
    assert word(f"/id/{org}/{user}?version=1.0") == (406, "Invalid_Version")
    assert word(f"/id/{org}/{user}?callback=a%3Cb") == (406, "Invalid_Callback")


def test_userinfo_tells_the_user_in_the_words_of_openid_connect(client):
    """With the keys Salesforce documents, in its order; by GET and by POST."""
    body = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()
    bearer = {"Authorization": f"Bearer {body['access_token']}"}
    told = client.get("/services/oauth2/userinfo", headers=bearer).json()
    known = (
        "sub user_id organization_id preferred_username nickname name email email_verified given_name family_name "
        "zoneinfo photos profile picture address is_salesforce_integration_user urls active user_type language locale "
        "utcOffset updated_at is_app_installed"
    )

    assert list(told) == known.split()
    assert (told["sub"], told["preferred_username"]) == (body["id"], client.credentials.username)
    assert client.post("/services/oauth2/userinfo", headers=bearer).json() == told


def test_introspection_and_revocation_agree_about_a_token(client):
    """A live token is active with an expiry; a revoked one is not."""
    token = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()["access_token"]
    form = {"token": token, "client_id": client.credentials.client_id}
    form["client_secret"] = client.credentials.client_secret
    alive = client.post("/services/oauth2/introspect", data=form).json()
    revoked = client.post("/services/oauth2/revoke", data={"token": token})
    gone = client.post("/services/oauth2/introspect", data=form).json()

    assert (True, client.credentials.username, "access_token") == (
        alive["active"],
        alive["username"],
        alive["token_type"],
    )
    assert alive["exp"] > alive["iat"]
    assert (revoked.status_code, revoked.content, gone) == (200, b"", {"active": False})
    assert client.post("/services/oauth2/revoke", data={"token": token}).status_code == 400


def test_secrets_are_random_and_stay_out_of_the_repr():
    """Two orgs never share a secret, and a log line cannot leak one."""
    one, other = Credentials.generate(), Credentials.generate()

    assert one.client_secret != other.client_secret
    assert one.client_secret not in repr(one)
    assert one.password not in repr(one)
