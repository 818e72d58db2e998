from datetime import UTC, datetime

import pytest

from demo_org.clock import Clock
from demo_org.soql import SoqlError, execute
from demo_org.store import Org


@pytest.fixture
def org():
    with Org.open(clock=Clock(frozen_at=datetime(2026, 11, 25, 12, tzinfo=UTC))) as org:
        yield org


@pytest.fixture
def deal(org):
    account = org.insert("Account", {"Name": "Acme"})
    return org.insert(
        "Opportunity",
        {"Name": "Big", "AccountId": account, "Amount": 15000, "StageName": "Closed Won", "CloseDate": "2026-11-16"},
    )


def only(org, soql):
    (record,) = execute(org, soql).records(0, 10)
    return record


def test_groups_are_named_and_numbered(org, deal):
    """The grouped field by its name, expressions expr0, expr1 …, aliases as they are."""
    org.insert("Opportunity", {"Name": "Open", "StageName": "Prospecting", "CloseDate": "2026-12-01", "Amount": 5})
    soql = (
        "SELECT StageName, COUNT(Id), SUM(Amount) total, MAX(CreatedDate), CALENDAR_MONTH(CloseDate) FROM Opportunity "
        "GROUP BY StageName, CALENDAR_MONTH(CloseDate) HAVING COUNT(Id) > 0 ORDER BY SUM(Amount) DESC LIMIT 1"
    )
    result = execute(org, soql)

    assert result.columns == ("StageName", "expr0", "total", "expr1", "expr2")
    assert result.records(0, 10) == [
        {
            "attributes": {"type": "AggregateResult"},
            "StageName": "Closed Won",
            "expr0": 1,
            "total": 15000.0,
            "expr1": "2026-11-25T12:00:00.000+0000",
            "expr2": 11,
        }
    ]


def test_a_null_group_is_null_and_parents_can_be_grouped_by(org, deal):
    """GROUP BY Account.Name gives the key Name."""
    org.insert("Opportunity", {"Name": "Free", "StageName": "Prospecting", "CloseDate": "2026-12-01"})
    rows = execute(org, "SELECT Account.Name, COUNT(Id) n FROM Opportunity GROUP BY Account.Name").records(0, 10)

    assert sorted(((row["Name"], row["n"]) for row in rows), key=lambda row: row[0] or "") == [(None, 1), ("Acme", 1)]


def test_aggregates_of_nothing(org):
    """A count is 0, a sum null; without GROUP BY there is one row."""
    row = only(org, "SELECT COUNT(Id), SUM(Amount), COUNT_DISTINCT(Name), AVG(Amount) FROM Opportunity")

    assert [row[f"expr{number}"] for number in range(4)] == [0, None, 0, None]


def test_a_count_answers_a_number_without_records(org, deal):
    """LIMIT bounds it."""
    result = execute(org, "SELECT COUNT() FROM Opportunity")

    assert (result.total_size, result.records(0, 10)) == (1, [])
    assert execute(org, "SELECT COUNT() FROM Opportunity LIMIT 0").total_size == 0


def test_more_than_two_thousand_groups_cannot_be_had(org):
    """There is no second page of groups; LIMIT helps."""
    org.load("Account", ["Name"], ([f"A{number:04}"] for number in range(2001)))
    grouped = "SELECT Name, COUNT(Id) n FROM Account GROUP BY Name ORDER BY Name"

    with pytest.raises(SoqlError, match="Aggregate query does not support queryMore") as raised:
        execute(org, grouped)
    assert raised.value.code == "EXCEEDED_ID_LIMIT"
    assert execute(org, f"{grouped} LIMIT 2000").records(0, 2000)[-1]["Name"] == "A1999"
