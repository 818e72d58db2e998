"""How the org says that a query is wrong: the excerpt, a caret below the mistake, its row and column, then the reason.

The layout and the texts are those of the REST guide and of recorded replies; clients take object and field out of them.
"""

import re

from demo_org.errors import SalesforceFault

# About thirty characters on either side, widened to whole words; recorded replies of many orgs agree on that.
_AROUND = 30
_LONGEST_WORD = 80  # a list of ids without blanks is no word
_WORD_START = re.compile(r"[^\s,]*\Z")
_WORD_END = re.compile(r"[^\s,]*")
_REMEDY = "Please reference your WSDL or the describe call for the appropriate names."


class SoqlError(SalesforceFault):
    """A query the org does not take: Salesforce's code and message, always with status 400."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(400, code, message)


def error_at(text: str, position: int, code: str, reason: str) -> SoqlError:
    """The error with the excerpt of the query around the position and the caret below it."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start : len(text) if end < 0 else end]
    column = position - start
    first = _widened_back(line, max(0, column - _AROUND))
    excerpt = line[first : _widened(line, column + _AROUND)]
    row = text.count("\n", 0, position) + 1
    place = f"ERROR at Row:{row}:Column:{column + 1}"
    return SoqlError(code, f"\n{excerpt}\n{' ' * (column - first)}^\n{place}\n{reason}")


def _widened_back(line: str, place: int) -> int:
    found = _WORD_START.search(line, max(0, place - _LONGEST_WORD), place)
    return place if found is None or place == 0 else found.start()


def _widened(line: str, place: int) -> int:
    found = _WORD_END.match(line, place, place + _LONGEST_WORD)
    return place if found is None else found.end()


def unexpected(text: str, position: int, token: str) -> SoqlError:
    """A word or sign that cannot stand where it stands."""
    return error_at(text, position, "MALFORMED_QUERY", f"unexpected token: '{token}'")


def strange_character(text: str, position: int) -> SoqlError:
    """A character that no word of SOQL contains; its place is counted from nought."""
    row, column = text.count("\n", 0, position) + 1, position - (text.rfind("\n", 0, position) + 1)
    return SoqlError("MALFORMED_QUERY", f"line {row}:{column} unexpected token: '{text[position]}'")


def no_such_column(text: str, position: int, name: str, object_name: str) -> SoqlError:
    """The object has no such field, or it is hidden from the user: Salesforce does not tell which."""
    reason = (
        f"No such column '{name}' on entity '{object_name}'. If you are attempting to use a custom field, be sure to "
        f"append the '__c' after the custom field name. {_REMEDY}"
    )
    return error_at(text, position, "INVALID_FIELD", reason)


def no_such_object(text: str, position: int, name: str) -> SoqlError:
    """There is no such object, or the org does not use the feature it belongs to."""
    reason = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        f"'__c' after the entity name. {_REMEDY}"
    )
    return error_at(text, position, "INVALID_TYPE", reason)


def no_such_relationship(text: str, position: int, name: str, place: str) -> SoqlError:
    """No lookup of a field path has this name."""
    return error_at(text, position, "INVALID_FIELD", _not_understood(name, place))


def no_such_children(text: str, position: int, name: str) -> SoqlError:
    """No set of children has this name."""
    return error_at(text, position, "INVALID_TYPE", _not_understood(name, "FROM part of query call"))


def _not_understood(name: str, place: str) -> str:
    return (
        f"Didn't understand relationship '{name}' in {place}. If you are attempting to use a custom relationship, be "
        f"sure to append the '__r' after the custom relationship name. {_REMEDY}"
    )
