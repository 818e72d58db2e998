"""The Salesforce CLI, Salesforce's own client for a terminal: login, queries, describes, records, files in bulk."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from client import Client

DEALS = "SELECT Id, Name, Amount, Account.Name FROM Opportunity"
QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
}


@pytest.fixture(scope="module")
def logged_in(client: Client) -> dict[str, Any]:
    """What `sf org login jwt` says; every other command needs it."""
    facts = client.org.facts
    said = client.run(
        *("sf", "org", "login", "jwt", "--json", "--alias", "demo", "--set-default"),
        *("--client-id", facts["client_id"], "--jwt-key-file", facts["private_key_file"]),
        *("--username", facts["username"], "--instance-url", facts["url"]),
        **QUIET,
    )
    return json.loads(said.stdout)["result"]


@pytest.fixture
def sf(client: Client, logged_in: dict[str, Any]):
    """Runs a command of the CLI and returns the result it prints."""

    def run(*command: str, refused: bool = False) -> Any:
        said = json.loads(client.run("sf", *command, "--json", refused=refused, **QUIET).stdout)
        return said if refused else said["result"]

    return run


def test_a_login_by_certificate_is_kept(client: Client, logged_in: dict[str, Any], sf):
    """Whoever has logged in once finds the org among theirs, connected, and with its name."""
    facts = client.org.facts
    (listed,) = sf("org", "list")["other"]

    assert (logged_in["orgId"], logged_in["username"]) == (facts["org_id"], facts["username"])
    assert (listed["orgId"], listed["connectedStatus"], listed["isSandbox"]) == (facts["org_id"], "Connected", False)
    assert sf("org", "display")["instanceUrl"] == facts["url"]


def test_a_login_by_access_token_is_kept(client: Client):
    """Where no certificate is at hand, a token of a session will do."""
    token = client.org.token()
    said = client.run(
        *("sf", "org", "login", "access-token", "--no-prompt", "--alias", "token", "--json"),
        *("--instance-url", client.org.facts["url"]),
        SF_ACCESS_TOKEN=token,
        **QUIET,
    )

    assert json.loads(said.stdout)["result"]["orgId"] == client.org.facts["org_id"]


def test_a_query_prints_what_the_org_holds(client: Client, sf):
    """As JSON, and as the table that a person reads."""
    accounts = client.org.truth("Account")
    deals = client.org.truth("Opportunity")
    found = sf("data", "query", "--query", DEALS)
    table = client.run("sf", "data", "query", "--query", f"{DEALS} ORDER BY Name LIMIT 3", **QUIET).stdout
    as_csv = client.run("sf", "data", "query", "--query", DEALS, "--result-format", "csv", **QUIET).stdout
    counted = sf("data", "query", "--query", "SELECT COUNT(Id), MAX(Amount) largest FROM Opportunity")

    assert (found["totalSize"], found["done"]) == (len(deals), True)
    assert {row["Id"]: (row["Name"], row["Amount"], row["Account"]["Name"]) for row in found["records"]} == {
        key: (deal["Name"], deal["Amount"], accounts[deal["AccountId"]]["Name"]) for key, deal in deals.items()
    }
    assert all(deal["Name"] in table for deal in sorted(deals.values(), key=lambda deal: deal["Name"].casefold())[:3])
    assert {row["Id"]: row["Account.Name"] for row in csv.DictReader(as_csv.splitlines())} == {
        key: accounts[deal["AccountId"]]["Name"] for key, deal in deals.items()
    }
    assert counted["records"][0]["expr0"] == len(deals)
    assert counted["records"][0]["largest"] == max(deal["Amount"] or 0 for deal in deals.values())


def test_a_wrong_query_is_refused_with_the_place_of_the_mistake(sf):
    """The CLI shows Salesforce's own words."""
    said = sf("data", "query", "--query", "SELECT Naem FROM Account", refused=True)

    assert said["name"] == "INVALID_FIELD"
    assert "No such column 'Naem' on entity 'Account'" in said["message"]


