"""How the statements say what must come back."""

from dataclasses import dataclass
from typing import Any

FIELD, MALFORMED, TYPE = "INVALID_FIELD", "MALFORMED_QUERY", "INVALID_TYPE"
OPERATOR = "INVALID_QUERY_FILTER_OPERATOR"
_REMEDY = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(frozen=True)
class Refused:
    """The code and the whole text behind the excerpt; the column unless the text has none."""

    code: str
    reason: str
    column: int | None = None
    row: int = 1


@dataclass(frozen=True)
class Total:
    """A size without records: SELECT COUNT()."""

    size: int


@dataclass(frozen=True)
class QueryAll:
    """The statement is sent to queryAll instead of query."""

    soql: str


def no_token(token: str, column: int, row: int = 1) -> Refused:
    """A word where it cannot stand."""
    return Refused(MALFORMED, f"unexpected token: '{token}'", column, row)


def no_column(name: str, entity: str, column: int) -> Refused:
    """A field that does not exist."""
    reason = (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append "
        f"the '__c' after the custom field name. {_REMEDY}"
    )
    return Refused(FIELD, reason, column)


def no_object(name: str, column: int) -> Refused:
    """An object that does not exist."""
    reason = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        f"'__c' after the entity name. {_REMEDY}"
    )
    return Refused(TYPE, reason, column)


def no_relationship(name: str, column: int, *, children: bool = False) -> Refused:
    """A lookup, or a set of children, that does not exist."""
    place = "FROM part of query call" if children else "field path"
    reason = (
        f"Didn't understand relationship '{name}' in {place}. If you are attempting to use a custom "
        f"relationship, be sure "
        f"to append the '__r' after the custom relationship name. {_REMEDY}"
    )
    return Refused(TYPE if children else FIELD, reason, column)


def shown(value: Any) -> Any:
    """A record as the tables show it: its values without attributes, a single one bare, children as a list."""
    if not isinstance(value, dict):
        return value
    if "records" in value:
        return [shown(each) for each in value["records"]]
    values = tuple(shown(each) for key, each in value.items() if key != "attributes")
    return values[0] if len(values) == 1 else values
