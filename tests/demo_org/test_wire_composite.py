import pytest
from wire_client import BASE, client_of, error_of


def part(reference, url, method="GET", **rest):
    return {"referenceId": reference, "url": f"{BASE}/{url}", "method": method} | rest


def ask(client, *parts, **options):
    answer = client.post("composite", json={"compositeRequest": list(parts)} | options)
    assert answer.status_code == 200, answer.text
    return answer.json()["compositeResponse"]


def test_later_parts_use_what_earlier_ones_answered(client):
    """@{reference.path} works in addresses and in bodies, through records of a query too."""
    account, contact, found, used = ask(
        client,
        part("account", "sobjects/Account", "POST", body={"Name": "Referred"}),
        part("contact", "sobjects/Contact", "POST", body={"LastName": "Doe", "AccountId": "@{account.id}"}),
        part("found", "query?q=SELECT Id, AccountId FROM Contact WHERE AccountId = '@{account.id}'"),
        part("used", "sobjects/Account/@{found.records[0].AccountId}?fields=Name"),
    )

    assert [each["httpStatusCode"] for each in (account, contact, found, used)] == [201, 201, 200, 200]
    assert account["httpHeaders"] == {"Location": f"{BASE}/sobjects/Account/{account['body']['id']}"}
    assert (used["body"]["Name"], used["referenceId"]) == ("Referred", "used")


def test_a_failing_part_is_an_answer_like_any_other(client):
    """The call itself is 200; what refers to the failed part is halted."""
    failed, halted, fine = ask(
        client,
        part("failed", "sobjects/Foo"),
        part("halted", "sobjects/Account/@{failed.id}"),
        part("fine", "limits"),
    )

    assert failed == {
        "body": [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}],
        "httpHeaders": {},
        "httpStatusCode": 404,
        "referenceId": "failed",
    }
    assert (
        halted["httpStatusCode"],
        halted["body"][0]["errorCode"],
        fine["httpStatusCode"],
    ) == (400, "PROCESSING_HALTED", 200)


def test_describes_in_a_composite_are_conditional(client):
    """A 304 part has a null body and keeps the headers that name its version."""
    (first,) = ask(client, part("d", "sobjects/Account/describe"))
    since = {"If-Modified-Since": first["httpHeaders"]["Last-Modified"]}
    (second,) = ask(client, part("d", "sobjects/Account/describe", httpHeaders=since))

    assert {"body": None, "httpHeaders": first["httpHeaders"], "httpStatusCode": 304, "referenceId": "d"} == second


def test_a_part_may_ask_for_changes_and_deletions(client):
    """GetUpdated and getDeleted go through composite as well."""
    span = "start=2026-01-01T00:00:00%2B00:00&end=2026-01-01T00:00:00%2B00:00"
    updated, deleted = ask(
        client,
        part("u", f"sobjects/Account/updated/?{span}"),
        part("d", f"sobjects/Account/deleted/?{span}"),
    )

    assert [each["body"][0]["errorCode"] for each in (updated, deleted)] == ["INVALID_REPLICATION_DATE"] * 2


def test_all_or_none_writes_nothing_when_a_part_fails(client):
    """The failed part says why, the others that they were rolled back."""
    before = client.org.count("Account")
    first, second, third = ask(
        client,
        part("a", "sobjects/Account", "POST", body={"Name": "Never"}),
        part("b", "sobjects/Account", "POST", body={}),
        part("c", "sobjects/Account", "POST", body={"Name": "Nor this"}),
        allOrNone=True,
    )

    assert [each["body"][0]["errorCode"] for each in (first, second, third)] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert before == client.org.count("Account")


