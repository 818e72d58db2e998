"""Turns records of text into loadable rows: values read, lookups resolved, what a save would derive filled in."""

from collections.abc import Iterable, Mapping
from typing import Any

from demo_org.catalog import FieldType
from demo_org.load.identity import Identities
from demo_org.load.report import Findings
from demo_org.load.values import read_value, wanted
from demo_org.store import Org

Row = dict[str, Any]


class RowReader:
    """Reads the records of one file for one object."""

    def __init__(self, org: Org, object_name: str, file: str, identities: Identities, findings: Findings) -> None:
        self.described = org.catalog.stored_object(object_name)
        self._file = file
        self._identities = identities
        self._findings = findings

    def value(self, text: str, field: FieldType, column: str) -> Any:
        """The stored form of a text; None, and a line in the report, if the field cannot hold it."""
        text = text.strip()
        if not text:
            return None
        if field.type == "id":
            return self._identities.record(text, self.described.name)
        if field.type == "reference":
            return self._identities.reference(text, field)
        try:
            return read_value(text, field)
        except ValueError:
            self._findings.unreadable(self._file, column, text, wanted(field))
            return None


def complete(object_name: str, row: Row) -> Row:
    """Fill in what Salesforce would have derived from the rest of the row."""
    if object_name in {"User", "Contact", "Lead"}:
        _person(row)
    if object_name == "User":
        _user(row)
    if object_name == "Opportunity":
        _opportunity(row)
    if object_name == "OpportunityHistory":
        row.setdefault("SystemModstamp", row.get("CreatedDate"))
    return row


def load_rows(org: Org, object_name: str, rows: Iterable[Row], findings: Findings) -> None:
    """Load rows that may fill different fields."""
    found = list(rows)
    columns = list(dict.fromkeys(name for row in found for name in row))
    if not found or not columns:
        return
    ids = [row["Id"] for row in found if row.get("Id")]
    if len(set(ids)) < len(ids):
        findings.note(
            f"{object_name}: rows with an id that came before replace the former", times=len(ids) - len(set(ids))
        )
    findings.rows[object_name] += org.load(object_name, columns, ([row.get(name) for name in columns] for row in found))


def _person(row: Row) -> None:
    if row.get("Name") and not row.get("LastName"):
        *first, last = str(row["Name"]).split()
        row["LastName"] = last
        if first and not row.get("FirstName"):
            row["FirstName"] = " ".join(first)
    if not row.get("Name"):
        row["Name"] = " ".join(row[part] for part in ("FirstName", "LastName") if row.get(part)) or None


def _user(row: Row) -> None:
    handle = "".join(letter if letter.isalnum() else "." for letter in str(row.get("Name") or row.get("Id"))).lower()
    defaults = {
        "Username": f"{handle}@import.example", "Email": f"{handle}@import.example", "Alias": handle[:8],
        "CommunityNickname": handle[:40], "UserType": "Standard", "TimeZoneSidKey": "UTC", "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8",
    }  # fmt: skip
    row |= {name: value for name, value in defaults.items() if row.get(name) is None}


def _opportunity(row: Row) -> None:
    close = row.get("CloseDate")
    if close and row.get("FiscalYear") is None:
        year, quarter = int(close[:4]), (int(close[5:7]) - 1) // 3 + 1
        row |= {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": row.get("Fiscal") or f"{year} {quarter}"}
    if row.get("ExpectedRevenue") is None and row.get("Amount") is not None and row.get("Probability") is not None:
        row["ExpectedRevenue"] = round(row["Amount"] * row["Probability"] / 100, 2)


def defaults_of(table_defaults: Mapping[str, Any], reader: RowReader, *, pricebook: str) -> Row:
    """The default values of a mapping in stored form."""
    row: Row = {}
    for name, value in table_defaults.items():
        field = reader.described.field(name)
        if field is None:
            raise KeyError(name)
        text = pricebook if value == "@standard_pricebook" else str(value)
        row[field.name] = reader.value(text, field, name)
    return row
