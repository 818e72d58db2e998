"""How much of what CS needs is there, and who can supply the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.shape.value import Item, Section, State


@dataclass(frozen=True, slots=True)
class Required:
    """One thing a brief should have, and how much it counts."""

    key: str
    label: str
    weight: int
    section: str
    #: any one of these lines will do
    items: tuple[str, ...]
    #: who can fill the line in Salesforce, where it is there and empty
    owner: str = "AE"


REQUIRED = (
    Required("success_criteria", "Success criteria", 20, "what_success_means", ("success_criteria",)),
    Required("champion", "Champion", 15, "who_bought", ("champion",)),
    Required("economic_buyer", "Economic buyer", 10, "who_bought", ("economic_buyer",)),
    Required("pain", "Why they bought", 15, "why_they_bought", ("pain",)),
    Required("products", "What was sold", 10, "what_was_sold", ("line_item",)),
    Required("terms", "Terms and renewal date", 10, "terms", ("due_on",)),
    Required("promises", "What was promised", 10, "what_was_promised", ("commitments", "special_conditions", "note")),
    Required("go_live", "Go-live target", 5, "implementation", ("go_live_on",)),
    Required("competitors", "Competitors", 5, "how_we_won", ("competitors",)),
    # Asked for without a weight: a brief is complete without them, and better with them.
    Required("executive_sponsor", "Executive sponsor", 0, "who_bought", ("executive_sponsor",)),
    Required("reason_won", "Why now, why us", 0, "why_they_bought", ("why_now", "why_us")),
    Required("csm", "Customer success manager", 0, "internal_people", ("csm",), owner="CS"),
)

_ADMIN = {State.NO_ACCESS, State.NOT_MAPPED}


def completeness(sections: Sequence[Section], *, salesforce_url: str) -> dict[str, Any]:
    """Score the brief from 0 to 100 and list its gaps, the heaviest first; those without a weight stand apart.

    A field that may not be read counts as missing, but its gap is the admin's to close, not the seller's.
    """
    by_key = {section.key: section for section in sections}
    missing = []
    filled = 0
    for required in REQUIRED:
        items = _items(by_key, required)
        if any(item.filled for item in items):
            filled += required.weight
            continue
        state = _state(items)
        missing.append({
            "key": required.key,
            "label": required.label,
            "section": required.section,
            "weight": required.weight,
            "owner": "admin" if state in _ADMIN else required.owner,
            "state": state.value,
            **_where(items, state),
            "salesforce_url": salesforce_url,
        })  # fmt: skip
    total = sum(required.weight for required in REQUIRED)
    missing.sort(key=lambda gap: -int(str(gap["weight"])))
    return {
        "score": round(100 * filled / total),
        "missing": [gap for gap in missing if gap["weight"]],
        "also_missing": [gap for gap in missing if not gap["weight"]],
    }


def _where(items: list[Item], state: State) -> dict[str, str | None]:
    """Which field of which object closes the gap, where there is one."""
    source = next((item.source for item in items if item.state is state and item.source is not None), None)
    return {"object": None if source is None else source.object, "field": None if source is None else source.field}


def _items(sections: Mapping[str, Section], required: Required) -> list[Item]:
    section = sections.get(required.section)
    return [] if section is None else [item for item in section.items if item.key in required.items]


def _state(items: list[Item]) -> State:
    states = {item.state for item in items}
    for state in (State.EMPTY, State.NO_ACCESS):
        if state in states:
            return state
    return State.NOT_MAPPED
