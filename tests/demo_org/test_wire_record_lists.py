"""Lists of records in one call: what is refused as a whole, what per record, and upserts by a key."""

import pytest
from wire_client import client_of, error_of


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        key = {"object": "Account", "field": "Key__c", "type": "string", "external_id": True, "unique": True}
        client.post("/demo/fields", json=key)
        yield client


def account(**fields):
    return {"attributes": {"type": "Account"}} | fields


def send(client, method, records, below="", **options):
    return client.request(method, f"composite/sobjects{below}", json={"records": records} | options)


def codes(answer):
    assert answer.status_code == 200, answer.text
    return [each["errors"][0]["statusCode"] if each["errors"] else None for each in answer.json()]


def test_an_upsert_changes_what_it_finds_and_creates_the_rest(client):
    """Each outcome says which it was; keys are compared without regard to case; the order is the request's."""
    client.make("Account", Name="Old", Key__c="k1")
    records = [account(Name="New", Key__c="K1"), account(Name="Fresh", key__c="k2")]
    first, second = send(client, "PATCH", records, "/Account/Key__c").json()

    assert (first["created"], second["created"]) == (False, True)
    assert list(first) == ["id", "success", "errors", "created"]
    assert client.get(f"sobjects/Account/{first['id']}").json()["Name"] == "New"


def test_an_upsert_by_id_creates_where_there_is_none(client):
    """CumulusCI upserts so: a null id makes a record, a known one changes it."""
    known = client.make("Account", Name="Known")
    made, changed = send(
        client, "PATCH", [account(Id=None, Name="a"), account(Id=known, Name="b")], "/Account/Id"
    ).json()

    assert (made["created"], changed["created"], changed["id"]) == (True, False, known)
    assert codes(send(client, "PATCH", [account(Id="001000000000000AAA", Name="x")], "/Account/Id")) == [
        "INVALID_CROSS_REFERENCE_KEY"
    ]


def test_an_upsert_without_its_key_fails_for_that_record(client):
    """The others are written."""
    assert codes(
        send(client, "PATCH", [account(Name="No key"), account(Name="x", Key__c="k9")], "/Account/Key__c")
    ) == [
        "MISSING_ARGUMENT",
        None,
    ]


def test_a_key_that_is_not_one_records_alone_is_refused(client):
    """Twice in the same list, or in two records of the org: nobody could say which is meant."""
    client.post("/demo/fields", json={"object": "Account", "field": "Code__c", "type": "string", "external_id": True})
    twins = sorted(client.make("Account", Name=name, Code__c="twin") for name in ("One", "Two"))
    records = [account(Name="a", Code__c="c1"), account(Name="b", Code__c="C1"), account(Name="c", Code__c="twin")]
    answer = send(client, "PATCH", records, "/Account/Code__c")

    assert codes(answer) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"]
    assert answer.json()[0]["errors"][0]["message"] == "Duplicate external id specified: c1"
    assert answer.json()[2]["errors"][0]["message"] == (
        f"Code__c: more than one record found for external id field: [{', '.join(twins)}]"
    )


def test_a_value_that_must_be_unique_is_refused_twice(client):
    """The message names the record that has it."""
    first = client.make("Account", Name="First", Key__c="unique")
    answer = send(client, "POST", [account(Name="Second", Key__c="UNIQUE")])

    assert answer.json()[0]["errors"] == [
        {
            "statusCode": "DUPLICATE_VALUE",
            "message": f"duplicate value found: Key__c duplicates value on record with id: {first[:15]}",
            "fields": [],
        }
    ]


@pytest.mark.parametrize(
    ("method", "records", "expected"),
    [
        ("POST", [account(Name="x", Id="001000000000000AAA")], ["INVALID_FIELD_FOR_INSERT_UPDATE"]),
        ("PATCH", [account(Name="x")], ["MISSING_ARGUMENT"]),
        ("PATCH", [account(Name="x", Id="003000000000001AAA")], ["MALFORMED_ID"]),
        ("PATCH", [account(Name="x", Id="001000000000001AAA")], ["NOT_FOUND"]),
        ("POST", [account(Name="x", Phone="1" * 41), account(Name="fine")], ["STRING_TOO_LONG", None]),
    ],
)
def test_a_bad_record_does_not_stop_the_others(client, method, records, expected):
    """What is wrong with one record is told in its place."""
    assert expected == codes(send(client, method, records))


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([account(Name="x", Nonsense="y")], "INVALID_FIELD"),
        ([account(Name="x", NumberOfEmployees="many")], "JSON_PARSER_ERROR"),
        ([{"Name": "no type"}], "INVALID_TYPE"),
        ("text", "JSON_PARSER_ERROR"),
        ([account(Name="x")] * 201, "EXCEEDED_ID_LIMIT"),
        ([account(Name="x"), {"attributes": {"type": "Contact"}, "LastName": "y"}] * 6, "LIMIT_EXCEEDED"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_whole(client, records, code):
    """Nothing is written when one record can't be understood."""
    before = client.org.count("Account")

    assert error_of(send(client, "POST", records))[:2] == (400, code)
    assert before == client.org.count("Account")


def test_all_or_none_covers_upserts_and_deletions(client):
    """One refused record undoes all of them."""
    keep = client.make("Account", Name="Keep")
    mixed = send(
        client, "PATCH", [account(Name="x", Key__c="aon"), account(Key__c="aon2")], "/Account/Key__c", allOrNone=True
    )
    gone = client.delete("composite/sobjects", params={"ids": f"{keep},001000000000001AAA", "allOrNone": "true"})

    assert codes(mixed) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert codes(gone) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "NOT_FOUND"]
    assert client.get(f"sobjects/Account/{keep}").status_code == 200


def test_a_deletion_takes_records_of_any_object(client):
    """An id that belongs to no object is malformed."""
    ids = [client.make("Account", Name="x"), client.make("Contact", LastName="y"), "zzz000000000001AAA"]

    assert codes(client.delete("composite/sobjects", params={"ids": ",".join(ids)})) == [None, None, "MALFORMED_ID"]


def test_records_are_read_by_address_as_well(client):
    """GET takes ids and fields from the query; both must be there."""
    one = client.make("Account", Name="One")
    answer = client.get("composite/sobjects/Account", params={"ids": f"{one},001000000000001AAA", "fields": "name"})

    assert [each and list(each) for each in answer.json()] == [["attributes", "Name"], None]
    assert error_of(client.get("composite/sobjects/Account", params={"ids": one}))[1] == "MISSING_ARGUMENT"
    assert error_of(client.post("composite/sobjects/Account", json={"ids": "x", "fields": ["Id"]}))[0] == 400
