from datetime import UTC, date, datetime

import pytest

from demo_org.clock import Clock
from demo_org.soql import execute
from demo_org.soql.relative_dates import span
from demo_org.store import Org

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize(
    ("name", "count", "first", "after"),
    [
        ("TODAY", None, "2026-11-25", "2026-11-26"),
        ("YESTERDAY", None, "2026-11-24", "2026-11-25"),
        ("TOMORROW", None, "2026-11-26", "2026-11-27"),
        ("THIS_WEEK", None, "2026-11-22", "2026-11-29"),  # weeks begin on Sunday
        ("LAST_WEEK", None, "2026-11-15", "2026-11-22"),
        ("THIS_MONTH", None, "2026-11-01", "2026-12-01"),
        ("NEXT_MONTH", None, "2026-12-01", "2027-01-01"),
        ("LAST_QUARTER", None, "2026-07-01", "2026-10-01"),
        ("THIS_FISCAL_QUARTER", None, "2026-10-01", "2027-01-01"),
        ("NEXT_YEAR", None, "2027-01-01", "2028-01-01"),
        ("LAST_FISCAL_YEAR", None, "2025-01-01", "2026-01-01"),
        ("LAST_90_DAYS", None, "2026-08-27", "2026-11-26"),
        ("NEXT_90_DAYS", None, "2026-11-26", "2027-02-24"),
        ("LAST_N_DAYS", 2, "2026-11-23", "2026-11-26"),  # today and the two days before
        ("NEXT_N_DAYS", 2, "2026-11-26", "2026-11-28"),
        ("N_DAYS_AGO", 2, "2026-11-23", "2026-11-24"),
        ("LAST_N_WEEKS", 1, "2026-11-15", "2026-11-22"),
        ("NEXT_N_MONTHS", 2, "2026-12-01", "2027-02-01"),
        ("N_MONTHS_AGO", 11, "2025-12-01", "2026-01-01"),
        ("LAST_N_QUARTERS", 4, "2025-10-01", "2026-10-01"),
        ("N_FISCAL_YEARS_AGO", 1, "2025-01-01", "2026-01-01"),
        ("LAST_N_YEARS", 5000, "0001-01-01", "2026-01-01"),
    ],
)
def test_what_a_date_literal_means_on_a_day(name, count, first, after):
    """The first day of the span and the first after it."""
    assert (first, after) == tuple(day.isoformat() for day in span(name, count, TODAY))


@pytest.fixture(scope="module")
def org():
    with Org.open(clock=Clock(frozen_at=datetime(2026, 11, 25, 12, tzinfo=UTC))) as org:
        days = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", None]
        instants = [day and f"{day}T23:59:59.000Z" for day in days]
        rows = list(zip("01234", days, instants, strict=True))
        org.load("Opportunity", ["Name", "CloseDate", "LastStageChangeDate"], rows)
        yield org


@pytest.mark.parametrize("field", ["CloseDate", "LastStageChangeDate"])
@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("= TODAY", "2"), ("!= TODAY", "0134"), ("< TODAY", "01"), ("<= TODAY", "012"), ("> TODAY", "3"),
        (">= TODAY", "23"), ("= LAST_N_DAYS:1", "12"), ("IN (YESTERDAY, TOMORROW)", "13"),
        ("NOT IN (YESTERDAY, TOMORROW)", "024"),
    ],
)  # fmt: skip
def test_dates_and_instants_are_compared_with_spans(org, field, condition, found):
    """Before the span, in it, after it; an instant belongs to its day in UTC."""
    result = execute(org, f"SELECT Name FROM Opportunity WHERE {field} {condition} ORDER BY Name")

    assert found == "".join(record["Name"] for record in result.records(0, 10))


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("CALENDAR_YEAR", 2026), ("CALENDAR_QUARTER", 4), ("CALENDAR_MONTH", 11), ("FISCAL_YEAR", 2026),
        ("FISCAL_QUARTER", 4), ("FISCAL_MONTH", 11), ("DAY_IN_MONTH", 25), ("DAY_IN_WEEK", 4), ("DAY_IN_YEAR", 329),
        ("WEEK_IN_MONTH", 4), ("WEEK_IN_YEAR", 47), ("DAY_ONLY", "2026-11-25"), ("HOUR_IN_DAY", 23),
    ],
)  # fmt: skip
def test_date_functions_group_and_filter(org, function, value):
    """In UTC."""
    literal = value if isinstance(value, int) else str(value)
    soql = (
        f"SELECT {function}(LastStageChangeDate) part, COUNT(Id) n FROM Opportunity WHERE Name = '2' "
        f"AND {function}(LastStageChangeDate) = {literal} GROUP BY {function}(LastStageChangeDate)"
    )

    assert [(value, 1)] == [(row["part"], row["n"]) for row in execute(org, soql).records(0, 10)]
