"""Salesforce ids: 15 case-sensitive characters, or 18 with a checksum that survives a change of case.

Characters 1-3 name the object (006 is a deal), 4-6 the server, 7-15 count. The org accepts both forms and always
answers with 18 (REST guide, "ID field type").
"""

import re

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in ASCII order: ids sort as they were made
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")
_VALUE = {digit: value for value, digit in enumerate(DIGITS)}

EMPTY_KEY = "000000000000000AAA"
MASTER_RECORD_TYPE = "012000000000000AAA"
SEQUENCE_LENGTH = 9


def checksum(id15: str) -> str:
    """The three characters that tell which of the fifteen are capital letters, five by five."""
    return "".join(
        _CHECK[sum(1 << bit for bit, letter in enumerate(id15[start : start + 5]) if "A" <= letter <= "Z")]
        for start in (0, 5, 10)
    )


def to18(id15: str) -> str:
    """The 18-character form of a 15-character id."""
    return id15 + checksum(id15)


def to15(record_id: str) -> str:
    """The 15-character form, as it appears in the addresses of Salesforce's pages."""
    return record_id[:15]


def is_id(value: object) -> bool:
    """Whether the value is an id in either form, with a right checksum if it has one."""
    return normalise(value) is not None


def normalise(value: object) -> str | None:
    """The 18-character form of an id given in either form; None if it is no id.

    The case of an 18-character id is repaired from its checksum, as Salesforce does for ids that passed through a
    spreadsheet.
    """
    if not isinstance(value, str) or not _SHAPE.match(value):
        return None
    if len(value) == 15:
        return to18(value)
    if checksum(value[:15]) == value[15:]:
        return value
    return _repair(value)


def _repair(value: str) -> str | None:
    letters = list(value[:15].lower())
    for group, check in enumerate(value[15:].upper()):
        if check not in _CHECK:
            return None
        mask = _CHECK.index(check)
        for bit in range(5):
            if mask >> bit & 1:
                position = group * 5 + bit
                if not letters[position].isalpha():
                    return None
                letters[position] = letters[position].upper()
    return "".join(letters) + value[15:].upper()


def encode(number: int, length: int = SEQUENCE_LENGTH) -> str:
    """A number in base 62, padded to the length."""
    letters = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        letters.append(DIGITS[rest])
    if number:
        raise ValueError(f"the number does not fit in {length} base-62 characters; start a new server id")
    return "".join(reversed(letters))


def decode(text: str) -> int:
    """The number a base-62 text stands for."""
    number = 0
    for letter in text:
        number = number * 62 + _VALUE[letter]
    return number


def make_id(key_prefix: str, server: str, number: int) -> str:
    """The id of the number-th record of an object on a server, in its 18-character form."""
    return to18(f"{key_prefix}{server}{encode(number)}")
