"""Every refusal of a record, a list or a query, with its status, its code and its words."""

from datetime import timedelta

import pytest
from wire_client import BASE, client_of

NO_RESOURCE = "The requested resource does not exist"
NO_KEY = "Provided external ID field does not exist or is not accessible: {}"


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        for facts in (
            {"field": "Key__c", "type": "string", "external_id": True, "unique": True},
            {"field": "Choices__c", "type": "multipicklist", "picklist_values": ["a", "b"]},
            {"field": "Day__c", "type": "date"},
            {"field": "Flag__c", "type": "boolean"},
        ):
            client.post("/demo/fields", json={"object": "Account"} | facts)
        yield client


@pytest.fixture(scope="module")
def known(client):
    """Records the rows below speak of."""
    account = client.make("Account", Name="Known", Key__c="taken")
    gone = client.make("Account", Name="Gone")
    client.delete(f"sobjects/Account/{gone}")
    locked = client.make("Account", Name="Locked")
    held = client.org.open_transaction()
    held.update("Account", locked, {"Name": "Held"})
    return {
        "account": account,
        "account15": account[:15],
        "gone": gone,
        "locked": locked,
        "contact": client.make("Contact", LastName="Doe"),
    }


def cannot_read(kind, token, column):
    text = f"Cannot deserialize instance of {kind} from {token} or request may be missing a required field"
    return f"{text} at [line:1, column:{column}]"


