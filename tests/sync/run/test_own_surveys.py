"""Surveys that an org keeps in an object of its own: found by name, followed like everything else."""

from datetime import timedelta
from typing import Any

import pytest
from followed_org import Followed

SURVEYS = """
    SELECT kind, score, asked_on::text, answered_on::text, comment, customer_id FROM cs_v1.survey ORDER BY kind
"""


@pytest.fixture
def surveyed(followed: Followed) -> Followed:
    """The first customer was asked for its NPS; a project has a field of the same name, and is no survey."""
    catalog = followed.org.catalog
    for name in ("Customer_Survey__c", "Project__c"):
        catalog.add_object(name)
        catalog.add_field(name, "Clinic__c", "reference", reference_to=("Account",))
        catalog.add_field(name, "NPS_Score__c", "double", precision=3, scale=0)
    catalog.add_field("Customer_Survey__c", "Answer__c", "date", label="Response Date")
    catalog.add_field("Customer_Survey__c", "Sent_On__c", "date")
    catalog.add_field("Customer_Survey__c", "Verbatim__c", "string")
    followed.org.insert("Project__c", {"Clinic__c": followed.accounts[0], "NPS_Score__c": 10})
    return followed


def ask(followed: Followed, **values: Any) -> str:
    """Send a survey to the first customer."""
    return followed.org.insert(
        "Customer_Survey__c", {"Clinic__c": followed.accounts[0], "Sent_On__c": "2026-08-01", **values}
    )


def test_an_answer_in_salesforce_is_followed(surveyed: Followed):
    """Sent, answered, corrected, deleted and taken back: what counts is what the org says now."""
    survey = ask(surveyed)
    surveyed.sync(snapshot=True)
    customer = surveyed.accounts[0]
    assert surveyed.ask(SURVEYS) == [("nps", None, "2026-08-01", None, None, customer)]

    for score in (9, 4):
        surveyed.org.clock.move(by=timedelta(minutes=5))
        said = {"NPS_Score__c": score, "Answer__c": "2026-08-03", "Verbatim__c": f"{score} it is"}
        surveyed.org.update("Customer_Survey__c", survey, said)
        surveyed.sync()
        assert surveyed.ask(SURVEYS) == [("nps", score, "2026-08-01", "2026-08-03", f"{score} it is", customer)]

    surveyed.org.clock.move(by=timedelta(minutes=5))
    surveyed.org.delete("Customer_Survey__c", survey)
    surveyed.sync()
    assert surveyed.ask(SURVEYS) == []
    assert surveyed.ask("SELECT count(*) FROM cs.survey_answer WHERE NOT is_void") == [(3,)]


def test_a_pass_that_touches_no_survey_keeps_none(surveyed: Followed):
    """Reading everything anew doubles nothing, and a word where a score belongs is no answer."""
    ask(surveyed, NPS_Score__c=11)
    surveyed.sync(snapshot=True)
    surveyed.sync(snapshot=True)
    surveyed.org.update("Opportunity", surveyed.deals[0], {"NextStep": "Call"})
    surveyed.sync()

    assert surveyed.ask("SELECT score, is_void FROM cs.survey_answer") == [(None, False)]
