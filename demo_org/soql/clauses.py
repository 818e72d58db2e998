"""Parses the clauses that change nothing about what is found: WITH, and what stands after LIMIT and OFFSET.

Much of it is for Apex or for knowledge articles only. It is read all the same, so that a mistake in it is told from
its use where it does not belong.
"""

from demo_org.soql.errors import SoqlError, error_at
from demo_org.soql.operand_parser import path
from demo_org.soql.reader import Reader

_APEX_MODES = ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")
# What the query parser of the REST API says of a clause that only Apex may use (release notes, summer 2024).
_APEX_ONLY = (
    "rule soqlWithIdentifierClause failed predicate: {this.helper.allowApexSyntax() && this.helper.hasApexContext()}?"
)
_SELECTORS = ("AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW")


def refuse_with(reader: Reader) -> None:
    """Refuse a WITH clause, if there is one: modes are for Apex, categories for articles this org does not have."""
    word = reader.accept("WITH")
    if word is None:
        return
    if reader.at(*_APEX_MODES):
        raise error_at(reader.text, reader.token.position, "MALFORMED_QUERY", _APEX_ONLY)
    reader.expect("DATA")
    reader.expect("CATEGORY")
    _category(reader)
    while reader.accept("AND"):
        _category(reader)
    reason = "Data category filters are supported for articles and questions only"
    raise error_at(reader.text, word.position, "MALFORMED_QUERY", reason)


def _category(reader: Reader) -> None:
    path(reader)
    if reader.accept(*_SELECTORS) is None:
        raise reader.unexpected()
    if not reader.accept("("):
        path(reader)
        return
    path(reader)
    while reader.accept(","):
        path(reader)
    reader.expect(")")


def purposes(reader: Reader) -> tuple[str, ...]:
    """What the records are read for: FOR VIEW or FOR REFERENCE, then FOR UPDATE."""
    found = []
    if reader.at("FOR") and reader.peek().word in {"VIEW", "REFERENCE"}:
        reader.advance()
        found.append(reader.advance().word)
    counted = reader.accept("UPDATE")
    if counted is not None:
        if reader.accept("TRACKING", "VIEWSTAT") is None:
            raise reader.unexpected()
        reason = "UPDATE TRACKING and UPDATE VIEWSTAT are supported for articles only"
        raise error_at(reader.text, counted.position, "MALFORMED_QUERY", reason)
    if reader.accept("FOR"):
        found.append(reader.expect("UPDATE").word)
    _refuse_all_rows(reader)
    return tuple(found)


def _refuse_all_rows(reader: Reader) -> SoqlError | None:
    rows = reader.accept("ALL")
    if rows is None:
        return None
    reader.expect("ROWS")
    raise error_at(reader.text, rows.position, "MALFORMED_QUERY", "ALL ROWS not allowed in this context")