def test_objects_are_listed_and_described(client: Client, sf):
    """What a developer looks up before writing a query."""
    described = sf("sobject", "describe", "--sobject", "Opportunity")
    fields = {field["name"]: field for field in described["fields"]}

    assert {"Account", "Contact", "Opportunity"} <= set(sf("sobject", "list"))
    assert (described["keyPrefix"], fields["Amount"]["type"], fields["Amount"]["scale"]) == ("006", "currency", 2)
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert {limit["name"]: limit["max"] for limit in sf("org", "list", "limits")}["DailyApiRequests"] > 0


def test_a_record_is_created_read_changed_and_deleted(client: Client, sf):
    """The four verbs, and a search for what was made."""
    made = sf("data", "create", "record", "--sobject", "Account", "--values", "Name='By CLI' Industry=Biotechnology")
    found = sf("data", "search", "--query", "FIND {By CLI} IN ALL FIELDS RETURNING Account(Name)")
    sf("data", "update", "record", "--sobject", "Account", "--record-id", made["id"], "--values", "Site=North")
    read = sf("data", "get", "record", "--sobject", "Account", "--where", "Name='By CLI'")
    stored = client.org.truth("Account")[made["id"]]
    sf("data", "delete", "record", "--sobject", "Account", "--record-id", made["id"])

    assert [record["Name"] for record in found["searchRecords"]] == ["By CLI"]
    assert (read["Id"], read["Site"], read["Industry"]) == (made["id"], "North", "Biotechnology")
    assert (stored["Name"], stored["Site"]) == ("By CLI", "North")
    assert made["id"] not in client.org.truth("Account")


def test_files_are_exported_imported_updated_and_deleted_in_bulk(client: Client, home: Path, sf):
    """CSV files through Bulk API 2.0, as an administrator moves data."""
    sf(
        "data",
        "export",
        "bulk",
        "--query",
        DEALS,
        "--output-file",
        "deals.csv",
        "--result-format",
        "csv",
        "--wait",
        "5",
    )
    people = home / "people.csv"
    people.write_text("LastName,Title\n" + "".join(f"Cli {number},Old\n" for number in range(5)), encoding="utf-8")
    imported = sf("data", "import", "bulk", "--file", str(people), "--sobject", "Contact", "--wait", "5")
    mine = {key: row for key, row in client.org.truth("Contact").items() if row["LastName"].startswith("Cli ")}
    people.write_text("Id,Title\n" + "".join(f"{key},New\n" for key in mine), encoding="utf-8")
    updated = sf("data", "update", "bulk", "--file", str(people), "--sobject", "Contact", "--wait", "5")
    titles = [client.org.truth("Contact")[key]["Title"] for key in mine]
    people.write_text("Id\n" + "".join(f"{key}\n" for key in mine), encoding="utf-8")
    deleted = sf("data", "delete", "bulk", "--file", str(people), "--sobject", "Contact", "--wait", "5")
    with (home / "deals.csv").open(encoding="utf-8", newline="") as file:
        exported = {row["Id"]: (row["Name"], float(row["Amount"] or 0)) for row in csv.DictReader(file)}

    assert exported == {key: (row["Name"], row["Amount"] or 0) for key, row in client.org.truth("Opportunity").items()}
    assert (imported["processedRecords"], imported["failedRecords"], len(mine)) == (5, 0, 5)
    assert (updated["processedRecords"], titles) == (5, ["New"] * 5)
    assert deleted["jobInfo"]["numberRecordsProcessed"] == 5
    assert mine.keys() & client.org.truth("Contact").keys() == set()


def test_a_tree_is_exported_and_imported(client: Client, home: Path, sf):
    """A parent with its children, as a file that another org takes."""
    deals = client.org.truth("Opportunity").values()
    parent = next(deal["AccountId"] for deal in deals if deal["IsWon"])
    sf(
        *("data", "export", "tree", "--output-dir", str(home), "--prefix", "tree", "--query"),
        f"SELECT Name, Industry, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '{parent}'",
    )
    (file,) = home.glob("tree-*.json")
    imported = sf("data", "import", "tree", "--files", str(file))
    contacts = client.org.truth("Contact").values()
    (copied,) = [each["id"] for each in imported if each["type"] == "Account"]

    assert client.org.truth("Account")[copied]["Name"] == client.org.truth("Account")[parent]["Name"]
    assert sorted(row["LastName"] for row in contacts if row["AccountId"] == copied) == sorted(
        row["LastName"] for row in contacts if row["AccountId"] == parent
    )
