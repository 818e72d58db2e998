"""A brief that was kept, without somebody who was erased. Everything else in it stays as it was, to the digit."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

#: the state of a line about somebody who was erased
ERASED = "erased"
#: what stands in the place of a name, in a text or as the label of a line
SOMEBODY = "Erased person"

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
#: what a person's entry says that is not about who they are
_KEPT = frozenset({"contact_id", "role", "is_primary", "touches", "last_touch_on", "signed_on"})
_SHORTEST_WORD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """Whom nothing may name any more."""

    contact_id: str
    #: names, addresses and numbers
    texts: tuple[str, ...]
    #: ids of records whose texts are about them
    records: frozenset[str]

    def words(self) -> re.Pattern[str] | None:
        """Finds their names in a text; whole words only, so that short ones spoil no others."""
        wanted = sorted({each for each in self.texts if len(each) >= _SHORTEST_WORD}, key=len, reverse=True)
        named = "|".join(map(re.escape, wanted))
        return re.compile(rf"(?<!\w)(?:{named})(?!\w)", re.IGNORECASE) if wanted else None


def forget_in_brief(document: str, person: Forgotten) -> str:
    """Return the document without the person."""
    brief: dict[str, Any] = _DECODER.decode(document)
    named = person.words()
    for section in brief.get("sections", ()):
        section["items"] = [_line(item, person) for item in section["items"]]
    return _ENCODER.encode(_unnamed(brief, person.contact_id, named)).decode()


def _line(item: dict[str, Any], person: Forgotten) -> dict[str, Any]:
    value, source = item.get("value"), item.get("source") or {}
    if isinstance(value, dict) and value.get("contact_id") == person.contact_id:
        label = SOMEBODY if item["key"] == "person" else item["label"]
        return {**item, "label": label, "state": ERASED}
    if source.get("record_id") in person.records:
        return {**item, "value": None, "state": ERASED}
    return item


def _unnamed(value: Any, contact_id: str, named: re.Pattern[str] | None) -> Any:
    match value:
        case dict():
            if value.get("contact_id") == contact_id:
                return {name: each if name in _KEPT else None for name, each in value.items()}
            return {name: _unnamed(each, contact_id, named) for name, each in value.items()}
        case list():
            return [_unnamed(each, contact_id, named) for each in value]
        case str() if named is not None:
            return named.sub(SOMEBODY, value)
    return value
