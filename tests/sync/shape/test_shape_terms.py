"""When a deal is up for renewal, how we know, and how sure that is."""

from datetime import date
from typing import Any

import pytest
from aggregates import DEAL_CUSTOM, contract, won_deal
from hypothesis import given
from hypothesis import strategies as st

from sync.shape.aggregate import Aggregate
from sync.shape.brief import shape_brief
from sync.shape.commercial import add_months


def renewal(aggregate: Aggregate) -> Any:
    """The renewal block of the brief."""
    return shape_brief(aggregate).document()["renewal"]


def test_the_contract_of_the_deal_says_when_it_ends():
    """The end date of the contract is the last day of paid service."""
    found = renewal(won_deal())

    assert (found["due_on"], found["provenance"], found["confidence"]) == ("2027-06-30", "contract", "high")
    assert found["atr"] == 20000


def test_an_end_date_that_is_missing_follows_from_start_and_term():
    """Start plus term months minus one day, as Salesforce itself computes it."""
    found = renewal(won_deal(contract=contract(enddate=None)))

    assert (found["due_on"], found["confidence"]) == ("2027-06-30", "high")


@pytest.mark.parametrize(
    ("period", "deadline"),
    [
        ("3 months", "2027-03-31"),  # 1 July minus 3 months minus 1 day
        ("90 days", "2027-04-01"),  # 30 June minus 90 days
        (60, "2027-05-01"),
        ("2 weeks", "2027-06-16"),
        ("on request", None),
    ],
)
def test_the_notice_deadline_is_computed_from_the_notice_period(period, deadline):
    """The day that matters is shown beside the renewal date."""
    found = renewal(won_deal(custom={**DEAL_CUSTOM, "Notice_Period__c": period}))

    assert found["notice_by"] == deadline


def test_an_opt_out_date_needs_no_arithmetic():
    """A date that somebody wrote down wins over a period."""
    found = renewal(won_deal(custom={**DEAL_CUSTOM, "Opt_Out_Date__c": "2027-02-15"}))

    assert found["notice_by"] == "2027-02-15"


def test_without_a_contract_of_its_own_the_customers_contract_of_that_time_is_taken_with_less_confidence():
    """A contract that starts at the win is probably the deal's, and the brief says probably."""
    found = renewal(won_deal(contract=None, contracts=[contract(startdate=date(2025, 1, 1)), contract()]))

    assert (found["due_on"], found["provenance"], found["confidence"]) == (
        "2027-06-30",
        "contract_of_customer",
        "medium",
    )


def test_without_any_contract_a_renewal_field_counts_and_then_start_and_term():
    """The brief says which of the two it was."""
    field = renewal(won_deal(contract=None, custom={"Renewal_Date__c": "2027-05-31"}))
    term = renewal(won_deal(contract=None, custom={"Start_Date__c": "2026-08-01", "Term_Months__c": 24.0}))
    guess = renewal(won_deal(contract=None, custom={"Term_Months__c": "1 year"}))

    assert (field["due_on"], field["provenance"]) == ("2027-05-31", "renewal_field")
    assert (term["due_on"], term["provenance"], term["confidence"]) == ("2028-07-31", "start_and_term", "medium")
    assert (guess["due_on"], guess["confidence"]) == ("2027-06-30", "low")


def test_nothing_known_is_no_renewal_and_a_risk():
    """No date is invented."""
    document = shape_brief(won_deal(contract=None, custom={})).document()

    assert document["renewal"] is None
    assert "renewal_unknown" in {risk["rule"] for risk in document["risks"]}


@given(st.dates(date(1970, 1, 1), date(2100, 12, 31)), st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month_and_never_skips_one(start, months):
    """31 January plus one month is the last of February."""
    result = add_months(start, months)

    assert (result.year * 12 + result.month) - (start.year * 12 + start.month) == months
    assert result.day <= start.day
    assert result.day == start.day or add_months(result, 0).day >= 28