def test_all_or_none_writes_everything_when_all_goes_well(client):
    """Reads inside the transaction see its writes."""
    made, read = ask(
        client,
        part("a", "sobjects/Account", "POST", body={"Name": "Both"}),
        part("b", "query?q=SELECT Name FROM Account WHERE Id = '@{a.id}'"),
        allOrNone=True,
    )

    assert (made["httpStatusCode"], read["body"]["records"][0]["Name"]) == (201, "Both")
    assert client.get(f"sobjects/Account/{made['body']['id']}").status_code == 200


def test_a_composite_has_at_most_25_parts_and_5_queries(client):
    """More is refused as a whole, before anything is done."""

    def attempt(parts):
        return error_of(client.post("composite", json={"compositeRequest": parts}))[:2]

    assert attempt([part(f"r{n}", "limits") for n in range(26)]) == (400, "LIMIT_EXCEEDED")
    assert attempt([part(f"r{n}", "query?q=SELECT Id FROM Account") for n in range(6)]) == (400, "LIMIT_EXCEEDED")
    assert attempt([part("same", "limits"), part("same", "limits")]) == (400, "INVALID_INPUT")
    assert len(ask(client, *[part(f"r{n}", "query?q=SELECT Id FROM Account LIMIT 1") for n in range(5)])) == 5


def test_a_batch_answers_its_parts_one_by_one(client):
    """Addresses have no /services/data/; a part that fails does not stop the rest unless asked to."""
    parts = [{"method": "GET", "url": "v64.0/limits"}, {"method": "GET", "url": "v64.0/sobjects/Foo"}]
    body = client.post("composite/batch", json={"batchRequests": [*parts, parts[0]]}).json()
    halted = client.post("composite/batch", json={"haltOnError": True, "batchRequests": [*parts, parts[0]]}).json()

    assert (body["hasErrors"], [each["statusCode"] for each in body["results"]]) == (True, [200, 404, 200])
    assert [each["statusCode"] for each in halted["results"]] == [200, 404, 412]


def test_a_reference_keeps_the_type_of_a_value_and_may_stand_for_null(client):
    """A number stays a number, null is a value (since version 52), inside a text both are text."""
    source = client.make("Account", Name="Source", NumberOfEmployees=7)
    read, made = ask(
        client,
        part("read", f"sobjects/Account/{source}?fields=Name,NumberOfEmployees,Site"),
        part(
            "made", "sobjects/Account", "POST",
            body={
                "Name": "@{read.Name} & @{read.NumberOfEmployees}",
                "NumberOfEmployees": "@{read.NumberOfEmployees}",
                "Site": "@{read.Site}",
            },
        ),
    )  # fmt: skip
    record = client.get(f"sobjects/Account/{made['body']['id']}").json()

    assert read["httpStatusCode"] == 200
    assert (record["Name"], record["NumberOfEmployees"], record["Site"]) == ("Source & 7", 7, None)


def test_a_reference_without_a_value_halts_its_part(client):
    """The text is the one of API version 52 and later, which blames the name."""
    _, halted = ask(
        client,
        part("found", "query?q=SELECT Id FROM Account LIMIT 1"),
        part("halted", "sobjects/Account/@{found.records[0].AccountId}"),
    )

    assert halted["body"] == [
        {
            "errorCode": "PROCESSING_HALTED",
            "message": "Invalid reference specified. No value for found.records[0].AccountId found in found. Provided "
            "referenceId ('found.records[0].AccountId') must start with a letter or a number, and it can contain only "
            "letters, numbers and underscores ('_').",
        }
    ]


BAD_LIST = {
    "records": [{"attributes": {"type": "Account"}, "Name": "In the list"}, {"attributes": {"type": "Account"}}]
}


