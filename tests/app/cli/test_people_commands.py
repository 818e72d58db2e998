"""`baton people`: an administrator sees who is in, and puts somebody out."""

import json
from datetime import timedelta

import pytest

from app.cli.failures import CommandError
from app.cli.people import show_people, sign_out
from models.sign_in import Person, find_sign_in, start_sign_in


@pytest.fixture
def cookie(store, store_url, monkeypatch):
    """What the browser of a person shows, who is signed in to the store of the commands."""
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)
    cleo = Person(person_id="https://login.example cleo-1", name="Cleo", email="Cleo@baton.example", roles=["csm"])
    with store.writing() as session:
        return start_sign_in(session, cleo, lasts=timedelta(hours=1))


def test_somebody_is_signed_out_of_all_browsers_by_their_address(store, cookie, capsys):
    """A lost laptop opens nothing, a minute after it was told."""
    show_people(json=False)
    show_people(json=True)
    line, told = capsys.readouterr().out.split("\n", 1)

    assert line.startswith("Cleo  Cleo@baton.example  csm  until ")
    assert [each["person_id"] for each in json.loads(told)["people"]] == ["https://login.example cleo-1"]
    assert cookie not in line + told
    sign_out("cleo@baton.example")
    assert "1 browser." in capsys.readouterr().out
    with store.reading() as session:
        assert find_sign_in(session, cookie)[1].person_id is None
    with pytest.raises(CommandError, match="nobody called"):
        sign_out("cleo@baton.example")
