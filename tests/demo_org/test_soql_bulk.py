import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from demo_org.clock import Clock
from demo_org.soql import bulk_refusal, execute, parse
from demo_org.soql.numbers import csv_double, java_double
from demo_org.soql.sql import ready
from demo_org.store import Org

TEXTS = [None, "plain", 'a "b" c', '"', "two\nlines", "a,b;c", "nul\0here", 'nul\0"quoted"', "ümlaut", "%w %s", "\\"]


@pytest.fixture(scope="module")
def org():
    with Org.open(clock=Clock(frozen_at=datetime(2026, 11, 25, 12, tzinfo=UTC))) as org:
        account = org.insert("Account", {"Name": 'Acme "Ltd"'})
        numbers = [None, 0.0, 15000.0, 0.1, 99213206.0, 8e7, 1.6147805824397e13, -2.5e7, 1e-4, 123.456]
        org.load(
            "Opportunity",
            ["Name", "AccountId", "Amount", "IsWon", "CloseDate", "Description", "PushCount"],
            [
                (f"Deal {number:03d}", account if number % 2 else None, numbers[number % 10], number % 3 == 0,
                 "2026-11-16", TEXTS[number % len(TEXTS)], number)
                for number in range(500)
            ],
        )  # fmt: skip
        yield org


def text_of(result, offset=0, limit=10**6, **dialect):
    return b"".join(result.csv_chunks(offset, limit, **dialect)).decode()


def test_the_dialect_is_that_of_bulk_2(org):
    """Every value in quotes, null empty, booleans in small letters, instants with Z, Java's numbers, dotted paths."""
    soql = (
        "SELECT name, Amount, IsWon, CloseDate, SystemModstamp, account.name, account.isdeleted, Description "
        "FROM Opportunity ORDER BY Name LIMIT 6"
    )
    stamp = "2026-11-25T12:00:00.000Z"
    assert (
        '"Name","Amount","IsWon","CloseDate","SystemModstamp","Account.Name","Account.IsDeleted","Description"\n'
        f'"Deal 000","","true","2026-11-16","{stamp}","","",""\n'
        f'"Deal 001","0.0","false","2026-11-16","{stamp}","Acme ""Ltd""","false","plain"\n'
        f'"Deal 002","15000.0","false","2026-11-16","{stamp}","","","a ""b"" c"\n'
        f'"Deal 003","0.1","true","2026-11-16","{stamp}","Acme ""Ltd""","false",""""\n'
        f'"Deal 004","9.9213206E7","false","2026-11-16","{stamp}","","","two\nlines"\n'
        f'"Deal 005","8.0E7","false","2026-11-16","{stamp}","Acme ""Ltd""","false","a,b;c"\n'
    ) == text_of(execute(org, soql))


def test_csv_and_rest_tell_the_same(org):
    """Every value of every record, read back by a CSV reader."""
    result = execute(org, "SELECT Id, Name, Amount, IsWon, Description, PushCount, Account.Name FROM Opportunity")
    records = result.records(0, 1000)
    lines = list(csv.DictReader(io.StringIO(text_of(result), newline="")))

    assert len(lines) == 500
    for line, record in zip(lines, records, strict=True):
        assert (record["Id"], record["Name"]) == (line["Id"], line["Name"])
        assert record["Amount"] == (float(line["Amount"]) if line["Amount"] else None)
        assert str(record["IsWon"]).lower() == line["IsWon"]
        assert (record["Description"] or "") == line["Description"]
        assert str(record["PushCount"]) == line["PushCount"]
        assert ((record["Account"] or {}).get("Name") or "") == line["Account.Name"]


@pytest.mark.parametrize(("delimiter", "line_ending"), [("\t", "\r\n"), ("|", "\n"), ("^", "\n"), ("`", "\r\n")])
def test_delimiter_and_line_ending_can_be_chosen(org, delimiter, line_ending):
    """Line breaks inside a text stay what they are."""
    result = execute(org, "SELECT Name, Description FROM Opportunity ORDER BY Name LIMIT 5")
    text = text_of(result, delimiter=delimiter, line_ending=line_ending)

    assert text.startswith(f'"Name"{delimiter}"Description"{line_ending}"Deal 000"{delimiter}""{line_ending}')
    assert text.endswith(f'"Deal 004"{delimiter}"two\nlines"{line_ending}')


def test_a_part_of_the_result_has_a_header_too(org):
    """Whatever offset it begins at; beyond the end there is the header alone."""
    result = execute(org, "SELECT Name FROM Opportunity ORDER BY Name")

    assert text_of(result, 2, 2) == '"Name"\n"Deal 002"\n"Deal 003"\n'
    assert text_of(result, 500, 10) == '"Name"\n'