@pytest.mark.parametrize(
    ("outer", "inner", "kept"),
    [
        (False, False, ["After", "Before", "In the list"]),
        (False, True, ["After", "Before"]),
        (True, True, []),
        (True, False, []),
    ],
)
def test_all_or_none_of_a_list_and_of_its_call_work_together(outer, inner, kept):
    """The list undoes itself alone; the call, told so, counts one refused record as a failure of all."""
    with client_of() as client:
        before, listed, after = ask(
            client,
            part("before", "sobjects/Account", "POST", body={"Name": "Before"}),
            part("listed", "composite/sobjects", "POST", body=BAD_LIST | {"allOrNone": inner}),
            part("after", "sobjects/Account", "POST", body={"Name": "After"}),
            allOrNone=outer,
        )
        names = [each["Name"] for each in client.query("SELECT Name FROM Account ORDER BY Name")["records"]]

    assert kept == names
    assert (listed["httpStatusCode"], listed["body"][0]["success"]) == (200, not inner)
    halted = [each["body"][0]["errorCode"] for each in (before, after) if each["httpStatusCode"] == 400]
    assert halted == (["PROCESSING_HALTED"] * 2 if outer else [])


def test_parts_that_can_be_no_requests_refuse_the_whole_call(client):
    """Nothing is done before every part has an address, a method and a good name."""
    good = part("a", "limits")

    def attempt(body):
        return error_of(client.post("composite", json=body))

    name = attempt({"compositeRequest": [{**good, "referenceId": "refNewAccount[1]"}]})
    assert name == (
        400,
        "JSON_PARSER_ERROR",
        (
            "Provided referenceId ('refNewAccount[1]') must start with a letter or a number, and it can contain only "
            "letters, numbers and underscores ('_')."
        ),
    )
    for broken in (
        {"compositeRequest": [{**good, "method": "FETCH"}]},
        {"compositeRequest": [{**good, "url": 5}]},
        {"compositeRequest": [{**good, "httpHeaders": []}]},
        {"compositeRequest": ["text"]},
        {"compositeRequest": {}},
        {"compositeRequest": [good], "allOrNone": "perhaps"},
        {},
    ):
        assert attempt(broken)[:2] == (400, "JSON_PARSER_ERROR")
    assert attempt({"compositeRequest": [{**good, "httpHeaders": {"Authorization": "x"}}]})[:2] == (
        400,
        "INVALID_INPUT",
    )
    assert attempt({"compositeRequest": [part("n", "composite", "POST", body={})]})[:2] == (400, "INVALID_INPUT")


def test_the_composite_resources_are_listed(client):
    """Clients find the others by GET."""
    assert client.get("composite/").json() == {
        name: f"{BASE}/composite/{name}" for name in ("tree", "batch", "sobjects", "graph")
    }


def test_a_batch_takes_both_spellings_and_counts_each_part(client):
    """With or without /services/data; a body is called richInput; each part is an API call."""
    client.post("/demo/calls/reset", json={})
    parts = [
        {"method": "POST", "url": "v64.0/sobjects/Account", "richInput": {"Name": "By batch"}},
        {"method": "GET", "url": f"{BASE}/query?q=SELECT+Name+FROM+Account+WHERE+Name='By+batch'"},
        {"method": "GET", "url": "/v64.0/limits"},
    ]
    body = client.post("composite/batch", json={"batchRequests": parts}).json()

    assert (body["hasErrors"], [each["statusCode"] for each in body["results"]]) == (False, [201, 200, 200])
    assert body["results"][1]["result"]["records"][0]["Name"] == "By batch"
    assert client.get("/demo/calls").json()["total"] == 3


def test_a_batch_outside_its_limits_is_refused_whole(client):
    """25 parts that are requests, none of them a composite call."""
    part = {"method": "GET", "url": "v64.0/limits"}

    def attempt(parts):
        return error_of(client.post("composite/batch", json={"batchRequests": parts}))[:2]

    assert attempt([part] * 26) == (400, "LIMIT_EXCEEDED")
    assert attempt([]) == (400, "INVALID_INPUT")
    assert attempt([{"url": "v64.0/limits"}]) == (400, "JSON_PARSER_ERROR")
    assert attempt([{**part, "url": "v64.0/composite/batch"}]) == (400, "INVALID_INPUT")
