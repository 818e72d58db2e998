import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from wire_client import client_of, error_of, recorded

from demo_org.credentials import Credentials

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
    """simple-salesforce sends exp as a string, the Salesforce CLI in milliseconds; Salesforce takes them all."""
    for expiry in (int(time.time()) + 180, str(int(time.time()) + 180), int(time.time() * 1000) + 300):
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
    assert attempt(exp=int(time.time()) - 1) == ("invalid_grant", "expired")


def test_a_password_needs_the_security_token_behind_it(client):
    """The password grant has Salesforce's signed reply; a wrong password its recorded refusal."""
    known = client.credentials
    form = {"client_secret": known.client_secret, "username": known.username}
    good = client.grant("password", **form, password=known.password + known.security_token)
    bad = client.grant("password", **form, password=known.password)

    assert {"access_token", "id", "instance_url", "issued_at", "signature", "token_type"} == set(good.json())
    assert good.json()["issued_at"].isdigit()
    assert recorded("rest/restforce/auth_error_response.json") == bad.json()


def test_a_refresh_token_renews_the_session_and_stays_good(client):
    """Without rotation the same refresh token works again and again."""
    for _ in range(2):
        answer = client.grant("refresh_token", refresh_token=client.credentials.refresh_token)
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()
    unknown = client.grant("refresh_token", refresh_token="unknown")
    assert recorded("rest/restforce/refresh_error_response.json") == unknown.json()


def test_rotation_ends_the_old_refresh_token_and_the_session_it_gave():
    """A client that does not persist the new token first is locked out, as in orgs with rotation on."""
    with client_of(rotate_refresh_tokens=True) as client:
        first = client.grant("refresh_token", refresh_token=client.credentials.refresh_token).json()
        again = client.grant("refresh_token", refresh_token=client.credentials.refresh_token)
        second = client.grant("refresh_token", refresh_token=first["refresh_token"]).json()

        def status(token):
            return client.get("limits", headers={"Authorization": f"Bearer {token}"}).status_code

        assert refusal(again) == (400, "invalid_grant", "expired access/refresh token")
        assert (status(first["access_token"]), status(second["access_token"])) == (401, 200)


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


def test_the_identity_url_tells_who_the_token_belongs_to(client):
    """It has the recorded keys but phone numbers nobody has; a bad token gets plain text."""
    body = client.grant("client_credentials", client_secret=client.credentials.client_secret).json()
    known = client.get(body["id"], headers={"Authorization": f"Bearer {body['access_token']}"}).json()
    bad = client.get("/services/oauth2/userinfo", headers={"Authorization": "Bearer nope"})

    assert (client.org.org_id, client.credentials.username) == (known["organization_id"], known["username"])
    assert set(recorded("rest/postman/GET__id.identity.json")["body"]) == set(known)
    assert "{version}" in known["urls"]["rest"]
    assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")


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
