"""simple-salesforce, which most Python programs use: logins, reading, writing, both Bulk APIs."""

from collections import Counter

import pytest
from client import Client


def test_every_login_reaches_the_org(client: Client):
    """Whichever way a program logs in, it is in the same org; a wrong secret is refused by Salesforce's code."""
    done = client.script("logins.py")

    assert done["orgs"] == dict.fromkeys(
        ("soap", "jwt", "client credentials", "password", "session"), client.org.facts["org_id"]
    )
    assert done["refusals"] == {
        "soap": "INVALID_LOGIN",
        "client credentials": "invalid_client",
        "jwt": "invalid_client_id",
    }
    assert done["is_sandbox"] is False


@pytest.fixture(scope="module")
def read(client: Client) -> dict:
    """What reading.py found."""
    return client.script("reading.py")


def test_all_pages_of_a_query_hold_what_the_org_holds(client: Client, read: dict):
    """Nobody loses a deal between two pages, and parents come along."""
    accounts = client.org.truth("Account")
    truth = client.org.truth("Opportunity")

    assert read["deals"] == {
        key: [row["Name"], row["Amount"], accounts[row["AccountId"]]["Name"] if row["AccountId"] else None]
        for key, row in truth.items()
    }
    assert read["by_stage"] == Counter(row["StageName"] for row in truth.values())


def test_records_are_read_alone_and_with_their_children(client: Client, read: dict):
    """A record by its id, and a sub-query."""
    contact = client.org.truth("Contact")[read["contact"]["Id"]]
    accounts = client.org.truth("Account")
    deals = client.org.truth("Opportunity").values()
    won = {accounts[deal["AccountId"]]["Name"] for deal in deals if deal["IsWon"]}
    names = sorted(won, key=str.casefold)[:5]

    assert read["contact"] == {name: contact[name] for name in ("Id", "LastName", "Email")}
    assert read["parents"] == {
        name: sorted((deal["Name"] for deal in deals if accounts[deal["AccountId"]]["Name"] == name), key=str.casefold)
        for name in names
    }


def test_refusals_come_as_the_client_s_own_errors(read: dict):
    """A program can tell a wrong field from a wrong object and from a record that is gone."""
    assert read["errors"] == ["INVALID_FIELD", "INVALID_TYPE", "MALFORMED_QUERY"]
    assert read["missing"] in {"NOT_FOUND", "ENTITY_IS_DELETED"}


def test_the_org_describes_itself(client: Client, read: dict):
    """Objects, fields, picklists and limits."""
    stages = {row["StageName"] for row in client.org.truth("Opportunity").values()}

    assert {"Account", "Contact", "Opportunity", "OpportunityLineItem", "Task"} <= set(read["objects"])
    assert stages <= set(read["stage_names"])
    assert read["metadata"] == "006"
    assert 0 < read["limits"]["Remaining"] < read["limits"]["Max"] == read["usage"]


def test_changes_deletions_and_words_are_found(read: dict):
    """The replication lists and a search name the one lead that is left, and the one that is gone."""
    assert (read["updated"], read["deleted"], read["found"]) == (True, True, True)


def test_records_are_written_one_by_one_and_together(client: Client):
    """Create, update, upsert, composite with references, a collection, a tree, a refusal, a deletion."""
    done = client.script("writing.py")

    assert done["statuses"] == [204, 200]
    assert done["changed"] == ["Written", 12, None, "North"]
    assert (done["composite"], done["read"]) == ([201, 200], {"Name": "Composite", "AccountId": done["account"]})
    assert done["collection"] == [[True, []], [False, ["REQUIRED_FIELD_MISSING"]]]
    assert done["tree"] == [False, ["child", "parent"]]
    assert done["refused"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert done["refused"][0]["fields"] == ["LastName"]
    assert done["deleted"] == 204
    assert done["account"] not in client.org.truth("Account")


def test_bulk_2_carries_records_into_the_org_and_out(client: Client):
    """CSV both ways: what was uploaded is found, what was wrong is told, what was deleted is gone."""
    done = client.script("bulk.py", "2.0")
    truth = client.org.truth("Opportunity")

    assert done["jobs"] == [[5, 0]] * 3
    assert done["failures"][0].startswith("REQUIRED_FIELD_MISSING")
    assert done["titles"] == {f"Bulk 2.0 {number}": "Changed" for number in range(5)}
    assert (done["left"], done["successes"]) == ([], 5)
    assert {row["Id"]: (float(row["Amount"] or 0), row["CloseDate"]) for row in done["deals"]} == {
        key: (row["Amount"] or 0, row["CloseDate"]) for key, row in truth.items()
    }


def test_bulk_1_carries_records_into_the_org_and_out(client: Client):
    """The older Bulk API, in batches of JSON."""
    done = client.script("bulk.py", "1.0")
    truth = client.org.truth("Opportunity")

    assert done["success"] == [True] * 15
    assert done["titles"] == {f"Bulk 1.0 {number}": "Changed" for number in range(5)}
    assert done["left"] == []
    assert {row["Id"]: row["Amount"] for row in done["deals"]} == {key: row["Amount"] for key, row in truth.items()}
