"""People who asked to be erased: a line about one of them says so, and is not taken for one that nobody filled."""

from collections.abc import Iterable

import msgspec

from models.forgotten_brief import SOMEBODY
from sync.shape.aggregate import Aggregate
from sync.shape.value import Item, Section, State


def with_erased(sections: Iterable[Section], aggregate: Aggregate) -> tuple[Section, ...]:
    """The sections, with the state `erased` in lines about people who were erased."""
    erased = frozenset(each for each, row in aggregate.contacts.items() if row.get("is_erased"))
    if not erased:
        return tuple(sections)
    return tuple(
        msgspec.structs.replace(section, items=tuple(_line(item, erased) for item in section.items))
        for section in sections
    )


def _line(item: Item, erased: frozenset[str]) -> Item:
    if not isinstance(item.value, dict) or item.value.get("contact_id") not in erased:
        return item
    label = SOMEBODY if item.key == "person" else item.label
    return msgspec.structs.replace(item, label=label, state=State.ERASED)
