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


@pytest.fixture(scope="module")
def family():
    """Two accounts, one with 7 contacts and one with 2, in an org that shows 3 children with their parent."""
    with client_of(page_children=3, page_parents=1) as client:
        big, small = client.make("Account", Name="A big"), client.make("Account", Name="B small")
        rows = [(f"P{number}", big if number < 7 else small) for number in range(9)]
        client.org.load("Contact", ["LastName", "AccountId"], rows)
        yield client


FAMILY = "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account ORDER BY Name"


def test_many_children_have_pages_of_their_own(family):
    """A set of children that is not done has a locator; a parent's page is smaller when children come with it."""
    page = family.query(FAMILY)
    (account,) = page["records"]
    names, children = [], account["Contacts"]
    while True:
        names += [each["LastName"] for each in children["records"]]
        if children["done"]:
            break
        children = family.get(children["nextRecordsUrl"]).json()
    following = family.get(page["nextRecordsUrl"]).json()

    assert list(account["Contacts"]) == ["totalSize", "done", "nextRecordsUrl", "records"]
    assert (account["Contacts"]["totalSize"], names) == (7, [f"P{number}" for number in range(7)])
    assert (page["totalSize"], following["done"]) == (2, True)
    assert following["records"][0]["Contacts"]["done"]


def test_children_die_with_the_result_of_their_parents(family):
    """Their locators are not counted, and are gone when ten newer results push their owner out."""
    first = family.query(FAMILY)
    for _ in range(9):
        family.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account ORDER BY Name")
    assert family.get(first["nextRecordsUrl"]).status_code == 200
    children = first["records"][0]["Contacts"]["nextRecordsUrl"]
    assert family.get(children).status_code == 200
    family.query(FAMILY)

    assert error_of(family.get(first["nextRecordsUrl"]))[1] == "INVALID_QUERY_LOCATOR"
    assert error_of(family.get(children))[1] == "INVALID_QUERY_LOCATOR"


def test_a_locator_beyond_the_end_is_refused(client, paged):
    """Only the addresses the org hands out lead anywhere."""
    locator = paged["nextRecordsUrl"].rsplit("-", 1)[0]

    assert error_of(client.get(f"{locator}-8"))[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_wide_rows_come_in_small_pages():
    """Two long texts an admin made bring a page down to 200 rows."""
    with client_of() as client:
        for name in ("Story__c", "Notes__c"):
            client.post("/demo/fields", json={"object": "Account", "field": name, "type": "textarea", "length": 32000})
        client.org.load("Account", ["Name"], [(f"W{number}",) for number in range(250)])

        assert len(client.query("SELECT Story__c, Name FROM Account")["records"]) == 250
        assert len(client.query("SELECT Story__c, Notes__c FROM Account")["records"]) == 200


def test_a_query_is_explained(client):
    """The plans have Salesforce's keys, the cheapest first; mistakes are told as by the query."""
    account = client.query("SELECT Id FROM Account LIMIT 1")["records"][0]["Id"]
    body = client.get("query", params={"explain": f"SELECT Name FROM Contact WHERE AccountId = '{account}'"}).json()

    assert {"plans", "sourceQuery"} == set(body)
    assert [each["leadingOperationType"] for each in body["plans"]] == ["Index", "TableScan"]
    assert list(body["plans"][0]) == [
        "cardinality",
        "fields",
        "leadingOperationType",
        "notes",
        "relativeCost",
        "sobjectCardinality",
        "sobjectType",
    ]
    assert error_of(client.get("query", params={"explain": "SELECT Naem FROM Account"}))[:2] == (400, "INVALID_FIELD")


def test_the_columns_of_a_query_are_told(client):
    """What the Salesforce CLI asks for before it shows a table: fields, relationships, children, functions."""

    def columns(soql):
        return client.get("query", params={"q": soql, "columns": "true"}).json()

    plain = columns("SELECT name, Account.Name, (SELECT Role FROM OpportunityContactRoles), Amount FROM opportunity")
    grouped = columns("SELECT StageName, COUNT(Id), SUM(Amount) total FROM Opportunity GROUP BY StageName")

    def inner(column):
        return [each["columnName"] for each in column["joinColumns"]]

    found = [(each["columnName"], each["aggregate"], inner(each)) for each in plain["columnMetadata"]]
    assert found == [
        ("Name", False, []),
        ("Account", False, ["Name"]),
        ("OpportunityContactRoles", True, ["Role"]),
        ("Amount", False, []),
    ]
    assert (plain["entityName"], plain["keyPrefix"], plain["groupBy"]) == ("Opportunity", "006", False)
    assert [(each["columnName"], each["displayName"], each["aggregate"]) for each in grouped["columnMetadata"]] == [
        ("StageName", "StageName", False),
        ("expr0", "COUNT(Id)", True),
        ("total", "SUM(Amount)", True),
    ]
    assert grouped["groupBy"]
