"""How Baton gets into an org, and what it says when it does not."""

import socket
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from scripted_org import Answer, as_json

from sync.errors import BudgetSpent, LoginRefused, OrgUnreachable, WrongHost
from sync.salesforce.client import connect
from sync.salesforce.http import checked_address
from sync.settings import SalesforceSettings

TOKEN = "/services/oauth2/token"


def form(asked):
    return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}


def test_client_credentials_open_the_org(org, connected):
    """The simplest grant: an app and its secret."""
    client = connected()

    assert form(org.asked_for(TOKEN)[0]) == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": "s3cret",
    }
    assert client.version == "64.0"
    assert client.api_calls == 0


def test_an_older_org_is_spoken_to_in_its_own_version(org, connected):
    """A version that the org does not have yet is never asked for."""
    org.on("/services/data", as_json([{"version": "58.0"}, {"version": "61.0"}]))

    assert connected().version == "61.0"


def test_the_password_grant_sends_the_security_token_behind_the_password(org):
    """Salesforce wants both as one word."""
    settings = SalesforceSettings(
        url=org.url, client_id="app", client_secret="s", username="ann", password="pass", security_token="word"
    )

    connect(settings).close()

    assert form(org.asked_for(TOKEN)[0])["password"] == "password"


def test_a_jwt_names_app_user_and_host(org, tmp_path: Path):
    """The assertion is signed with the app's key and short-lived."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "key.pem"
    path.write_bytes(pem)

    connect(SalesforceSettings(url=org.url, client_id="app", username="ann", private_key_file=path)).close()

    claims = jwt.decode(form(org.asked_for(TOKEN)[0])["assertion"], key.public_key(), ["RS256"], audience=org.url)
    assert (claims["iss"], claims["sub"]) == ("app", "ann")


def test_a_rotated_refresh_token_is_kept_before_it_is_used(org):
    """The old token is dead already; losing the new one would need a person to authorize again."""
    kept: list[str] = []
    org.on(TOKEN, org.login_answers(refresh_token="new"))
    org.on("/services/data/v64.0/composite", as_json([{"errorCode": "INVALID_SESSION_ID"}], 401))
    settings = SalesforceSettings(url=org.url, auth="refresh_token", client_id="app", refresh_token="old")

    client = connect(settings, keep_refresh_token=kept.append)
    with pytest.raises(Exception, match="session"):
        client.composite([])
    client.close()

    assert kept == ["new"]
    assert [form(each)["refresh_token"] for each in org.asked_for(TOKEN)] == ["old", "new"]


@pytest.mark.parametrize(
    ("error", "description", "remedy"),
    [
        ("invalid_grant", "authentication failure", "BATON_SALESFORCE_USERNAME"),
        ("invalid_grant", "expired access/refresh token", "BATON_SALESFORCE_REFRESH_TOKEN"),
        ("invalid_grant", "user hasn't approved this consumer", "Pre-authorize"),
        ("invalid_grant", "no client credentials user enabled", "run-as user"),
        ("invalid_client_id", "client identifier invalid", "BATON_SALESFORCE_CLIENT_ID"),
        ("invalid_client", "invalid client credentials", "BATON_SALESFORCE_CLIENT_SECRET"),
        ("unsupported_grant_type", "grant type not supported", "BATON_SALESFORCE_AUTH"),
    ],
)
def test_a_refused_login_says_what_to_do(org, settings, error, description, remedy):
    """One sentence of Salesforce's and one of ours, and never the secret."""
    org.on(TOKEN, as_json({"error": error, "error_description": description}, 400))

    with pytest.raises(LoginRefused, match=remedy) as refused:
        connect(settings)

    assert "s3cret" not in str(refused.value)
    assert len(org.asked_for(TOKEN)) == 1


def test_too_many_logins_pause_the_worker(org, settings):
    """3,600 logins an hour are allowed: more is waiting, not a wrong password."""
    org.on(TOKEN, as_json({"error": "login_rate_exceeded"}, 400))

    with pytest.raises(BudgetSpent):
        connect(settings)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=200, body=b"<html>welcome</html>"),
        Answer(status=404, body=b"<html>not here</html>"),
        Answer(status=302, headers={"Location": "https://elsewhere.example/login?secret=1"}),
        Answer(status=405, body=b"nothing"),
    ],
)
def test_a_host_that_is_no_org_is_named_as_such(org, settings, answer):
    """A mistyped address ends in one sentence with the address in it."""
    org.on(TOKEN, answer)

    with pytest.raises(WrongHost, match=r"127\.0\.0\.1.*My Domain") as wrong:
        connect(settings)

    assert "secret=1" not in str(wrong.value)


def test_an_unreachable_host_is_named_as_such():
    """Nobody listens there."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        settings = SalesforceSettings(url=url, auth="client_credentials", client_id="app", client_secret="s")

        with pytest.raises(OrgUnreachable, match="BATON_SALESFORCE_URL"):
            connect(settings)


@pytest.mark.parametrize(
    "text",
    ["", "http://acme.my.salesforce.com", "ftp://acme", "https://user:pw@acme.com", "https://a.lightning.force.com"],
)
def test_addresses_that_would_leak_or_mislead_are_refused(text):
    """Plain http is for this very machine only."""
    with pytest.raises(WrongHost) as wrong:
        checked_address(text)

    assert "pw" not in str(wrong.value)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/services/", "https://acme.my.salesforce.com"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:1", "http://localhost:1"),
    ],
)
def test_addresses_are_taken_as_people_write_them(text, address):
    """With or without scheme, path and slash."""
    assert checked_address(text) == address


def test_client_credentials_need_the_orgs_own_host():
    """The common login hosts refuse this grant with a confusing answer, so it is not even tried."""
    settings = SalesforceSettings(
        url="https://login.salesforce.com", auth="client_credentials", client_id="app", client_secret="s"
    )

    with pytest.raises(WrongHost, match="own host"):
        connect(settings)


def test_a_missing_setting_is_named():
    """Before anything is sent."""
    with pytest.raises(LoginRefused, match="BATON_SALESFORCE_CLIENT_ID"):
        connect(SalesforceSettings(url="http://127.0.0.1:1", auth="client_credentials"))
