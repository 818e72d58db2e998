"""`baton erase contact`: said twice or typed whole, and told what else is to be done."""

import pytest
import stored_deals as stored
from sqlalchemy import text

from app.cli.erasing import erase_person
from app.cli.failures import MISUSED, CommandError

ANA = "003000000000001AAA"


@pytest.fixture(autouse=True)
def _ana(store, store_url, monkeypatch):
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)
    stored.fill(store)
    with store.writing() as session:
        stored.put(session, "contact", [{"id": ANA, "name": "Ana Ruiz", "accountid": stored.ACME}])


def _name(store):
    with store.reading() as session:
        return session.execute(text("SELECT name FROM salesforce.contact")).scalar_one()


def test_a_contact_is_erased_when_it_is_meant(store, capsys):
    """Without a terminal, nothing is erased unless the command says so."""
    with pytest.raises(CommandError, match="--yes") as refused:
        erase_person(ANA, org=None, is_meant=False, as_json=False)
    assert refused.value.exit_code == MISUSED
    assert _name(store) == "Ana Ruiz"
    erase_person(ANA[:15], org=None, is_meant=True, as_json=False)

    assert _name(store) is None
    said = capsys.readouterr().out
    assert ANA in said
    assert "Salesforce" in said
    assert "Ana" not in said.replace(ANA, "")


@pytest.mark.parametrize("asked", ["Ana Ruiz", "003000000000009AAA"])
def test_whom_the_store_does_not_know_is_told(asked):
    """A typing error erases nobody else."""
    with pytest.raises(CommandError) as refused:
        erase_person(asked, org=None, is_meant=True, as_json=True)
    assert refused.value.exit_code == MISUSED
