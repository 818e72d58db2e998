"""Rows that say what picklist values mean, and the fiscal years: reference data a new org already has."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from demo_org.semantics.contract import STATUS_CODES

if TYPE_CHECKING:
    from demo_org.store.org import Org

#: object of the rows -> (object and picklist they belong to, value -> what it means besides)
MEANINGS: dict[str, tuple[str, str, dict[str, dict[str, Any]]]] = {
    "TaskStatus": ("Task", "Status", {"Completed": {"IsClosed": 1}}),
    "TaskPriority": ("Task", "Priority", {"High": {"IsHighPriority": 1}}),
    "CaseStatus": ("Case", "Status", {"Closed": {"IsClosed": 1}}),
    "LeadStatus": ("Lead", "Status", {"Closed - Converted": {"IsConverted": 1}}),
    "ContractStatus": ("Contract", "Status", {value: {"StatusCode": code} for value, code in STATUS_CODES.items()}),
    "OrderStatus": ("Order", "Status", {value: {"StatusCode": value} for value in ("Draft", "Activated")}),
    "PartnerRole": ("Partner", "Role", {}),
}
_YEARS_BACK, _YEARS_AHEAD = 3, 2


def found_meanings(org: "Org", user_id: str) -> None:
    """Write a row for each value of the picklists that have an object of their own."""
    for name, (owner, field, meanings) in MEANINGS.items():
        described, picklist = org.catalog.stored_object(name), org.catalog.stored_object(owner).fields[field]
        further = sorted({key for meaning in meanings.values() for key in meaning})
        default = ["IsDefault"] if "IsDefault" in described.fields else []
        columns = ["MasterLabel", "ApiName", "SortOrder", *default, *further, "CreatedById"]
        rows = [
            [value, value, order, *([int(value == picklist.default)] if default else []),
             *(meanings.get(value, {}).get(key) for key in further), user_id]
            for order, value in enumerate(picklist.picklist_values, start=1)
        ]  # fmt: skip
        org.load(name, columns, rows)


def found_periods(org: "Org") -> None:
    """Write the fiscal years around today with their quarters and months; a fiscal year is the calendar's."""
    this_year = org.clock.today().year
    for year in range(this_year - _YEARS_BACK, this_year + _YEARS_AHEAD + 1):
        settings = org.new_id("FiscalYearSettings")
        months = [(date(year, month, 1), _last_day(year, month)) for month in range(1, 13)]
        periods = [("Year", 1, *_span(months)),
                   *(("Quarter", number + 1, *_span(months[number * 3 : number * 3 + 3])) for number in range(4)),
                   *(("Month", number, *span) for number, span in enumerate(months, start=1))]  # fmt: skip
        ids = [org.new_id("Period") for _ in periods]
        org.load(
            "Period",
            ["Id", "FiscalYearSettingsId", "Type", "Number", "StartDate", "EndDate", "IsForecastPeriod"],
            [(period, settings, kind, number, start, end, int(kind == "Month"))
             for period, (kind, number, start, end) in zip(ids, periods, strict=True)],
        )  # fmt: skip
        org.load(
            "FiscalYearSettings",
            ["Id", "PeriodId", "Name", "StartDate", "EndDate", "IsStandardYear", "YearType", "QuarterLabelScheme"],
            [(settings, ids[0], str(year), *_span(months), 1, "Standard", "NumberByYear")],
        )


def _span(months: list[tuple[date, date]]) -> tuple[date, date]:
    return months[0][0], months[-1][1]


def _last_day(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
