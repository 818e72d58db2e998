"""Turns literals of a statement into values: quoted texts with their escapes, dates, instants, ids."""

import re
from datetime import UTC, date, datetime

from demo_org.ids import normalise
from demo_org.soql.errors import error_at
from demo_org.soql.reader import Token

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_PLAIN |= {letter.upper(): value for letter, value in _PLAIN.items() if letter.isalpha()}
_FIRST_YEAR, _LAST_YEAR = 1700, 4000
LONGEST_TEXT = 4000

# The checksum of an 18-character id by its capitals, five letters at a time; a statement may hold thousands of ids.
_CAPITALS = str.maketrans({chr(code): "1" if chr(code).isupper() else "0" for code in range(128)})
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_CHECK = {f"{number:05b}"[::-1]: letter for number, letter in enumerate(_LETTERS)}
_ID18 = re.compile(r"[0-9A-Za-z]{18}\Z")


def text_value(statement: str, token: Token, *, pattern: bool = False) -> str:
    r"""The text a quoted literal stands for; as a pattern of LIKE it keeps \\% and \\_ (and \\\\) escaped."""
    body = token.text[1:-1]
    if len(body) > LONGEST_TEXT:
        raise too_long(statement, token.position)
    if "\\" not in body:
        return body

    def plain(found: re.Match[str]) -> str:
        escape = found[1]
        if pattern and escape in {"%", "_", "\\"}:
            return found[0]
        if len(escape) == 5:
            return chr(int(escape[1:], 16))
        if escape in _PLAIN:
            return _PLAIN[escape]
        position = token.position + 1 + found.start()
        raise error_at(statement, position, "MALFORMED_QUERY", f"Illegal escape character: '\\{escape}'")

    return _ESCAPE.sub(plain, body)


def date_value(statement: str, token: Token) -> date:
    """A date as it stands in a statement."""
    try:
        found = date.fromisoformat(token.text)
    except ValueError:
        raise _bad_date(statement, token, "date") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise _bad_date(statement, token, "date")
    return found


def instant_value(statement: str, token: Token) -> datetime:
    """An instant as it stands in a statement, in UTC."""
    try:
        found = datetime.fromisoformat(token.text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad_date(statement, token, "datetime") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise _bad_date(statement, token, "datetime")
    return found


def instant_text(instant: datetime) -> str:
    """An instant as the org stores it, with the milliseconds the literal had."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def id_value(text: str) -> str | None:
    """The 18-character form of an id of 15 or 18; None if it is none."""
    if len(text) == 18 and _ID18.match(text):
        capitals = text[:15].translate(_CAPITALS)
        if _CHECK[capitals[:5]] + _CHECK[capitals[5:10]] + _CHECK[capitals[10:]] == text[15:]:
            return text
    return normalise(text)


def too_long(statement: str, position: int) -> Exception:
    """A text of a condition has more characters than Salesforce takes."""
    reason = f"maximum length of a string in a query filter is {LONGEST_TEXT} characters"
    return error_at(statement, position, "MALFORMED_QUERY", reason)


def _bad_date(statement: str, token: Token, kind: str) -> Exception:
    return error_at(statement, token.position, "MALFORMED_QUERY", f"Invalid {kind}: {token.text}")
