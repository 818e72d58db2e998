"""jsforce, which programs for Node use and the Salesforce CLI rests on: logins, reading, writing, both Bulk APIs."""

import pytest
from client import Client


def test_every_login_reaches_the_org(client: Client):
    """Whichever way a program logs in, it is in the same org; after a logout the session is over."""
    done = client.script("logins.mjs")
    org_id = client.org.facts["org_id"]

    assert done["orgs"] == dict.fromkeys(("client credentials", "jwt", "password", "soap", "session"), org_id)
    assert (done["organization"], done["soapUser"]) == (org_id, True)
    assert done["identity"] == {"username": client.org.facts["username"], "organization": org_id, "active": True}
    assert (done["refused"], done["afterLogout"]) == ("invalid_grant", "INVALID_SESSION_ID")


def test_a_lost_session_is_renewed_by_the_refresh_token(client: Client):
    """A program that runs for days does not notice that its session ended."""
    done = client.script("refresh.mjs")

    assert done == {"org": client.org.facts["org_id"], "refreshed": 1, "isNew": True}


@pytest.fixture(scope="module")
def read(client: Client) -> dict:
    """What reading.mjs found."""
    return client.script("reading.mjs")


def test_all_pages_of_a_query_hold_what_the_org_holds(client: Client, read: dict):
    """Pages fetched by themselves, records as a stream, its own way to say what to find, a count."""
    accounts = client.org.truth("Account")
    deals = client.org.truth("Opportunity")
    won = [deal for deal in deals.values() if deal["IsWon"]]
    large = sorted((deal["Amount"] for deal in won if (deal["Amount"] or 0) > 50_000), reverse=True)[:10]

    assert read["totalSize"] == len(deals)
    assert read["deals"] == {
        key: [row["Name"], row["Amount"], accounts[row["AccountId"]]["Name"] if row["AccountId"] else None]
        for key, row in deals.items()
    }
    assert read["streamed"] == sorted((row["Name"] for row in client.org.truth("Product2").values()), key=str.casefold)
    assert [deals[key]["Amount"] for key in read["won"]] == large
    assert read["counted"] == len(won)


def test_records_are_retrieved_alone_and_together(client: Client, read: dict):
    """One record by its id, and several in one call."""
    contact = client.org.truth("Contact")[read["contact"]["Id"]]

    assert read["contact"] == {name: contact[name] for name in ("Id", "LastName", "Email")}
    assert read["accounts"] is True


def test_the_org_describes_itself(client: Client, read: dict):
    """Objects, picklists, children, limits and versions."""
    stages = {row["StageName"] for row in client.org.truth("Opportunity").values()}

    assert {"Account", "Contact", "Opportunity", "OpportunityLineItem", "Task"} <= set(read["objects"])
    assert stages <= set(read["stages"])
    assert {"OpportunityLineItems", "OpportunityContactRoles"} <= set(read["children"])
    assert 0 < read["usage"]["used"] < read["usage"]["limit"] == read["limits"]["Max"]
    assert read["versions"] == sorted(read["versions"], key=float)
    assert {"59.0", "67.0"} <= set(read["versions"])


def test_a_search_finds_and_wrong_questions_are_refused(read: dict):
    """SOSL, and the codes by which a program tells what is wrong."""
    assert read["found"] == [[True, "Searchable"]]
    assert read["refused"] == ["INVALID_FIELD", "NOT_FOUND", "NOT_FOUND"]


def test_records_are_written_alone_and_together(client: Client):
    """Create, update, upsert, 250 at once, a composite request with references, deletions, replication lists."""
    done = client.script("writing.mjs")
    left = [row for row in client.org.truth("Contact").values() if row["AccountId"] == done["account"]]

    assert [done[name] for name in ("made", "updated", "upserted", "gone")] == [True] * 4
    assert done["changed"] == ["Written", 12, None]
    assert done["many"] == 250
    assert done["mixed"] == [[True, []], [False, ["REQUIRED_FIELD_MISSING"]]]
    assert (done["composite"], done["read"]) == ([201, 204, 200], [12.5, "2031-05-06"])
    assert done["refused"] == "REQUIRED_FIELD_MISSING"
    assert (done["updatedIds"], done["deletedIds"]) == (True, True)
    assert (done["before"], done["removed"], [row["LastName"] for row in left]) == (251, 250, ["Good"])


def test_bulk_2_carries_records_into_the_org_and_out(client: Client):
    """What was loaded is found, what was wrong is told, what was deleted is gone."""
    done = client.script("bulk.mjs", "2.0")
    truth = client.org.truth("Opportunity")

    assert done["counts"] == [[5, 1], [5, 0], [5, 0]]
    assert done["failure"].startswith("REQUIRED_FIELD_MISSING")
    assert done["titles"] == {f"Bulk 2.0 {number}": "Changed" for number in range(5)}
    assert done["left"] == []
    assert {row["Id"]: (float(row["Amount"] or 0), row["CloseDate"]) for row in done["deals"]} == {
        key: (row["Amount"] or 0, row["CloseDate"]) for key, row in truth.items()
    }


def test_bulk_1_carries_records_into_the_org_and_out(client: Client):
    """The older Bulk API, in batches of CSV."""
    done = client.script("bulk.mjs", "1.0")
    truth = client.org.truth("Opportunity")

    assert done["success"] == [True] * 15
    assert done["titles"] == {f"Bulk 1.0 {number}": "Changed" for number in range(5)}
    assert done["left"] == []
    assert {row["Id"]: (float(row["Amount"] or 0), row["CloseDate"]) for row in done["deals"]} == {
        key: (row["Amount"] or 0, row["CloseDate"]) for key, row in truth.items()
    }
