"""No value that an org can hold keeps a deal from having its brief."""

import json
from datetime import UTC, date, datetime

from aggregates import DEAL_ID, contract, won_deal
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.shape.aliases import ALIASES
from sync.shape.brief import shape_brief

NAMES = st.sampled_from([f"{name.replace(' ', '_')}__c" for _, names in ALIASES.values() for name in names])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(-1e15, 1e15),
    st.text(),
    st.sampled_from(
        [
            "",
            " ",
            "003000000000001AAA",
            "005000000000009AAA",
            "2026-13-45",
            "99999 months",
            "0",
            "-3",
            "1e5",
            "9" * 40,
            "1e-30",
        ]
    ),
)
DAYS = st.none() | st.dates()
INSTANTS = st.none() | st.datetimes(timezones=st.just(UTC))


@given(custom=st.dictionaries(NAMES, VALUES), start=DAYS, end=DAYS, months=st.none() | st.integers(-5000, 99999))
@settings(deadline=None)
def test_any_custom_value_and_any_contract_gives_a_brief(custom, start, end, months):
    """One odd record never stops the briefs of all others."""
    agreed = contract(startdate=start, enddate=end, contractterm=months)
    document = json.loads(shape_brief(won_deal(custom=custom, contract=agreed)).json())

    assert document["deal_id"] == DEAL_ID
    assert 0 <= document["completeness"]["score"] <= 100


@given(created=INSTANTS, close=DAYS, amount=st.none() | st.decimals(-(10**17), 10**17, places=5), probability=st.none())
@settings(deadline=None)
def test_any_deal_gives_a_brief(created, close, amount, probability):
    """Neither missing nor extreme dates and amounts break it."""
    deal = {"createddate": created, "closedate": close, "amount": amount, "probability": probability, "iswon": True}
    row = {"id": "008", "createddate": created, "closedate": close, "amount": amount, "stagename": None, "custom": {}}
    items = [{**won_deal().items[0], "createddate": created, "totalprice": amount, "listprice": amount}]
    aggregate = won_deal(deal=deal, history=[row, {**row, "id": "009"}], items=items)

    assert json.loads(shape_brief(aggregate).json())["deal_id"] == DEAL_ID


def test_the_last_day_of_the_calendar_is_no_crash():
    """A contract without end is written as 9999 in many orgs."""
    endless = contract(startdate=date(9998, 1, 1), enddate=date(9999, 12, 31))
    aggregate = won_deal(contract=endless, deal={"createddate": datetime(1900, 1, 1, tzinfo=UTC)})

    renewal = shape_brief(aggregate).document()["renewal"]

    assert (renewal["due_on"], renewal["notice_by"]) == ("9999-12-31", None)
