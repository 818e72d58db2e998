"""What the briefs of the story hide from whom: no sum, and nobody's address, stands anywhere in them any more."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.read.covered_brief import covered_brief
from app.read.encode import to_json
from app.read.sight import Sight

BRIEFS = sorted((Path(__file__).parent / "briefs").glob("*.json"))
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


def within(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value of a document, with its name."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from within(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from within(each, name)
    else:
        yield name, value


def of_sections(document: dict[str, Any], *keys: str) -> list[tuple[str, Any]]:
    """The single values of some sections."""
    return [each for section in document["sections"] if section["key"] in keys for each in within(section["items"])]


@pytest.fixture(params=BRIEFS, ids=[path.stem for path in BRIEFS])
def brief(request) -> dict[str, Any]:
    """A brief of the story."""
    return _DECODER.decode(request.param.read_bytes())


def test_no_sum_is_left_for_who_may_not_see_amounts(brief):
    """What was paid for it can't be read out of stages, earlier deals or risks either."""
    sums = {value for _, value in of_sections(brief, "money", "what_was_sold") if isinstance(value, Decimal)}
    covered = covered_brief(brief, Sight(commercial=False))
    left = {value for _, value in within(covered) if isinstance(value, Decimal)}

    assert {value for value in sums if value >= 100} & left == set()
    assert not any(f"{value:,}" in risk["detail"] for value in sums if value >= 100 for risk in covered["risks"])


def test_nobody_can_be_reached_by_who_may_not_see_contacts(brief):
    """No address, number or id of a person is left, and the people's section names nobody."""
    told = {value for name, value in within(brief) if name in {"email", "phone", "contact_id"} and value}
    covered = covered_brief(brief, Sight(contacts=False))
    names = {value for name, value in of_sections(brief, "who_bought") if name == "name" and value}
    text = to_json([section for section in covered["sections"] if section["key"] == "who_bought"]).decode()

    assert {value for _, value in within(covered)} & told == set()
    assert not any(name in text for name in names)


def test_the_story_has_sums_and_people_to_hide():
    """The tests above would notice if something were shown."""
    briefs = [_DECODER.decode(path.read_bytes()) for path in BRIEFS]
    values = [each for brief in briefs for each in of_sections(brief, "money", "who_bought")]

    assert sum(isinstance(value, Decimal) for _, value in values) >= len(briefs)
    assert sum(name == "email" and value is not None for name, value in values) >= len(briefs) - 1
