"""What opens doors is sealed where it lies, and keys are exchanged without losing anything."""

import json

import pytest
from sqlalchemy import text

from app.cli.connection import opened
from app.cli.failures import MISUSED, explain
from models.access import cursor_secret
from models.errors import SecretSealed
from models.seal import Seal, new_secret_key
from models.session import Store
from models.settings import SettingsError, StoreSettings
from models.sign_in import Begun, begin_sign_in, take_begun
from sync.salesforce.token_file import TokenFile


@pytest.fixture
def kept(store_url, monkeypatch):
    """Starts a program with some keys; returns what lies in the store, and what it means."""

    def start(*keys: str) -> tuple[list[bytes], bytes]:
        monkeypatch.setenv("BATON_SECRET_KEYS", ",".join(keys))
        with opened(store_url) as store, store.reading() as session:
            values = session.execute(text("SELECT value FROM ops.secret ORDER BY name")).scalars()
            return [bytes(value) for value in values], cursor_secret(session)

    return start


def test_secrets_are_sealed_at_the_first_start_with_a_key(kept):
    """A dump of the database gives nothing away, and cursors of before go on."""
    clear, secret = kept()
    sealed, same = kept(new_secret_key())

    assert secret == same
    assert secret in clear
    assert len(sealed) == 2
    assert all(value.startswith(b"sealed:") for value in sealed)
    assert not any(one in other for one in clear for other in sealed)


def test_a_key_is_exchanged_by_putting_the_new_one_in_front(kept):
    """In between both open; afterwards the old one is of no use."""
    old, new = new_secret_key(), new_secret_key()
    under_old, secret = kept(old)
    under_new, same = kept(new, old)

    assert secret == same
    assert under_old != under_new
    assert kept(new) == (under_new, secret)
    assert kept(new, old) == (under_new, secret), "what is sealed with the first key is left as it is"


def test_without_its_key_nothing_starts_and_the_line_says_why(kept):
    """It is not taken for a damaged store, and nothing is made anew behind anybody's back."""
    key = new_secret_key()
    before, secret = kept(key)
    for keys in ([], [new_secret_key()]):
        with pytest.raises(SecretSealed, match="BATON_SECRET_KEYS") as caught:
            kept(*keys)
        assert explain(caught.value, doing="baton serve")[1] == MISUSED
    assert kept(key) == (before, secret)


def test_secrets_that_were_deleted_are_made_anew(kept, store):
    """The way out when a key is lost for good."""
    kept(new_secret_key())
    with store.writing() as session:
        session.execute(text("DELETE FROM ops.secret"))
    values, _ = kept(new_secret_key())

    assert len(values) == 2


@pytest.mark.parametrize("key", ["short", "x" * 44, "é" * 44, "A" * 43 + "=,x"])
def test_a_key_that_is_none_is_refused_and_not_shown(key, monkeypatch):
    """The line names the setting and what makes a key."""
    monkeypatch.setenv("BATON_SECRET_KEYS", key)
    with pytest.raises(SettingsError, match=r"BATON_SECRET_KEYS.*baton secret-key") as caught:
        StoreSettings()
    assert key not in str(caught.value)


def test_an_altered_secret_is_noticed(kept, store):
    """Nobody puts a secret of their own choice into the table."""
    key = new_secret_key()
    kept(key)
    with store.writing() as session:
        session.execute(text("UPDATE ops.secret SET value = set_byte(value, 60, get_byte(value, 60) # 1)"))
    with pytest.raises(SecretSealed):
        kept(key)


def test_the_token_file_is_sealed_and_follows_a_new_key(tmp_path):
    """A copy of the file does not open the org."""
    path, old, new = tmp_path / "token.json", new_secret_key(), new_secret_key()
    TokenFile(path, configured="given").keep("rotated")
    assert TokenFile(path, configured="given", seal=Seal([old])).newest() == "rotated"
    first = path.read_text()
    assert "rotated" not in first

    assert TokenFile(path, configured="given", seal=Seal([new, old])).newest() == "rotated"
    assert TokenFile(path, configured="given", seal=Seal([new])).newest() == "rotated"
    assert json.loads(path.read_text())["newest"] != json.loads(first)["newest"]
    with pytest.raises(SecretSealed):
        TokenFile(path, configured="given", seal=Seal([old])).newest()


def test_what_proves_a_sign_in_under_way_is_sealed(store_url):
    """Who reads the table can't redeem another person's code."""
    store = Store(store_url, seal=Seal([new_secret_key()]))
    with store.writing() as session:
        begin_sign_in(session, Begun(nonce="n", verifier="proof", return_to="/"), state="s", browser="b")
        assert "proof" not in str(session.execute(text("SELECT * FROM ops.sign_in_begun")).one())
        taken = take_begun(session, state="s", browser="b")
    store.close()

    assert taken == Begun(nonce="n", verifier="proof", return_to="/")