#: (method, resource, body), status, code, message (None: any), fields
WRITES = [
    (("POST", "sobjects/Account", {}), 400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
    (
        ("POST", "sobjects/Opportunity", {}), 400, "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [Name, StageName, CloseDate]", ["Name", "StageName", "CloseDate"],
    ),
    (
        ("PATCH", "sobjects/Account/{account}", {"Name": None}), 400, "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [Name]", ["Name"],
    ),
    (
        ("POST", "sobjects/Account", {"Name": "x", "foo": 1}), 400, "INVALID_FIELD",
        "No such column 'foo' on sobject of type Account", None,
    ),
    (
        ("POST", "sobjects/Account", {"Name": "x", "CreatedDate": "2020-01-01", "IsDeleted": True}), 400,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        ("Unable to create/update fields: CreatedDate, IsDeleted. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set."), ["CreatedDate", "IsDeleted"],
    ),
    (
        ("PATCH", "sobjects/Account/{account}", {"Id": "{account}"}), 400, "INVALID_FIELD",
        "The Id field should not be specified in the sobject data.", None,
    ),
    (
        ("POST", "sobjects/Account", {"Name": "x", "Phone": "1" * 41}), 400, "STRING_TOO_LONG",
        f"Account Phone: data value too large: {'1' * 41} (max length=40)", ["Phone"],
    ),
    (
        ("POST", "sobjects/Opportunity",
         {"Name": "x", "StageName": "y", "CloseDate": "2026-01-01", "ForecastCategoryName": "Maybe"}), 400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Forecast Category: bad value for restricted picklist field: Maybe", ["ForecastCategoryName"],
    ),
    (
        ("POST", "sobjects/Account", {"Name": "x", "AnnualRevenue": 1e20}), 400, "NUMBER_OUTSIDE_VALID_RANGE",
        "Annual Revenue: value outside of valid range on numeric field: 1e+20", ["AnnualRevenue"],
    ),
    (
        ("POST", "sobjects/Contact", {"LastName": "x", "Email": "nowhere"}), 400, "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: nowhere", ["Email"],
    ),
    (
        ("POST", "sobjects/Contact", {"LastName": "x", "AccountId": "nonsense"}), 400, "MALFORMED_ID",
        "Account ID: id value of incorrect type: nonsense", ["AccountId"],
    ),
    (
        ("POST", "sobjects/Contact", {"LastName": "x", "AccountId": "{contact}"}), 400, "FIELD_INTEGRITY_EXCEPTION",
        "Account ID: id value of incorrect type: {contact}", ["AccountId"],
    ),
    (
        ("POST", "sobjects/Contact", {"LastName": "x", "AccountId": "001000000000001AAA"}), 400,
        "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [],
    ),
    (
        ("POST", "sobjects/Contact", {"LastName": "x", "AccountId": "{gone}"}), 400, "ENTITY_IS_DELETED",
        "entity is deleted", ["AccountId"],
    ),
    (
        ("POST", "sobjects/Account", {"Name": "x", "Key__c": "TAKEN"}), 400, "DUPLICATE_VALUE",
        "duplicate value found: Key__c duplicates value on record with id: {account15}", [],
    ),
    (
        ("PATCH", "sobjects/Account/{locked}", {"Name": "x"}), 400, "UNABLE_TO_LOCK_ROW",
        "unable to obtain exclusive access to this record", [],
    ),
    (("POST", "sobjects/OpportunityHistory", {}), 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
     "entity type cannot be inserted: Opportunity History", []),
    (("PATCH", "sobjects/Account/{gone}", {"Name": "x"}), 404, "ENTITY_IS_DELETED", "entity is deleted", []),
    (("DELETE", "sobjects/Account/{gone}", None), 404, "ENTITY_IS_DELETED", "entity is deleted", []),
    (("DELETE", "sobjects/Account/rid", None), 404, "NOT_FOUND", NO_KEY.format("rid"), None),
    (("DELETE", "sobjects/Account/{contact}", None), 400, "MALFORMED_ID", "malformed id {contact}", None),
    (("PATCH", "sobjects/Account/Namez/x", {}), 404, "NOT_FOUND", NO_KEY.format("Namez"), None),
    (("POST", "sobjects/Nothing", {}), 404, "NOT_FOUND", NO_RESOURCE, None),
    (("PUT", "sobjects/Account", {}), 405, "METHOD_NOT_ALLOWED",
     "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,POST", None),
]  # fmt: skip

#: a body of an account -> what its parser says; the column is where the value begins
TYPES = [
    ({"Name": 5}, cannot_read("string", "VALUE_NUMBER_INT value 5", 10)),
    ({"Name": {"first": "x"}}, cannot_read("string", "START_OBJECT value {", 10)),
    ({"Name": "x", "NumberOfEmployees": "many"}, cannot_read("int", "VALUE_STRING value many", 34)),
    ({"Name": "x", "NumberOfEmployees": 1.5}, cannot_read("int", "VALUE_NUMBER_FLOAT value 1.5", 34)),
    ({"Name": "x", "AnnualRevenue": "1,000"}, cannot_read("currency", "VALUE_STRING value 1,000", 30)),
    ({"Name": "x", "AnnualRevenue": True}, cannot_read("currency", "VALUE_TRUE value true", 30)),
    ({"Name": "x", "Flag__c": "yes"}, cannot_read("boolean", "VALUE_STRING value yes", 24)),
    ({"Name": "x", "Day__c": "31.12.2026"}, cannot_read("date", "VALUE_STRING value 31.12.2026", 23)),
    ({"Name": "x", "Choices__c": ["a", "b"]}, cannot_read("multipicklist", "START_ARRAY value [", 27)),
    ({"Name": "x", "ParentId": 1}, cannot_read("reference", "VALUE_NUMBER_INT value 1", 25)),
]

READS = [
    ("sobjects/Account/23foo", 404, "NOT_FOUND", NO_KEY.format("23foo")),
    ("sobjects/Account/001000000000001AAA", 404, "NOT_FOUND", NO_RESOURCE),
    ("sobjects/Account/{gone}", 404, "ENTITY_IS_DELETED", "entity is deleted"),
    ("sobjects/Account/{account}?fields=Naem", 400, "INVALID_FIELD", None),
    ("sobjects/Account/{account}/Body", 404, "NOT_FOUND", NO_RESOURCE),
    ("sobjects/Foo/describe", 404, "NOT_FOUND", NO_RESOURCE),
    ("nonsense", 404, "NOT_FOUND", NO_RESOURCE),
    ("query", 400, "MALFORMED_QUERY", None),
    (
        "query?q=select Id fro Account", 400, "MALFORMED_QUERY",
        "\nselect Id fro Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'fro'",
    ),
    (
        "query?q=select count() from XYZZY", 400, "INVALID_TYPE",
        ("\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not "
        "supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
        "Please reference your WSDL or the describe call for the appropriate names."),
    ),
    (
        "query?q=Select Naem from Account", 400, "INVALID_FIELD",
        ("\nSelect Naem from Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Naem' on entity 'Account'. If "
        "you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names."),
    ),
    ("query?q=SELECT Id FROM Account LIMIT 1 OFFSET 2001", 400, "NUMBER_OUTSIDE_VALID_RANGE", None),
    ("query/01gD0000002HU6KIAW-2000", 400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    (
        "search?q=FIND bar", 400, "MALFORMED_SEARCH",
        "No search term found. The search term must be enclosed in braces.",
    ),
    ("sobjects/Account/updated?start=x&end=y", 400, "INVALID_REPLICATION_DATE", None),
    ("sobjects/OpportunityStage/updated?start=x&end=y", 400, None, None),
    ("composite/sobjects/Account?ids=x&fields=Id", 400, "MALFORMED_ID", "malformed id x"),
]  # fmt: skip


def refused(answer):
    (error,) = answer.json()
    return answer.status_code, error["errorCode"], error["message"], error.get("fields")


def named(value, known):
    """The value with the records' ids put in."""
    match value:
        case str():
            for name, record_id in known.items():
                value = value.replace(f"{{{name}}}", record_id)
        case dict():
            return {key: named(each, known) for key, each in value.items()}
    return value


@pytest.mark.parametrize(
    ("request_", "status", "code", "message", "fields"), WRITES, ids=[f"{r[0][1]} {r[2]}" for r in WRITES]
)
def test_a_write_is_refused_in_salesforces_words(client, known, request_, status, code, message, fields):
    """Clients branch on the code, people read the message, tools mark the fields."""
    method, resource, body = named(request_[0], known), named(request_[1], known), named(request_[2], known)
    answered = refused(client.request(method, resource, json=body))

    assert (status, code, fields) == (answered[0], answered[1], answered[3])
    assert message is None or named(message, known) == answered[2]


@pytest.mark.parametrize(("body", "message"), TYPES, ids=[str(body) for body, _ in TYPES])
def test_a_value_of_another_type_is_refused_by_the_parser(client, body, message):
    """Numbers and checkboxes may be texts that read like them, but a text is never a number."""
    assert refused(client.post("sobjects/Account", json=body)) == (400, "JSON_PARSER_ERROR", message, None)


@pytest.mark.parametrize(("resource", "status", "code", "message"), READS, ids=[row[0] for row in READS])
def test_a_read_is_refused_in_salesforces_words(client, known, resource, status, code, message):
    """With the place of the mistake where a query has one."""
    answered = refused(client.get(named(resource, known)))

    assert status == answered[0]
    assert code in (None, answered[1])
    assert message in (None, answered[2])


def test_texts_that_read_like_numbers_are_numbers(client):
    """CumulusCI sends "10000" for a number of employees; an empty text is null."""
    record = client.make("Account", Name="x", NumberOfEmployees="10000", AnnualRevenue="1.5e3", Flag__c="true", Site="")
    read = client.get(f"sobjects/Account/{record}").json()

    assert (read["NumberOfEmployees"], read["AnnualRevenue"], read["Flag__c"], read["Site"]) == (
        10000,
        1500.0,
        True,
        None,
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "No content to map to Object due to end of input"),
        (b'{"Name": }', "JSON is malformed: invalid character at [line:1, column:10]"),
        (b'{\n"Name": "x"', "Input data was truncated at [line:2, column:12]"),
        (b"[" * 100_000, None),
        (b"[]", None),
        (b"\xff\xfe", None),
    ],
)
def test_a_body_that_is_no_json_is_refused(client, content, message):
    """With the place where it stops to be JSON."""
    answered = refused(client.post("sobjects/Account", content=content, headers={"Content-Type": "application/json"}))

    assert answered[:2] == (400, "JSON_PARSER_ERROR")
    assert message in (None, answered[2])


