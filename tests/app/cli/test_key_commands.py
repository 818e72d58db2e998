"""`baton keys`: what an administrator types, and what a script reads of it."""

import json

import pytest

from app.cli.failures import CommandError
from app.cli.keys import exchange_key, make_key, show_keys, take_key
from models.access import find_key


@pytest.fixture(autouse=True)
def _this_store(store_url, monkeypatch):
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)


@pytest.fixture
def made(capsys):
    """Makes a key and returns it."""

    def make(name="dashboard", **values):
        make_key(**{"name": name, "scopes": ["briefs:read"], "expires": None, "book": None, "as_json": False, **values})
        return capsys.readouterr().out.strip()

    return make


def test_the_list_tells_keys_by_their_beginning_and_never_whole(made, capsys):
    """Who looks over a shoulder learns no key."""
    plain = made(book="cleo@acme.example", expires="90d")
    show_keys(as_json=False)
    line = capsys.readouterr().out
    show_keys(as_json=True)
    told = json.loads(capsys.readouterr().out)["keys"]

    assert plain[:12] in line
    assert plain not in line
    for words in ("dashboard", "briefs:read", "never used", "expires on", "only the book of cleo@acme.example"):
        assert words in line
    assert [(each["prefix"], each["is_valid"]) for each in told] == [(plain[:12], True)]


def test_an_exchange_prints_the_new_key_alone(made, store, capsys):
    """A script keeps it as it kept the first one."""
    plain = made()
    exchange_key(plain[:12], overlap="1h", as_json=False)
    output = capsys.readouterr()

    assert output.out.strip() != plain
    assert "still opens for 1h" in output.err
    with store.reading() as session:
        assert find_key(session, plain) is not None
        assert find_key(session, output.out.strip()) is not None


def test_a_key_that_is_taken_away_opens_nothing(made, store, capsys):
    """The command names the key by what the list shows."""
    plain = made()
    take_key(f"{plain[:12]}…")

    assert "opens nothing any more" in capsys.readouterr().out
    with store.reading() as session:
        assert find_key(session, plain) is None


def test_a_key_is_never_guessed(made):
    """Of two keys with one name neither is taken away by it."""
    made(), made()

    with pytest.raises(CommandError, match="several are called so"):
        take_key("dashboard")
    with pytest.raises(CommandError, match="baton keys list"):
        take_key("baton_nobody")
    with pytest.raises(CommandError, match="--overlap"):
        exchange_key("dashboard", overlap="soon", as_json=False)


def test_without_keys_the_list_says_how_to_make_one(capsys):
    """An empty list is no riddle."""
    show_keys(as_json=False)

    assert "baton keys create" in capsys.readouterr().err
