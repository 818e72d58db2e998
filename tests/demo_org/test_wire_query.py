import pytest
from wire_client import BASE, client_of, error_of


@pytest.fixture(scope="module")
def client():
    with client_of(page_rows=3) as client:
        for number in range(8):
            client.make("Account", Name=f"Paged {number}", NumberOfEmployees=number)
        yield client


@pytest.fixture
def paged(client):
    return client.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Paged %' ORDER BY Name")


def test_a_query_answers_in_salesforces_key_order(client):
    """totalSize, done, records; attributes first in each record; names in canonical case."""
    body = client.query("select name, id from account where Name = 'Paged 1'")

    assert list(body) == ["totalSize", "done", "records"]
    assert list(body["records"][0]) == ["attributes", "Name", "Id"]


def test_pages_follow_until_done(client, paged):
    """The locator ends in the next row; the last page has none; a page can be fetched again."""
    names, page = [], paged
    while True:
        names += [record["Name"] for record in page["records"]]
        if page["done"]:
            break
        again = client.get(page["nextRecordsUrl"]).json()
        page = client.get(page["nextRecordsUrl"]).json()
        assert again == page

    assert [f"Paged {number}" for number in range(8)] == names
    assert "nextRecordsUrl" not in page
    assert paged["nextRecordsUrl"].startswith(f"{BASE}/query/01g")
    assert paged["nextRecordsUrl"].endswith("-3")
    assert page["totalSize"] == 8


def test_a_page_shows_values_of_now_and_leaves_out_what_was_deleted():
    """The list of ids is fixed when the query runs; values are read with their page."""
    with client_of(page_rows=2) as client:
        ids = [client.make("Account", Name=f"N{number}") for number in range(6)]
        first = client.query("SELECT Id, Name FROM Account ORDER BY Name")
        client.patch(f"sobjects/Account/{ids[2]}", json={"Name": "Changed"})
        client.delete(f"sobjects/Account/{ids[3]}")
        second = client.get(first["nextRecordsUrl"]).json()

    assert ([record["Name"] for record in second["records"]], second["totalSize"]) == (["Changed"], 6)


def test_a_locator_belongs_to_the_session_that_made_it(client, paged):
    """A new login cannot go on with an old query, though it is good for everything else."""
    client.log_in()

    assert error_of(client.get(paged["nextRecordsUrl"]))[:2] == (401, "INVALID_SESSION_ID")
    assert client.get("limits").status_code == 200


def test_unknown_and_evicted_locators_are_refused(client, paged):
    """An eleventh open query pushes out the oldest."""
    for _ in range(10):
        client.query("SELECT Id FROM Account")

    refused = (400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    assert refused == error_of(client.get(paged["nextRecordsUrl"]))
    assert refused == error_of(client.get(f"{BASE}/query/01gD0000002HU6KIAW-2000"))
    assert refused == error_of(client.get(f"{BASE}/query/nonsense"))


def test_a_count_has_a_total_and_no_records(client):
    """SELECT COUNT() never pages."""
    body = client.query("SELECT COUNT() FROM Account")

    assert (body["done"], body["records"]) == (True, [])
    assert body["totalSize"] >= 8


def test_query_all_sees_the_recycle_bin(client):
    """Query does not."""
    client.delete(f"sobjects/Account/{client.make('Account', Name='Binned')}")
    soql = {"q": "SELECT IsDeleted FROM Account WHERE Name = 'Binned'"}

    assert client.get("query/", params=soql).json()["totalSize"] == 0
    assert True is client.get("queryAll/", params=soql).json()["records"][0]["IsDeleted"]


def test_soql_errors_carry_the_place_of_the_mistake(client):
    """The excerpt, the caret line and the position come before the text."""
    answer = client.get("query", params={"q": "Select Naem from Account"})
    status, code, message = error_of(answer)

    assert (status, code) == (400, "INVALID_FIELD")
    assert "ERROR at Row:1:Column:8\nNo such column 'Naem' on entity 'Account'." in message
    assert error_of(client.get("query", params={"q": "select Id fro Account"}))[:2] == (400, "MALFORMED_QUERY")
    assert error_of(client.get("query", params={"q": "SELECT Id FROM XYZZY"}))[:2] == (400, "INVALID_TYPE")
    assert error_of(client.get("query"))[:2] == (400, "MALFORMED_QUERY")


def test_the_batch_size_is_a_hint_between_200_and_2000():
    """A smaller wish is raised to 200."""
    with client_of() as client:
        client.org.load("Account", ["Name"], [(f"B{number}",) for number in range(450)])
        sizes = {}
        for wish in (1, 300, 5000):
            page = client.query("SELECT Id FROM Account", **{"Sforce-Query-Options": f"batchSize={wish}"})
            sizes[wish] = len(page["records"])

    assert sizes == {1: 200, 300: 300, 5000: 450}
