"""The settings of the org are read from the environment, and never shown."""

import pytest

from models.settings import SettingsError
from sync.settings import SalesforceSettings, WorkerSettings


def test_settings_come_from_the_environment(monkeypatch, tmp_path):
    """A secret may also be a file."""
    secret = tmp_path / "secret"
    secret.write_text("hidden\n", encoding="utf-8")
    monkeypatch.setenv("BATON_SALESFORCE_URL", "https://acme.my.salesforce.com")
    monkeypatch.setenv("BATON_SALESFORCE_CLIENT_SECRET_FILE", str(secret))
    monkeypatch.setenv("BATON_POLL_SECONDS", "1.5")

    settings = SalesforceSettings()

    assert settings.client_secret is not None
    assert settings.client_secret.get_secret_value() == "hidden"
    assert "hidden" not in repr(settings)
    assert settings.api_version == "64.0"
    assert WorkerSettings().poll_seconds == 1.5


@pytest.mark.parametrize(
    ("given", "grant"),
    [
        ({}, "client_credentials"),
        ({"password": "p"}, "password"),
        ({"refresh_token": "r", "password": "p"}, "refresh_token"),
        ({"private_key_file": "key.pem"}, "jwt_bearer"),
        ({"private_key_file": "key.pem", "auth": "password"}, "password"),
    ],
)
def test_the_way_of_logging_in_follows_from_what_is_given(given, grant):
    """One setting less to get wrong; the explicit one wins."""
    assert SalesforceSettings(**given).grant == grant


@pytest.mark.parametrize("wrong", [{"api_version": "new"}, {"auth": "magic"}, {"currency": "dollars"}])
def test_a_malformed_setting_is_refused_by_name(wrong):
    """Before anything is asked of Salesforce."""
    with pytest.raises(SettingsError, match=f"BATON_SALESFORCE_{next(iter(wrong)).upper()}"):
        SalesforceSettings(**wrong)
