"""A mapping that people set is followed by all briefs from the next pass on."""

from typing import Any

import pytest
from followed_org import Followed
from test_briefs_follow import documents, stale

from sync.errors import MappingInvalid
from sync.shape.desk import checked_mapping, previewed_briefs, set_mapping, shown_mapping, whole_mapping

DOCUMENT = {"fields": {"success_criteria": ["Opportunity.Goals__c"]}}


def prepared(followed: Followed) -> str:
    """An org with a field that no alias finds, filled for one deal; returns the org's id."""
    followed.org.catalog.add_field("Opportunity", "Goals__c", "textarea", label="Zz", length=32_768)
    followed.org.update("Opportunity", followed.deals[0], {"Goals__c": "Rotas 14 days ahead"})
    followed.sync(snapshot=True)
    [(org_id,)] = followed.ask("SELECT org_id FROM ops.org")
    return str(org_id)


def choose(followed: Followed, org_id: str, document: dict[str, Any]) -> int:
    """Set a mapping."""
    with followed.store.writing() as session:
        return set_mapping(session, org_id, checked_mapping(session, org_id, document), by="a test")


def test_a_new_mapping_makes_all_briefs_anew_and_tells_nobody_of_an_update(followed: Followed):
    """CS reads the right line after the next pass; no listener takes it for news of a deal."""
    org_id = prepared(followed)
    assert "Rotas 14 days ahead" not in documents(followed)
    before = followed.ask("SELECT count(*) FROM cs.event")
    assert choose(followed, org_id, DOCUMENT) == 1
    report = followed.sync()

    assert "Rotas 14 days ahead" in documents(followed)
    assert report.briefs >= 1
    assert followed.ask("SELECT count(*) FROM cs.event") == before
    assert stale(followed) == []
    assert followed.sync().briefs == 0


def test_a_deal_that_changed_in_the_same_pass_is_still_news(followed: Followed):
    """Silence is for what only the mapping changed."""
    org_id = prepared(followed)
    choose(followed, org_id, DOCUMENT)
    followed.org.update("Opportunity", followed.deals[2], {"Amount": 4711})
    followed.sync()

    events = followed.ask("SELECT deal_id FROM cs.event WHERE type = 'deal.updated'")
    assert events == [(followed.deals[2],)]


def test_a_preview_shows_both_briefs_and_writes_nothing(followed: Followed):
    """People see what a mapping does before it does it."""
    org_id = prepared(followed)
    with followed.store.reading() as session:
        mapping = checked_mapping(session, org_id, DOCUMENT)
        before, after = previewed_briefs(session, org_id, mapping, followed.deals[0]) or ("", "")
        nobody = previewed_briefs(session, org_id, mapping, "006000000000009AAA")

    assert "Rotas 14 days ahead" not in before
    assert "Rotas 14 days ahead" in after
    assert nobody is None
    assert followed.ask("SELECT count(*) FROM ops.mapping") == [(0,)]


def test_a_mapping_is_held_against_the_fields_of_the_org(followed: Followed):
    """A field that is not there is refused, with the one that was probably meant."""
    org_id = prepared(followed)
    with (
        followed.store.reading() as session,
        pytest.raises(MappingInvalid, match=r"did you mean Opportunity\.Goals__c"),
    ):
        checked_mapping(session, org_id, {"fields": {"success_criteria": ["Opportunity.Goal__c"]}})


def test_the_mapping_is_shown_with_how_often_each_field_is_filled(followed: Followed):
    """One of three deals has goals; what is written out can be applied again."""
    org_id = prepared(followed)
    choose(followed, org_id, DOCUMENT)
    with followed.store.reading() as session:
        shown, whole = shown_mapping(session, org_id), whole_mapping(session, org_id)
        checked_mapping(session, org_id, whole)
    line = next(each for each in shown["lines"] if each["key"] == "success_criteria")

    assert (line["fields"], line["chosen"], line["fill_rate"]) == (["Opportunity.Goals__c"], True, 0.333)
    assert (shown["version"], shown["mapping"], shown["problems"]) == (1, DOCUMENT, [])
    assert whole["fields"]["success_criteria"] == ["Opportunity.Goals__c"]
