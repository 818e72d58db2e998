"""`baton scope`, as a user types it, against an org on a real socket."""

import json

import pytest
from command_home import commands_for

from demo_org.store import Org


@pytest.fixture(scope="module")
def org():
    """An org with a deal of last year, one of this year, and one that is expected."""
    made = Org.open()
    account = made.insert("Account", {"Name": "Acme"})
    for name, stage, day, amount in (
        ("Old", "Closed Won", "2020-05-05", 5_000),
        ("New", "Closed Won", "2026-05-05", 70_000),
        ("Expected", "Negotiation/Review", str((made.clock.now()).date()), 900),
    ):
        values = {"Name": name, "StageName": stage, "CloseDate": day, "Amount": amount, "AccountId": account}
        made.insert("Opportunity", values)
    yield made
    made.close()


@pytest.fixture(scope="module")
def baton(org):
    """Runs a command with a home of its own, and the org's credentials."""
    with commands_for(org) as run:
        yield run


def test_a_scope_is_shown_previewed_set_and_followed(baton):
    """Nothing changes before somebody has seen the numbers and agreed; the next pass makes it so."""
    assert "No org is connected yet" in baton("scope", "show").stdout
    baton("sync", "run")
    shown = baton("scope", "show").stdout
    assert "the default" in shown
    assert "That is 2 deals and 0 drafts now." in shown

    said = baton("scope", "preview", "--closed-from", "2026-01-01").stdout
    assert "1 leave: USD 5,000.00" in said
    assert "Old  (Closed Won, 2020-05-05)  USD 5,000.00" in said
    told = json.loads(baton("scope", "preview", "--closing-days", "5", "--closing-probability", "90", "--json").stdout)
    assert (told["deals"], told["drafts"], told["enter"]["count"]) == (2, 1, 1)
    assert told["enter"]["deals"][0]["name"] == "Expected"
    assert told["enter"]["amount_by_currency"] == {"USD": 900.0}
    assert "the default" in baton("scope", "show").stdout

    refused = baton("scope", "set", "--closed-from", "2026-01-01", expecting=1).stderr
    assert "--yes" in refused
    made = baton("scope", "set", "--closed-from", "2026-01-01", "--yes", "--by", "ann").stdout
    assert "1 leave" in made
    assert "Version 1 is in force from the next pass on" in made
    assert "the next pass applies it" in baton("scope", "show").stdout
    baton("sync", "run")
    (scope,) = json.loads(baton("scope", "show", "--json").stdout)["scopes"]
    assert (scope["version"], scope["set_by"], scope["waits_for_a_pass"], scope["deals"]) == (1, "ann", False, 1)
    assert scope["conditions"] == {"closed_from": "2026-01-01"}
    assert "This is the scope already" in baton("scope", "set", "--closed-from", "2026-01-01", "--yes").stdout


def test_a_scope_can_be_written_down(baton, tmp_path):
    """A file says more than fits on a line, and can be kept beside the settings."""
    file = tmp_path / "scope.toml"
    file.write_text('stages = ["Closed Won"]\nclosed_from = 2026-01-01\n[closing_soon]\ndays = 5\nprobability = 90\n')
    told = json.loads(baton("scope", "preview", "--file", str(file), "--json").stdout)

    assert told["scope"]["closing_soon"] == {"days": 5, "probability": 90}
    assert (told["deals"], told["drafts"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((), "--default"),
        (("--default", "--stage", "Closed Won"), "whole scope"),
        (("--stage", "Clothed Won"), "'Closed Won'"),
        (("--record-type", "Renewals"), "no record type"),
        (("--closing-days", "5"), "probability"),
        (("--closed-from", "01/02/2026"), "2024-01-31"),
        (("--add", "Gone__c.Deal__c"), "Gone__c"),
        (("--leave-out", "Quote"), "Quote"),
        (("--file", "absent.toml"), "absent.toml"),
    ],
)
def test_a_scope_that_can_not_be_meant_is_one_line_that_says_why(baton, arguments, word):
    """Wrong usage ends with 2, and names what there is instead."""
    failed = baton("scope", "preview", *arguments, expecting=1 if "--file" in arguments else 2)

    assert word in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