def test_chunks_are_of_a_handy_size(org):
    """About 256 kB, however many rows that takes."""
    org.load("Lead", ["LastName", "Company", "Description"], [("Doe", "Acme", "x" * 900)] * 3000)
    result = execute(org, "SELECT Id, LastName, Description FROM Lead")
    sizes = [len(chunk) for chunk in result.csv_chunks(0, 10**6)]

    assert all(size < 400_000 for size in sizes)
    assert all(size > 150_000 for size in sizes[2:-1])


def test_more_columns_than_sqlite_takes_arguments(org):
    """An object with as many custom fields as Salesforce allows (800) can be exported, NUL bytes and all."""
    with org.catalog.together():
        for number in range(800):
            org.catalog.add_field("Contract", f"Extra{number}__c", "string")
    org.load("Contract", ["Extra0__c", "Extra799__c"], [("fi\0rst", 'la"st')])
    names = [name for name, field in org.catalog.object("Contract").fields.items() if not field.compound]
    (line,) = csv.DictReader(io.StringIO(text_of(execute(org, f"SELECT {', '.join(names)} FROM Contract"))))

    assert ("fi\0rst", 'la"st', len(names)) == (line["Extra0__c"], line["Extra799__c"], len(line))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (99213206.0, "9.9213206E7"), (8e7, "8.0E7"), (1.6147805824397e13, "1.6147805824397E13"), (15000.0, "15000.0"),
        (9999999.0, "9999999.0"), (1e7, "1.0E7"), (0.001, "0.001"), (0.00099, "9.9E-4"), (-2.5e7, "-2.5E7"),
        (0.0, "0.0"),
        (1 / 3, "0.3333333333333333"), (1e22, "1.0E22"), (12345678.9, "1.23456789E7"), (5e-324, "5.0E-324"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_java_does(number, text):
    """Plain from a thousandth to ten millions, with an exponent beyond."""
    assert text == java_double(number)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(2**53 + 2.0)
@example(0.1 + 0.2)
@example(-0.0)
def test_sqlite_writes_numbers_like_java_and_loses_nothing(org, number):
    """The fast way in SQL gives the same text as the slow one, and the text gives the number back."""
    with org.reading() as connection:
        ready(org, connection)
        (text,) = connection.execute(f"SELECT {csv_double('x')} FROM (SELECT ? AS x)", (number,)).fetchone()

    assert text == java_double(number)
    assert number == float(text)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, Account.Name FROM Opportunity WHERE IsWon = true ORDER BY Id LIMIT 5",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)",
        "SELECT BillingCity FROM Account",
        "SELECT Nonsense FROM Account",
        "SELECT Id FROM Nonsense",
    ],
)
def test_what_bulk_takes(org, soql):
    """Parents, semi-joins, order and limit; and what is wrong is left to be told by running it."""
    assert bulk_refusal(parse(soql), org.catalog) is None


@pytest.mark.parametrize(
    ("soql", "reason"),
    [
        ("SELECT COUNT() FROM Account", "Aggregate functions"),
        ("SELECT MAX(Amount) FROM Opportunity", "Aggregate functions"),
        ("SELECT StageName FROM Opportunity GROUP BY StageName", "GROUP BY"),
        ("SELECT Id FROM Account LIMIT 5 OFFSET 5", "OFFSET"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "Aggregate Relationships not supported in Bulk Query"),
        ("SELECT TYPEOF What WHEN Account THEN Id END FROM Task", "TYPEOF"),
        ("SELECT billingaddress FROM Account", "Selecting compound data not supported in Bulk Query"),
        ("SELECT Account.BillingAddress FROM Opportunity", "Selecting compound data not supported in Bulk Query"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 200", "FIELDS"),
    ],
)
def test_what_bulk_refuses(org, soql, reason):
    """Though REST would answer it."""
    refusal = bulk_refusal(parse(soql), org.catalog)

    assert refusal is not None
    assert (refusal.status, refusal.code) == (400, "FUNCTIONALITY_NOT_ENABLED")
    assert reason in refusal.message


def test_objects_that_bulk_does_not_serve(org):
    """Attachments are binary."""
    refusal = bulk_refusal(parse("SELECT Id FROM attachment"), org.catalog)

    assert refusal is not None
    assert (refusal.code, refusal.message) == ("INVALIDENTITY", "Entity 'Attachment' is not supported by the Bulk API.")
