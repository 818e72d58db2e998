"""Salesforce record ids: 15 characters in which case matters, or 18 in which three check characters repeat the case."""

import re

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-5]{3})?")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str | None:
    """Return the 18-character form of an id, or None when the text is no id.

    The last three characters say which of the first fifteen are upper case, so an 18-character id survives a program
    that changed its case.
    """
    text = text.strip()
    if not _ID.fullmatch(text):
        return None
    if len(text) == 18:
        return _repaired(text)
    return text + _check(text)


def _check(short: str) -> str:
    bits = [sum(1 << place for place, letter in enumerate(short[i : i + 5]) if letter.isupper()) for i in (0, 5, 10)]
    return "".join(_CHECK[value] for value in bits)


def _repaired(text: str) -> str:
    bits = [_CHECK.index(letter) for letter in text[15:].upper()]
    letters = [
        letter.upper() if bits[place // 5] >> (place % 5) & 1 else letter.lower()
        for place, letter in enumerate(text[:15])
    ]
    return "".join(letters) + text[15:].upper()
