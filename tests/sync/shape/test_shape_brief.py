"""A brief says what the records say, where each value is from, and what is missing."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from aggregates import ANA, BEN, DEAL_CUSTOM, DEAL_ID, SELLER, at, row, won_deal

from sync.shape.aggregate import WHOLE_OBJECT, Aggregate
from sync.shape.brief import shape_brief, shape_briefs

SECTIONS = [
    "who_they_are", "why_they_bought", "what_success_means", "who_bought", "what_was_sold", "money", "terms",
    "what_was_promised", "how_we_won", "implementation", "risks", "how_the_deal_went", "prior_history",
    "internal_people", "files",
]  # fmt: skip


def item(aggregate: Aggregate, section: str, key: str) -> dict[str, Any]:
    """One line of the brief."""
    document = shape_brief(aggregate).document()
    items = next(each["items"] for each in document["sections"] if each["key"] == section)
    return next(each for each in items if each["key"] == key)


def rules(aggregate: Aggregate) -> set[str]:
    """The rules that found a risk."""
    return {risk["rule"] for risk in shape_brief(aggregate).document()["risks"]}


def test_sections_come_in_the_order_in_which_a_handoff_is_read():
    """CS finds the same thing in the same place in every brief."""
    document = shape_brief(won_deal()).document()

    assert [section["key"] for section in document["sections"]] == SECTIONS


def test_a_draft_was_never_won_whatever_its_history_says():
    """A deal that was won once and reopened has no day of winning while it is only expected."""
    draft = replace(won_deal(), is_draft=True)
    header = shape_brief(draft).document()

    assert (header["won_at"], header["won_on"]) == (None, None)
    assert item(draft, "how_the_deal_went", "cycle_days")["value"] is None


def test_the_header_names_deal_customer_money_owner_and_the_instant_of_the_win():
    """The first line of a brief needs no scrolling."""
    document = shape_brief(won_deal()).document()

    assert document["deal_id"] == DEAL_ID
    assert document["customer"]["name"] == "Acme"
    assert document["owner"]["name"] == "Sam Seller"
    assert (document["amount"], document["arr"], document["tcv"]) == (Decimal("20000.00"), Decimal("20000.00"), None)
    assert document["currency"] == "USD"
    assert document["won_at"] == "2026-07-01T14:00:00Z"
    assert document["won_on"] == "2026-07-01"


def test_without_a_history_the_close_date_says_when_it_was_won():
    """An imported deal has a day, not an invented instant."""
    document = shape_brief(won_deal(history=[])).document()

    assert document["won_at"] is None
    assert document["won_on"] == "2026-07-01"


def test_every_value_tells_its_source_and_state():
    """A rep can check any value in Salesforce."""
    pain = item(won_deal(), "why_they_bought", "pain")

    assert pain["state"] == "ok"
    assert pain["source"] == {
        "object": "Opportunity",
        "field": "Identified_Pain__c",
        "record_id": DEAL_ID,
        "modified_at": "2026-07-01T09:00:00Z",
    }


def test_a_custom_field_is_found_by_its_label_when_its_api_name_says_nothing():
    """API names drift from labels in real orgs."""
    labels = {("Opportunity", "TAM_LU__c"): "Success Criteria"}
    aggregate = won_deal(custom={"TAM_LU__c": "Go live in May"}, labels=labels)

    assert item(aggregate, "what_success_means", "success_criteria")["value"] == "Go live in May"


def test_an_empty_field_and_a_missing_field_are_told_apart():
    """Sales can fill the one; an admin must add the other."""
    labels = {("Opportunity", "Why_Now__c"): "Why now"}
    aggregate = won_deal(labels=labels)

    assert item(aggregate, "why_they_bought", "why_now")["state"] == "empty"
    assert item(aggregate, "why_they_bought", "why_us")["state"] == "not_mapped"


def test_a_hidden_field_is_no_access_and_what_was_known_of_it_is_stale():
    """A value that may not be read any more is a state, never silently empty."""
    hidden = frozenset({("Opportunity", "Amount"), ("Opportunity", "Success_Criteria__c")})
    kept = won_deal(unavailable=hidden)
    lost = won_deal(unavailable=hidden, deal={"amount": None}, custom={})

    assert item(kept, "money", "amount")["state"] == "stale"
    assert item(lost, "money", "amount")["state"] == "no_access"
    assert item(lost, "what_success_means", "success_criteria")["state"] == "no_access"


def test_an_object_that_may_not_be_read_is_no_access():
    """No line items because we may not see them is not the same as none sold."""
    aggregate = won_deal(items=[], unavailable=frozenset({("OpportunityLineItem", WHOLE_OBJECT)}))

    assert item(aggregate, "what_was_sold", "line_item")["state"] == "no_access"


def test_the_pain_falls_back_to_the_description_and_then_to_a_discovery_note():
    """Their own words are looked for before the rep is told that nothing is known."""
    note = row("002000000000001AAA", title="Discovery", body="They lose nights", createdbyid=SELLER)
    described = won_deal(custom={}, deal={"description": "Paper rotas"}, notes=[note])
    noted = won_deal(custom={}, notes=[note])

    assert item(described, "why_they_bought", "pain")["value"] == "Paper rotas"
    assert item(noted, "why_they_bought", "pain")["value"] == "They lose nights"
    assert item(noted, "why_they_bought", "pain")["state"] == "inferred"


def test_roles_are_found_by_their_synonyms():
    """A decision maker is the economic buyer when nobody is called that."""
    roles = [
        row("00K000000000001AAA", contactid=ANA, role="Decision Maker", isprimary=False),
        row("00K000000000002AAA", contactid=BEN, role="Economic Buyer", isprimary=False),
    ]
    both, one = won_deal(custom={}, roles=roles), won_deal(custom={}, roles=roles[:1])

    assert item(both, "who_bought", "economic_buyer")["value"]["name"] == "Ben Okafor"
    assert item(one, "who_bought", "economic_buyer")["value"]["name"] == "Ana Ruiz"


def test_a_champion_who_is_only_a_name_is_shown_and_said_to_be_unlinked():
    """A name without a contact is better than nothing, and worth a question."""
    aggregate = won_deal(custom={"Champion__c": "Zoe Unknown"}, roles=[])

    champion = item(aggregate, "who_bought", "champion")["value"]

    assert champion["name"] == "Zoe Unknown"
    assert champion["note"] == "name not linked to a contact"
    assert "champion_not_linked" in rules(aggregate)


def test_engagement_is_a_count_and_a_last_date_and_never_what_was_said():
    """Who we spoke with matters; the words stay private."""
    aggregate = won_deal()
    person = item(aggregate, "who_bought", "person")["value"]

    assert (person["name"], person["touches"], person["last_touch_on"]) == ("Ana Ruiz", 2, "2026-06-20")
    assert "Discovery call" not in shape_brief(aggregate).json()


def test_promises_are_verbatim_with_author_and_date():
    """What was promised is never summarised away."""
    body = "Price held for 2 years.\n<script>alert(1)</script>"
    note = row("002000000000001AAA", title="Call", body=body, createdbyid=SELLER, createddate=at(6, 1))
    said = item(won_deal(notes=[note]), "what_was_promised", "note")["value"]

    assert said == {"text": body, "author": "Sam Seller", "at": "2026-06-01T09:00:00Z"}


def test_stages_tell_how_long_each_lasted():
    """A rep sees where the deal was stuck."""
    document = shape_brief(won_deal()).document()
    items = next(each["items"] for each in document["sections"] if each["key"] == "how_the_deal_went")
    stages = [(each["value"]["stage"], each["value"]["days"]) for each in items if each["key"] == "stage"]

    assert stages == [("Discovery", 59), ("Proposal", 118), ("Closed Won", None)]


def test_slips_and_amount_changes_come_from_the_history():
    """A close date that moved and an amount that shrank are part of the story."""
    slips = item(won_deal(), "how_the_deal_went", "slips")["value"]
    changes = item(won_deal(), "how_the_deal_went", "amount_changes")["value"]

    assert slips["count"] == 1
    assert slips["moves"][0]["to"] == "2026-07-01"
    assert changes == [{"at": "2026-07-01T14:00:00Z", "from": Decimal("25000.00"), "to": Decimal("20000.00")}]


def test_a_lost_deal_of_the_past_says_why_it_was_lost():
    """Why they rejected us two years ago is worth reading before the first call."""
    lost = row(
        "006000000000009AAA", name="Acme 2024", iswon=False, isclosed=True, custom={"Loss_Reason__c": "No budget"}
    )
    aggregate = won_deal(past_deals=[lost], labels={("Opportunity", "Loss_Reason__c"): "Loss Reason"})

    assert item(aggregate, "prior_history", "past_deal")["value"]["reason"] == "No budget"


def test_a_complete_brief_scores_100_and_each_gap_costs_its_weight():
    """Completeness is the share of what CS needs, not of what Salesforce offers."""
    without = {name: value for name, value in DEAL_CUSTOM.items() if name != "Success_Criteria__c"}
    gap = shape_brief(won_deal(custom=without)).document()["completeness"]

    assert shape_brief(won_deal()).score == 100
    assert gap["score"] == 80
    assert [(each["key"], each["weight"]) for each in gap["missing"]] == [("success_criteria", 20)]


def test_a_gap_behind_a_permission_is_the_admins_and_not_the_sellers():
    """Nobody asks the AE for what the AE has long filled in."""
    hidden = frozenset({("Opportunity", "Success_Criteria__c")})
    custom = {name: value for name, value in DEAL_CUSTOM.items() if name != "Success_Criteria__c"}
    missing = shape_brief(won_deal(custom=custom, unavailable=hidden)).document()["completeness"]["missing"]

    assert [(gap["owner"], gap["state"]) for gap in missing] == [("admin", "no_access")]


def test_a_bare_deal_still_has_a_brief():
    """An opportunity whose ids point nowhere is shown with its gaps."""
    bare = Aggregate(org_id="00D", instance_url="https://x", currency=None, deal={"id": DEAL_ID, "custom": {}})
    document = json.loads(shape_brief(bare).json())

    assert document["completeness"]["score"] == 0
    assert document["renewal"] is None
    assert [section["key"] for section in document["sections"]] == SECTIONS


def test_the_records_show_risks_by_themselves():
    """A rep sees the red flags nobody wrote down."""
    alone = won_deal(roles=[row("00K000000000001AAA", contactid=ANA, role="Champion", isprimary=True)])
    cheap = won_deal(items=[{**won_deal().items[0], "listprice": Decimal(400)}])

    assert {"single_threaded", "no_executive_sponsor"} <= rules(alone)
    assert "no_contacts" in rules(won_deal(roles=[]))
    assert "heavy_discount" in rules(cheap)
    assert "close_date_slipped" in rules(won_deal(deal={"pushcount": 4}))
    assert "amount_differs_from_products" in rules(won_deal(deal={"amount": Decimal(30000)}))
    assert rules(won_deal()) == {"champion_did_not_sign"}


def test_the_same_aggregate_gives_the_same_bytes_in_whatever_order_its_records_come():
    """A new version of a brief means that it says something new."""
    aggregate = won_deal()
    turned = replace(
        aggregate,
        roles=aggregate.roles[::-1],
        history=aggregate.history[::-1],
        contacts=dict(reversed(list(aggregate.contacts.items()))),
    )

    assert shape_brief(aggregate).json() == shape_brief(turned).json()


def test_money_is_the_same_whether_rest_or_bulk_delivered_it():
    """15000.0 and 15000 are one amount, so the brief has no new version."""
    rest, bulk = won_deal(deal={"amount": Decimal("15000.0")}), won_deal(deal={"amount": Decimal(15000)})

    assert shape_brief(rest).json() == shape_brief(bulk).json()
    assert '"amount":15000.00' in shape_brief(rest).json()


def test_many_deals_are_shaped_as_one_by_one():
    """Working out the custom fields once changes nothing."""
    one, two = won_deal(), won_deal(custom={"TAM__c": "x"}, labels={("Opportunity", "TAM__c"): "Success Criteria"})

    assert [brief.json() for brief in shape_briefs([one, two, one])] == [
        shape_brief(each).json() for each in (one, two, one)
    ]
