"""aio-sf, an asynchronous client: many calls at the same time, lists of records, exports by Bulk API 2.0."""

import pytest
from client import Client


@pytest.fixture(scope="module")
def done(client: Client) -> dict:
    """What the program found."""
    return client.script("work.py")


def test_queries_and_describes_at_the_same_time_hold_what_the_org_holds(client: Client, done: dict):
    """Nothing is mixed up between calls that run together; both logins, with their expiry, reach the org."""
    read = done["reading"]
    accounts = client.org.truth("Account")

    assert read["deals"] == {
        key: [row["Name"], row["Amount"], accounts[row["AccountId"]]["Name"] if row["AccountId"] else None]
        for key, row in client.org.truth("Opportunity").items()
    }
    assert read["contacts"] >= 1000
    assert {"Account", "Contact", "Opportunity"} <= set(read["objects"])
    assert {"Amount", "StageName", "SystemModstamp"} <= set(read["fields"])
    assert read["limits"] > 0
    assert read["organisation"] == done["refreshed"] == client.org.facts["org_id"]


def test_lists_of_records_are_written_in_order(client: Client, done: dict):
    """450 records in lists of 200: inserted, updated, upserted and deleted, each with its own result."""
    written = done["writing"]

    assert written["success"] == [450, 450, 3, 450]
    assert written["created"] == [False] * 3
    assert written["mixed"] == [[True, []], [False, ["REQUIRED_FIELD_MISSING"]]]
    assert written["found"] is True
    assert set(written["ids"]) & set(client.org.truth("Contact")) == set()


def test_bulk_2_exports_a_whole_object(client: Client, done: dict):
    """Pages of 250 rows, followed by their locators to the end."""
    truth = client.org.truth("Opportunity")
    exported = done["exporting"]

    assert exported["total"] == len(truth)
    assert {key: (name, float(amount or 0), won) for key, (name, amount, won) in exported["deals"].items()} == {
        key: (row["Name"], row["Amount"] or 0, str(row["IsWon"]).lower()) for key, row in truth.items()
    }
