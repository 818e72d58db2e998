"""Ids for records that come without one: made from a text, always the same for the same text.

That makes a name a usable lookup: the account "Acme" and a deal that says "Acme" get the same id without any search,
and a reference to somebody who is not in the files points nowhere, as it may in the source.
"""

import hashlib

from demo_org.catalog import Catalog, FieldType
from demo_org.ids import SEQUENCE_LENGTH, checksum, encode, normalise, to18

_SERVER = "Im0"  # told apart from the ids the org itself makes
_SPACE = 62**SEQUENCE_LENGTH
#: of several objects a lookup may point at, the likeliest for a text that does not say
_LIKELY = ("User", "Opportunity", "Account", "Contact")


class Identities:
    """Turns whatever stands where an id is expected into an id."""

    def __init__(self, catalog: Catalog) -> None:
        self._prefixes = {name: described.id_prefix for name, described in catalog.stored.items()}
        self._made: dict[tuple[str, str], str] = {}

    def record(self, text: str, object_name: str) -> str:
        """The id of a record of the object."""
        return self._id(text, [self._prefixes[object_name]])

    def reference(self, text: str, field: FieldType) -> str:
        """The id of the record that a lookup means."""
        targets = sorted(field.reference_to, key=lambda name: _LIKELY.index(name) if name in _LIKELY else len(_LIKELY))
        known = [self._prefixes[name] for name in targets if name in self._prefixes]
        # A lookup to an object the org does not have still needs some prefix; no record will carry it.
        return self._id(text, known or ["0ZZ"])

    def make(self, text: str, object_name: str) -> str:
        """The id made from a text, even if the text looks like an id."""
        return self._make(text.strip(), self._prefixes[object_name])

    def _id(self, text: str, prefixes: list[str]) -> str:
        text = text.strip()
        # Many words have 15 or 18 letters: only a right checksum or a right prefix makes one an id.
        if len(text) == 18 and checksum(text[:15]) == text[15:] and text.isalnum():
            return text
        if text[:3] in prefixes and (known := normalise(text)) is not None:
            return known
        return self._make(text, prefixes[0])

    def _make(self, text: str, prefix: str) -> str:
        made = self._made.get((prefix, text))
        if made is None:
            number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % _SPACE
            made = self._made[prefix, text] = to18(f"{prefix}{_SERVER}{encode(number)}")
        return made
