"""Picklist values that mean something, which an admin may rename or add to, and the fiscal years."""

from datetime import UTC, datetime, timedelta

import pytest

from demo_org.clock import Clock
from demo_org.store import Org

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def org():
    with Org.open(clock=Clock(frozen_at=START)) as opened:
        yield opened


def column(org, sql):
    """The first column of a query of the file."""
    return [row[0] for row in org.connection.execute(sql)]


@pytest.mark.parametrize(
    ("name", "condition", "values"),
    [
        ("TaskStatus", "IsClosed = 1", ["Completed"]),
        ("TaskStatus", "IsDefault = 1", ["Not Started"]),
        ("TaskPriority", "IsHighPriority = 1", ["High"]),
        ("CaseStatus", "IsClosed = 1", ["Closed"]),
        ("LeadStatus", "IsConverted = 1", ["Closed - Converted"]),
        ("ContractStatus", "StatusCode = 'InApproval'", ["In Approval Process"]),
        ("OrderStatus", "StatusCode = 'Activated'", ["Activated"]),
    ],
)
def test_a_new_org_knows_what_its_values_mean(org, name, condition, values):
    """A client asks these objects which labels of a picklist count as closed."""
    assert column(org, f"SELECT ApiName FROM {name} WHERE {condition} ORDER BY SortOrder") == values


def test_a_case_is_closed_while_its_status_is(org):
    """ClosedDate is the instant of closing and goes when the case is opened again."""
    case = org.insert("Case", {"Subject": "Help"})
    assert (org.get("Case", case)["Status"], org.get("Case", case)["IsClosed"]) == ("New", False)
    org.clock.move(by=timedelta(hours=1))
    org.update("Case", case, {"Status": "Closed"})
    assert org.get("Case", case)["ClosedDate"] == "2026-03-02T10:00:00.000Z"

    org.update("Case", case, {"Status": "Working"})
    assert (org.get("Case", case)["IsClosed"], org.get("Case", case)["ClosedDate"]) == (False, None)


def test_an_archived_task_that_is_moved_comes_back(org):
    """An activity of last year that is hung on another record is seen again."""
    account, other = (org.insert("Account", {"Name": name}) for name in "AB")
    task = org.insert("Task", {"WhatId": account, "Subject": "Call"})
    org.connection.execute("UPDATE Task SET IsArchived = 1")
    org.update("Task", task, {"Description": "long ago"})
    assert org.get("Task", task)["IsArchived"]

    org.update("Task", task, {"WhatId": other})
    assert not org.get("Task", task)["IsArchived"]


def test_a_hidden_field_is_filled_in_all_the_same(org):
    """Field-level security hides a value from the integration user; it does not stop the org from having one."""
    org.catalog.hide_field("Case", "CaseNumber")
    case = org.insert("Case", {"Subject": "Help"})

    assert column(org, f"SELECT CaseNumber FROM \"Case\" WHERE Id = '{case}'") == ["00000001"]


def test_fiscal_years_have_quarters_and_months(org):
    """Seventeen periods a year, and the ones of this year cover today."""
    here = "FROM Period WHERE StartDate <= '2026-03-02' AND EndDate >= '2026-03-02'"

    assert column(org, "SELECT Name FROM FiscalYearSettings ORDER BY Name") == [str(year) for year in range(2023, 2029)]
    assert column(org, f"SELECT Type {here} ORDER BY Type") == ["Month", "Quarter", "Year"]
    assert column(org, "SELECT EndDate FROM Period WHERE StartDate = '2024-02-01'") == ["2024-02-29"]
    assert column(org, "SELECT count(*) FROM Period") == [6 * 17]
