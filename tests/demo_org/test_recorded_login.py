"""What recorded logins answered, beside what the demo org answers: keys, types, formats, headers."""

import json
import re

import pytest
from likeness import assert_alike
from wire_client import header_names, recorded


def placeholders_filled(body):
    """A recorded body whose values were published as <name>, as JSON: numbers where they stand for numbers."""
    return json.loads(re.sub(r": <\w+>", ": 1700000000", body))


def assert_headers_alike(recording, answer):
    """Every header that was recorded is sent, in the same case; a small answer is not packed."""
    packing = {"Content-Encoding", "Vary", "Transfer-Encoding"}
    assert set(recording["response_header_names"]) - packing <= header_names(answer)
    assert answer.headers["Content-Type"] == recording["content_type"]


def password_login(client):
    known = client.credentials
    password = known.password + known.security_token
    return client.grant("password", client_secret=known.client_secret, username=known.username, password=password)


@pytest.mark.parametrize(
    "path", ["rest/restforce/auth_success_response.json", "rest/restforce/reauth_success_response.json"]
)
def test_a_login_with_a_password_has_the_recorded_keys(client, path):
    """The recordings are older than token_type, which every org sends today."""
    answer = password_login(client).json()
    known = recorded(path)

    assert_alike(known, answer, extra=["token_type"])
    assert re.fullmatch(r"\d{13}", answer["issued_at"])
    assert re.fullmatch(r"[\w+/]{43}=", answer["signature"])


def test_a_token_looks_like_a_recorded_one(client):
    """The org's 15-character id, an exclamation mark, and letters that need no escaping."""
    known = recorded("rest/restforce/auth_success_response.json")["access_token"]
    shape = re.compile(r"00D\w{12}![\w.]{90,}")

    assert shape.fullmatch(known)
    assert shape.fullmatch(password_login(client).json()["access_token"])


def test_a_refresh_has_the_recorded_keys(client):
    """The recording is older than token_type and scope."""
    answer = client.grant("refresh_token", refresh_token=client.credentials.refresh_token).json()

    assert_alike(recorded("rest/restforce/refresh_success_response.json"), answer, extra=["token_type", "scope"])


def test_refusals_are_the_recorded_ones(client):
    """Word for word, for clients match on them."""
    known = client.credentials
    wrong = client.grant("password", client_secret=known.client_secret, username=known.username, password="wrong")
    spent = client.grant("refresh_token", refresh_token="unknown")
    expired = client.get("limits", headers={"Authorization": "Bearer 00Dx!gone"})

    assert recorded("rest/restforce/auth_error_response.json") == wrong.json()
    assert recorded("rest/restforce/refresh_error_response.json") == spent.json()
    assert recorded("rest/restforce/expired_session_response.json") == expired.json()
    assert (wrong.status_code, spent.status_code, expired.status_code) == (400, 400, 401)
    assert expired.headers["WWW-Authenticate"] == "Token"


def test_identity_is_the_recorded_one(client):
    """The user of a demo org has no country and no first name; all else is filled in as recorded."""
    recording = recorded("rest/postman/GET__id.identity.json")
    login = password_login(client).json()
    answer = client.get(login["id"], headers={"Authorization": f"Bearer {login['access_token']}"})
    body = answer.json()

    assert list(recording["body"]) == list(body)
    assert list(recording["body"]["urls"]) == list(body["urls"])
    nobody_knows = {"addr_country": "FR", "first_name": "Ada"}
    assert_alike(recording["body"], body | nobody_knows)
    assert_headers_alike(recording, answer)


def test_introspection_is_the_recorded_one(client):
    """Keys in the recorded order, instants as whole seconds."""
    recording = recorded("rest/postman/POST__services.oauth2.introspect.json")
    known = client.credentials
    form = {"client_id": known.client_id, "client_secret": known.client_secret}
    form["token"] = password_login(client).json()["access_token"]
    answer = client.post("/services/oauth2/introspect", data=form)
    model = placeholders_filled(recording["body"])

    assert list(model) == list(answer.json())
    assert_alike(model, answer.json())
    assert_headers_alike(recording, answer)


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/.well-known/openid-configuration", "rest/postman/GET__.well-known.openid-configuration.json"),
        ("/.well-known/auth-configuration", "rest/postman/GET__.well-known.auth-configuration.json"),
    ],
)
def test_what_anybody_may_know_about_logins_is_as_recorded(client, path, file):
    """Every value that is not an address of the org is the recorded one, the lists too."""
    recording = recorded(file)
    answer = client.get(path, headers={"Authorization": ""})
    ours = json.loads(answer.text.replace(client.served.url, "https://<my_domain>"))
    if "OrgId" in ours:
        assert len(ours["OrgId"]) == len(recording["body"]["OrgId"])
        ours["OrgId"] = recording["body"]["OrgId"]

    assert recording["body"] == ours
    assert list(recording["body"]) == list(ours)
    assert_headers_alike(recording, answer)
