"""The story's deals have exactly the briefs that were read and approved, from the wire to the page."""

import json

import pytest
from story_briefs import BARE, DEALS, FOLDER, story_store, written_briefs

from models.session import Store

_HOW = "read the difference; when it is right, run: python tests/golden/story_briefs.py"
#: what no standard object of Salesforce tells; risks are found by rules, and open cases would stand there
_OWN_ONLY = {"what_success_means", "risks"}


@pytest.fixture(scope="module")
def briefs(new_database):
    """The briefs as they are made now."""
    store = Store(new_database())
    with story_store(store) as (filled, address):
        yield written_briefs(filled, address)
    store.close()


@pytest.mark.parametrize("name", [f"{deal}.{form}" for deal in (*DEALS, BARE) for form in ("json", "md")])
def test_a_brief_is_the_one_that_was_approved(briefs, name: str):
    """A change of how briefs are made is seen by whoever reviews it, line by line."""
    assert briefs[name] == (FOLDER / name).read_text(encoding="utf-8"), _HOW


def test_an_org_without_fields_of_its_own_has_something_in_every_section(briefs):
    """Standard objects fill the brief on the first day, and what they can't tell is a gap with an owner."""
    brief = json.loads(briefs[f"{BARE}.json"])
    empty = {
        section["key"]
        for section in brief["sections"]
        if not any(item["value"] is not None for item in section["items"])
    }
    gaps = {gap["key"]: gap["owner"] for gap in brief["completeness"]["missing"]}

    assert empty == _OWN_ONLY
    assert len(brief["risks"]) >= 3
    assert gaps == {"success_criteria": "admin", "go_live": "admin"}
    assert "__c" not in briefs[f"{BARE}.json"]


def test_every_value_of_the_approved_briefs_has_its_source(briefs):
    """Whatever a rep reads can be looked up in Salesforce."""
    unsourced = [
        (name, item["key"])
        for name, content in briefs.items()
        if name.endswith(".json")
        for section in json.loads(content)["sections"]
        for item in section["items"]
        if item["value"] is not None and not (item["source"] and item["source"]["object"] and item["source"]["field"])
    ]

    assert unsourced == []
