"""Which custom fields tell about renewals what no standard field does: found by label or API name, like a brief's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sync.shape.aggregate import Row
from sync.shape.aliases import plain
from sync.shape.lookup import FieldMap
from sync.shape.mapping import Place
from sync.shape.value import day, money, number

#: what is looked for -> the names that fields have for it, in order of preference
_NAMES: dict[str, tuple[str, ...]] = {
    "renewed_contract": ("Renewed Contract", "SBQQ__RenewedContract__c", "Previous Contract"),
    "amended_contract": ("Amended Contract", "SBQQ__AmendedContract__c"),
    "renewed_deal": (
        "Renewed Opportunity", "Renewed Opportunities", "Originating Opportunity", "Original Opportunity",
        "Previous Opportunity", "Renewal Of",
    ),
    "is_renewal": ("Is Renewal", "Renewal", "SBQQ__Renewal__c"),
    "is_evergreen": ("Evergreen", "Is Evergreen", "Month To Month", "SBQQ__Evergreen__c"),
    "escalator": ("Annual Uplift", "Annual Uplift Percent", "Escalator", "Escalator Percent", "Price Escalator"),
    "up_for_renewal": ("ARR Up For Renewal", "ATR", "Available To Renew"),
    "notice_given_on": ("Notice Given On", "Notice Given Date", "Cancellation Notice Received"),
    "ended_on": ("Ended On", "Service Ended On", "Cancelled On"),
}  # fmt: skip
_BY_NAME = {plain(name): (line, rank) for line, names in _NAMES.items() for rank, name in enumerate(names)}
_ID = re.compile(r"\b[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b")


@dataclass(frozen=True, slots=True)
class Fields:
    """Answers "what does this record say about that"; the org's mapping counts for lines that briefs have, too."""

    of_renewals: Mapping[str, tuple[Place, ...]]
    of_briefs: FieldMap

    def text(self, line: str, object_name: str, row: Row | None) -> Any:
        """What a record holds for a line, as Salesforce sent it."""
        if row is None:
            return None
        custom = row.get("custom") or {}
        for place, field in (*self.of_renewals.get(line, ()), *self.of_briefs.get(line, ())):
            held = custom.get(field) if field.endswith("__c") else row.get(field.lower())
            if place == object_name and held not in (None, ""):
                return held
        return None

    def name_of(self, line: str, object_name: str, row: Row | None) -> str | None:
        """The API name of the field that `text` reads."""
        custom = (row or {}).get("custom") or {}
        for place, field in (*self.of_renewals.get(line, ()), *self.of_briefs.get(line, ())):
            held = custom.get(field) if field.endswith("__c") else (row or {}).get(field.lower())
            if place == object_name and held not in (None, ""):
                return field
        return None

    def day(self, line: str, object_name: str, row: Row | None) -> date | None:
        """What it holds, if that is a day."""
        return day(self.text(line, object_name, row))

    def amount(self, line: str, object_name: str, row: Row | None) -> Decimal | None:
        """What it holds, if that is an amount."""
        return money(self.text(line, object_name, row))

    def number(self, line: str, object_name: str, row: Row | None) -> Decimal | None:
        """What it holds, if that is a number."""
        return number(self.text(line, object_name, row))

    def says_yes(self, line: str, object_name: str, row: Row | None) -> bool:
        """Whether it holds a tick, or a word for one."""
        return str(self.text(line, object_name, row)).strip().casefold() in {"true", "yes", "y", "1", "auto"}

    def ids(self, line: str, object_name: str, row: Row | None) -> list[str]:
        """The record ids in it: a lookup holds one, a text may hold several."""
        return _ID.findall(str(self.text(line, object_name, row) or ""))


def fields_of(labels: Mapping[Place, str], of_briefs: FieldMap) -> Fields:
    """Find out which fields of the org tell about renewals."""
    ranked: dict[str, list[tuple[int, Place]]] = {}
    for place, label in labels.items():
        for name in {plain(label), plain(place[1])}:
            if place[1].endswith("__c") and name in _BY_NAME:
                line, rank = _BY_NAME[name]
                ranked.setdefault(line, []).append((rank, place))
    return Fields({line: tuple(place for _, place in sorted(found)) for line, found in ranked.items()}, of_briefs)
