import pytest
from wire_client import error_of


def record(kind, reference, **fields):
    return {"attributes": {"type": kind, "referenceId": reference}} | fields


def tree(client, *records, kind="Account"):
    return client.post(f"composite/tree/{kind}", json={"records": list(records)})


def test_a_tree_is_created_with_its_children(client):
    """Children hang on their parents by the name of the relationship; levels are created one after the other."""
    people = {"records": [record("Contact", "c1", LastName="One"), record("Contact", "c2", lastname="Two")]}
    answer = tree(client, record("Account", "a1", Name="Root", Contacts=people), record("Account", "a2", name="Alone"))
    results = answer.json()["results"]
    ids = {each["referenceId"]: each["id"] for each in results}
    found = client.query(f"SELECT LastName FROM Contact WHERE AccountId = '{ids['a1']}' ORDER BY LastName")

    assert (answer.status_code, answer.json()["hasErrors"]) == (201, False)
    assert [each["referenceId"] for each in results] == ["a1", "a2", "c1", "c2"]
    assert [each["LastName"] for each in found["records"]] == ["One", "Two"]


def test_a_tree_with_a_bad_record_leaves_nothing(client):
    """Only the record that failed is told, with its code called statusCode."""
    before = client.org.count("Account")
    people = {"records": [record("Contact", "c1", LastName="One", Email="no address")]}
    answer = tree(client, record("Account", "a1", Name="Root", Contacts=people))

    assert answer.status_code == 400
    assert answer.json() == {
        "hasErrors": True,
        "results": [
            {
                "referenceId": "c1",
                "errors": [
                    {
                        "statusCode": "INVALID_EMAIL_ADDRESS",
                        "message": "Email: invalid email address: no address",
                        "fields": ["Email"],
                    }
                ],
            }
        ],
    }
    assert before == client.org.count("Account")


def deep(levels):
    whole = record("Account", f"r{levels}", Name="Leaf")
    for level in range(levels - 1, 0, -1):
        whole = record("Account", f"r{level}", Name="Node", ChildAccounts={"records": [whole]})
    return whole


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([record("Account", f"r{n}", Name="x") for n in range(201)], "LIMIT_EXCEEDED"),
        ([deep(6)], "LIMIT_EXCEEDED"),
        ([], "INVALID_INPUT"),
        ([record("Contact", "r", LastName="x")], "INVALID_INPUT"),
        ([{"Name": "no attributes"}], "INVALID_INPUT"),
        ([record("Account", "r", Name="x", Nonsense={"records": []})], "INVALID_FIELD"),
        (["nothing like a record"], "JSON_PARSER_ERROR"),
        (None, "JSON_PARSER_ERROR"),
    ],
)
def test_a_tree_outside_its_limits_is_refused_whole(client, records, code):
    """200 records, 5 levels, one name for each record."""
    answer = client.post("composite/tree/Account", json={"records": records})

    assert error_of(answer)[:2] == (400, code)


def test_two_records_of_one_name_are_both_told(client):
    """The answer has a line for each; nothing is created."""
    before = client.org.count("Account")
    answer = tree(client, record("Account", "same", Name="x"), record("Account", "same", Name="y"))
    error = {"statusCode": "INVALID_INPUT", "message": "Duplicate ReferenceId provided in the request.", "fields": []}

    assert answer.status_code == 400
    assert answer.json() == {"hasErrors": True, "results": [{"referenceId": "same", "errors": [error]}] * 2}
    assert before == client.org.count("Account")


def test_a_tree_may_be_five_levels_deep(client):
    """One more is refused, five are not."""
    assert tree(client, deep(5)).status_code == 201
