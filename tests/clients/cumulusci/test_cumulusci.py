"""CumulusCI, with which Salesforce's partners build and fill orgs: a dataset goes out of one org and into another."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import Client
from org_process import DemoOrg


@pytest.fixture(scope="module")
def project(client: Client, home: Path) -> Path:
    """A project as its user has it: a git repository with a file of settings and a mapping."""
    folder = home / "project"
    folder.mkdir()
    for name in ("cumulusci.yml", "mapping.yml"):
        shutil.copy(client.environment.source / name, folder)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def target() -> Iterator[DemoOrg]:
    """An org without records."""
    started = DemoOrg("--empty")
    yield started
    started.close()


def org_variables(name: str, org: DemoOrg) -> dict[str, str]:
    """How CumulusCI is told of an org by a name, and by which key it logs in."""
    facts = org.facts
    connected = {
        "instance_url": facts["https_url"],
        "id": f"{facts['https_url']}/id/{facts['org_id']}/user",
        "username": facts["username"],
    }
    return {
        "CUMULUSCI_KEYCHAIN_CLASS": "cumulusci.core.keychain.EnvironmentProjectKeychain",
        "CUMULUSCI_KEY": "0123456789abcdef",
        f"CUMULUSCI_ORG_{name}": json.dumps(connected),
        "SFDX_CLIENT_ID": facts["client_id"],
        "SFDX_HUB_KEY": Path(facts["private_key_file"]).read_text(encoding="utf-8"),
        **dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), facts["ca_file"]),
    }


def cci(client: Client, project: Path, org: DemoOrg, *command: str) -> str:
    """Run a command against an org, whose name is its last word, and return what it prints."""
    return client.run("cci", *command, within=600, cwd=project, **org_variables(command[-1], org)).stdout


def named(records: dict[str, dict[str, Any]], *fields: str) -> Counter[tuple[Any, ...]]:
    """Records by the values of some fields, for two orgs give different ids."""
    return Counter(tuple(record[field] for field in fields) for record in records.values())


def with_account(org: DemoOrg, object_name: str, *fields: str) -> Counter[tuple[Any, ...]]:
    """Records by some values and the name of their account."""
    accounts = org.truth("Account")
    named_records = {
        key: record | {"Account": accounts[record["AccountId"]]["Name"] if record["AccountId"] else None}
        for key, record in org.truth(object_name).items()
    }
    return named(named_records, *fields, "Account")


def test_an_org_of_the_environment_is_known(client: Client, project: Path):
    """The login by certificate, the user and the org, as `cci org info` tells them."""
    said = cci(client, project, client.org, "org", "info", "--json", "demo")
    told = json.loads(said[said.index("{") :])

    assert told["userinfo"]["preferred_username"] == client.org.facts["username"]
    assert (told["is_sandbox"], told["org_type"]) == (False, "Developer Edition")


def test_a_dataset_is_extracted_and_loaded_into_another_org(client: Client, project: Path, target: DemoOrg):
    """Accounts, contacts and opportunities with their relations arrive in the empty org as they were."""
    dataset = ("--mapping", "mapping.yml", "--sql_path", "data.sql", "--org")
    cci(client, project, client.org, "task", "run", "extract_dataset", *dataset, "demo")
    cci(client, project, target, "task", "run", "load_dataset", *dataset, "target")
    fields = ("Name", "Industry", "NumberOfEmployees", "Description")
    people = ("FirstName", "LastName", "Email")
    deals = ("Name", "StageName", "CloseDate", "Amount")

    assert named(target.truth("Account"), *fields) == named(client.org.truth("Account"), *fields)
    assert with_account(target, "Contact", *people) == with_account(client.org, "Contact", *people)
    assert with_account(target, "Opportunity", *deals) == with_account(client.org, "Opportunity", *deals)
