"""Settings come from the environment and baton.toml, and a wrong one is named in one line."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from models.settings import BatonSettings, SettingsError, StoreSettings, refuse_unknown_keys, settings_file


class Rhythm(BatonSettings):
    """Some settings of a layer."""

    model_config = SettingsConfigDict(env_prefix="BATON_TEST_")

    seconds: Annotated[float, Field(gt=0)] = 30
    password: SecretStr | None = None
    certificate: Path | None = None


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty directory, an empty home and no setting from outside."""
    for name in ("BATON_DATABASE_URL", "BATON_DATABASE_URL_FILE", "BATON_TEST_SECONDS", "BATON_TEST_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_variable_is_read_by_its_name(monkeypatch):
    """BATON_TEST_SECONDS is the field seconds of the class with that prefix."""
    monkeypatch.setenv("BATON_TEST_SECONDS", "5")

    assert Rhythm().seconds == 5


def test_an_empty_variable_counts_as_unset(monkeypatch):
    """A compose file that passes on an unset variable changes nothing."""
    monkeypatch.setenv("BATON_TEST_SECONDS", "")

    assert Rhythm().seconds == 30


def test_a_malformed_value_is_one_line_that_names_the_variable(monkeypatch):
    """The line says which variable, what it holds, and why that can't be used."""
    monkeypatch.setenv("BATON_TEST_SECONDS", "soon")
    with pytest.raises(SettingsError) as refused:
        Rhythm()

    message = str(refused.value)
    assert message.startswith("BATON_TEST_SECONDS: 'soon': ")
    assert "\n" not in message


def test_a_malformed_value_in_the_file_names_the_file(folder):
    """Somebody who looks for the mistake finds the place."""
    (folder / "baton.toml").write_text("test_seconds = -1\n")
    with pytest.raises(SettingsError, match=r"^BATON_TEST_SECONDS \(in .*baton.toml\): '-1': "):
        Rhythm()


def test_a_secret_is_never_in_a_message_or_a_repr(monkeypatch):
    """Logs and bug reports can't leak it."""
    monkeypatch.setenv("BATON_TEST_PASSWORD", "hunter2")

    assert "hunter2" not in repr(Rhythm())
    with pytest.raises(SettingsError) as refused:
        Rhythm(password=["hunter2"])
    assert "hunter2" not in str(refused.value)


def test_a_secret_can_be_a_file(folder, monkeypatch):
    """Secrets of containers are mounted as files; the newline that editors add is not part of them."""
    (folder / "secret").write_text("hunter2\n")
    monkeypatch.setenv("BATON_TEST_PASSWORD_FILE", str(folder / "secret"))

    assert Rhythm().password == SecretStr("hunter2")


def test_a_secret_file_that_is_missing_is_named(folder, monkeypatch):
    """The message names the variable and the path."""
    monkeypatch.setenv("BATON_TEST_PASSWORD_FILE", str(folder / "nowhere"))
    with pytest.raises(SettingsError, match=r"^BATON_TEST_PASSWORD_FILE: .*nowhere"):
        Rhythm()


def test_a_secret_given_twice_is_refused(folder, monkeypatch):
    """Nobody guesses which of the two was meant."""
    (folder / "secret").write_text("one")
    monkeypatch.setenv("BATON_TEST_PASSWORD", "two")
    monkeypatch.setenv("BATON_TEST_PASSWORD_FILE", str(folder / "secret"))
    with pytest.raises(SettingsError, match="BATON_TEST_PASSWORD and BATON_TEST_PASSWORD_FILE"):
        Rhythm()


def test_the_environment_wins_over_the_file(folder, monkeypatch):
    """A file holds what is usual, the environment what is special."""
    (folder / "baton.toml").write_text("test_seconds = 7\n")

    assert Rhythm().seconds == 7
    monkeypatch.setenv("BATON_TEST_SECONDS", "8")
    assert Rhythm().seconds == 8


def test_the_file_of_the_home_counts_where_the_directory_has_none(folder):
    """./baton.toml is for a checkout, BATON_HOME/baton.toml for an installation."""
    (folder / "home").mkdir()
    (folder / "home" / "baton.toml").write_text("test_seconds = 9\n")

    assert Rhythm().seconds == 9
    (folder / "baton.toml").write_text("test_seconds = 7\n")
    assert Rhythm().seconds == 7
    assert settings_file() == folder / "baton.toml"


def test_a_path_in_the_file_is_relative_to_the_file(folder, monkeypatch):
    """A key beside baton.toml is found from every directory."""
    (folder / "home").mkdir()
    (folder / "home" / "baton.toml").write_text('test_certificate = "ca.pem"\ntest_password_file = "password"\n')
    (folder / "home" / "password").write_text("hunter2")
    monkeypatch.chdir("/")

    settings = Rhythm()
    assert settings.certificate == folder / "home" / "ca.pem"
    assert settings.password == SecretStr("hunter2")


def test_a_broken_file_is_one_line_with_its_place(folder):
    """The line of the mistake is in the message."""
    (folder / "baton.toml").write_text("test_seconds = = 7\n")
    with pytest.raises(SettingsError, match=r"baton.toml: it can't be read as TOML .*line 1"):
        Rhythm()


def test_a_misspelt_key_in_the_file_is_refused(folder):
    """A key that nothing reads is a mistake, not a comment."""
    (folder / "baton.toml").write_text('test_secconds = 7\ndatabase_url_file = "x"\n')
    with pytest.raises(SettingsError, match="no setting is called test_secconds;"):
        refuse_unknown_keys([Rhythm, StoreSettings])


def test_settings_do_not_change_while_we_run():
    """What was read at the start is what counts."""
    settings = Rhythm()
    with pytest.raises(ValidationError, match="frozen"):
        settings.seconds = 1


def test_the_home_is_absolute_and_knows_the_tilde(folder, monkeypatch):
    """A home given relative to one directory means the same everywhere."""
    monkeypatch.setenv("BATON_HOME", "here")
    assert StoreSettings().home == folder / "here"
    monkeypatch.setenv("BATON_HOME", "~/there")
    monkeypatch.setenv("HOME", str(folder))
    assert StoreSettings().home == folder / "there"
