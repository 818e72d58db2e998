"""`baton mapping`, as a user types it, against the store of an org with fields of its own."""

import json
import tomllib

import pytest
from command_home import commands_for

from demo_org.store import Org


@pytest.fixture(scope="module")
def org():
    """An org whose field for success criteria is called so that no alias finds it."""
    made = Org.open()
    made.catalog.add_field("Opportunity", "Goals__c", "textarea", label="Agreed success criteria", length=32_768)
    account = made.insert("Account", {"Name": "Acme"})
    values = {"Name": "Rotas", "StageName": "Closed Won", "CloseDate": "2026-05-05", "AccountId": account}
    made.deal = made.insert("Opportunity", {**values, "Goals__c": "Rotas 14 days ahead"})
    yield made
    made.close()


@pytest.fixture(scope="module")
def baton(org):
    """Runs a command with a home of its own, over a store that a snapshot has filled."""
    with commands_for(org) as run:
        run("sync", "run")
        yield run


def test_a_mapping_is_suggested_tried_applied_and_followed(baton, org, tmp_path):
    """From the question which field it is to a brief that shows it, without leaving the command line."""
    file = tmp_path / "mapping.toml"
    suggested = json.loads(baton("mapping", "suggest", "--json").stdout)
    line = next(each for each in suggested["lines"] if each["key"] == "success_criteria")
    assert (line["fields"], line["suggestions"][0]["field"]) == ([], "Opportunity.Goals__c")
    assert "maybe Opportunity.Goals__c (Agreed success criteria)" in baton("mapping", "suggest").stdout

    file.write_text('[fields]\nsuccess_criteria = ["Opportunity.Goal__c"]\n')
    refused = baton("mapping", "apply", "--file", str(file), "--yes", expecting=2)
    assert "did you mean Opportunity.Goals__c?" in refused.stderr
    assert "did you mean Opportunity.Goals__c?" in baton("mapping", "check", "--file", str(file), expecting=1).stdout

    file.write_text('[fields]\nsuccess_criteria = ["Opportunity.Goals__c"]\n')
    baton("mapping", "apply", "--file", str(file), expecting=1)  # nobody to ask
    tried = baton("mapping", "apply", "--file", str(file), "--dry-run", "--deal", org.deal).stdout
    assert "Success criteria: nothing becomes Rotas 14 days ahead" in tried
    assert "Nothing was changed." in tried
    assert "Rotas 14 days ahead" not in baton("brief", org.deal, "--md").stdout

    assert "Version 1 is in force" in baton("mapping", "apply", "--file", str(file), "--yes").stdout
    assert "the mapping already" in baton("mapping", "apply", "--file", str(file), "--yes").stdout
    baton("sync", "run")
    assert "Rotas 14 days ahead" in baton("brief", org.deal, "--md").stdout
    assert "The mapping fits the org." in baton("mapping", "check").stdout
    assert tomllib.loads(baton("mapping", "export").stdout) == {
        "fields": {"success_criteria": ["Opportunity.Goals__c"]}
    }

    out = tmp_path / "brief.pdf"
    baton("brief", org.deal, "--pdf", "--out", str(out))
    assert out.read_bytes().startswith(b"%PDF")
    assert "<!doctype html>" in baton("brief", org.deal, "--html").stdout
    baton("brief", org.deal, "--version", "9", expecting=1)


def test_a_file_that_is_no_mapping_is_wrong_usage(baton, tmp_path):
    """The line says which file, and what is wrong with it."""
    file = tmp_path / "mapping.json"
    file.write_text("[]")

    assert "holds no table" in baton("mapping", "check", "--file", str(file), expecting=2).stderr
    file.write_text("{")
    assert "can't be read" in baton("mapping", "check", "--file", str(file), expecting=2).stderr