def test_a_body_of_another_kind_is_refused(client):
    """Forms and plain texts are no records."""
    answer = client.post("sobjects/Account", content=b"Name=x", headers={"Content-Type": "text/plain"})

    assert refused(answer) == (
        415, "UNSUPPORTED_MEDIA_TYPE", "MediaType of 'text/plain' is not supported by this resource", None,
    )  # fmt: skip


def test_the_days_calls_run_out_for_records_as_well():
    """Nothing is written after the last call."""
    with client_of(daily_calls=1) as client:
        client.make("Account", Name="Last")
        answer = client.post("sobjects/Account", json={"Name": "Too late"})

        assert refused(answer) == (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", None)
        assert client.org.count("Account") == 1


def test_an_ended_session_reads_nothing(client):
    """401 with the header that tells how to log in."""
    answer = client.get(f"{BASE}/sobjects/Account", headers={"Authorization": "Bearer nonsense"})

    assert refused(answer) == (401, "INVALID_SESSION_ID", "Session expired or invalid", None)
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_replication_windows_have_their_bounds(client):
    """A minute at least, in the past 30 days, never from the future."""
    now = client.org.clock.now()

    def ask(start, end):
        span = {"start": (now + start).isoformat(), "end": (now + end).isoformat()}
        return refused(client.get("sobjects/Account/updated", params=span))[1]

    for start, end in ((-2, -2), (-1, -2), (1, 2), (-31 * 24, 0)):
        assert ask(timedelta(hours=start), timedelta(hours=end)) == "INVALID_REPLICATION_DATE"
