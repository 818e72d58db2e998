"""What Salesforce's own objects tell fills the brief of an org that has made no fields of its own."""

from datetime import date
from typing import Any

import pytest
from aggregates import ACCOUNT_ID, ANA, BEN, DEAL_ID, SELLER, at, row, won_deal

from sync.shape.aggregate import WHOLE_OBJECT, Aggregate
from sync.shape.brief import shape_brief

CSM = "005000000000002AAA"
USERS = {
    SELLER: row(SELLER, name="Sam Seller", title="AE"),
    CSM: row(CSM, name="Cleo Success", title="Customer Success Manager"),
}


def items(aggregate: Aggregate, section: str, key: str) -> list[dict[str, Any]]:
    """All lines of a key."""
    document = shape_brief(aggregate).document()
    found = next(each["items"] for each in document["sections"] if each["key"] == section)
    return [each for each in found if each["key"] == key]


def rival(number: int, name: str, **values: Any) -> dict[str, Any]:
    """A competitor of the deal."""
    return row(f"00J{number:012d}AAA", competitorname=name, createdbyid=SELLER, **values)


def case(number: int, **values: Any) -> dict[str, Any]:
    """A case of the customer."""
    return row(f"500{number:012d}AAA", **{"subject": "Login fails", "status": "New", "isclosed": False, **values})


def test_competitors_come_from_their_own_object_with_strengths_and_weaknesses_verbatim():
    """CS learns whom the customer nearly bought, in the words of sales."""
    rivals = [rival(1, "RotaCloud", strengths="Cheap & <fast>", weaknesses=None), rival(2, "Excel")]
    aggregate = won_deal(custom={}, competitors=rivals)
    names, told = items(aggregate, "how_we_won", "competitors"), items(aggregate, "how_we_won", "competitor")

    assert names[0]["value"] == ["RotaCloud", "Excel"]
    assert told[0]["value"]["strengths"] == "Cheap & <fast>"
    assert (told[0]["value"]["author"], told[0]["value"]["at"]) == ("Sam Seller", "2026-01-05T09:00:00Z")
    assert "competitors" not in [gap["key"] for gap in shape_brief(aggregate).document()["completeness"]["missing"]]


def test_a_field_for_competitors_is_believed_before_the_object():
    """What an org has made a field for is what it means."""
    aggregate = won_deal(competitors=[rival(1, "Paper")])

    assert items(aggregate, "how_we_won", "competitors")[0]["value"] == ["RotaCloud", "Excel"]


def test_the_partner_is_the_other_side_of_the_partnership():
    """Salesforce keeps a partnership twice; the customer is not its own partner."""
    firm = "001000000000009AAA"
    sides = [
        row("0I4000000000001AAA", accountfromid=ACCOUNT_ID, accounttoid=firm, role="Consultant", isprimary=True),
        row("0I4000000000002AAA", accountfromid=firm, accounttoid=ACCOUNT_ID, role="None", isprimary=False),
    ]
    partner = items(
        won_deal(partners=sides, accounts={firm: row(firm, name="Helpers Ltd")}), "implementation", "partner"
    )

    assert partner[0]["value"] == [{"name": "Helpers Ltd", "customer_id": firm, "note": "Consultant"}]
    assert partner[0]["source"]["record_id"] == "0I4000000000001AAA"


def test_the_success_manager_is_found_in_the_team_of_the_customer():
    """An org that has no field for it often has the account team; that is said to be inferred."""
    member = row("01M000000000001AAA", userid=CSM, teammemberrole="Account Manager")
    found = items(won_deal(customer_team=[member], users=USERS), "internal_people", "csm")[0]

    assert (found["value"]["name"], found["state"]) == ("Cleo Success", "inferred")
    assert found["source"]["object"] == "AccountTeamMember"


def test_a_deal_without_a_success_manager_is_a_gap_of_customer_success():
    """Nobody is assigned yet: that is CS's own move, not the seller's."""
    gaps = shape_brief(won_deal()).document()["completeness"]["also_missing"]

    assert [(gap["owner"], gap["weight"]) for gap in gaps if gap["key"] == "csm"] == [("CS", 0)]


def test_open_cases_are_a_risk_and_solved_ones_are_history():
    """A new handoff does not begin with asking about a fire that burns already."""
    cases = [
        case(1, priority="High", casenumber="00001001"),
        case(2, isclosed=True, closeddate=at(6, 3)),
    ]
    aggregate = won_deal(cases=cases)
    risk = next(each for each in shape_brief(aggregate).document()["risks"] if each["rule"] == "open_cases")

    assert [each["value"]["number"] for each in items(aggregate, "risks", "open_case")] == ["00001001"]
    assert (risk["severity"], risk["evidence"]) == ("high", ["500000000000001AAA"])
    assert items(aggregate, "prior_history", "closed_cases")[0]["value"] == {
        "count": 1,
        "last_closed_on": "2026-06-03",
    }


def test_files_are_named_and_linked_and_never_copied():
    """CS finds the order form where it lies."""
    file = row("069000000000001AAA", title="Order form", filetype="PDF", contentsize=2048, ownerid=SELLER)
    link = row("06A000000000001AAA", linkedentityid=DEAL_ID, contentdocumentid=file["id"])
    found = items(won_deal(file_links=[link], files={file["id"]: file}), "files", "file")[0]

    assert (found["label"], found["value"]["size_bytes"], found["value"]["owner"]) == ("Order form", 2048, "Sam Seller")
    assert found["value"]["url"] == (
        "https://acme.my.salesforce.com/lightning/r/ContentDocument/069000000000001AAA/view"
    )


def test_an_email_is_a_touch_of_whom_it_came_from_or_went_to():
    """Who answers e-mails is engaged, although no task says so."""
    emails = [
        row("02s000000000001AAA", incoming=True, fromid=BEN, messagedate=at(6, 25)),
        row("02s000000000002AAA", incoming=False, toaddress="ANA@acme.example; x@y.example", messagedate=at(6, 26)),
    ]
    touches = {
        each["value"]["name"]: (each["value"]["touches"], each["value"]["last_touch_on"])
        for each in items(won_deal(emails=emails), "who_bought", "person")
    }

    assert touches == {"Ana Ruiz": (3, "2026-06-26"), "Ben Okafor": (1, "2026-06-25")}


def test_an_email_that_was_logged_as_a_task_counts_once():
    """Salesforce keeps a logged e-mail as two records."""
    email = row("02s000000000001AAA", incoming=False, toaddress="ana@acme.example", activityid="00T000000000001AAA")
    person = items(won_deal(emails=[email]), "who_bought", "person")[0]

    assert person["value"]["touches"] == 2


def test_the_body_of_a_logged_email_is_never_quoted():
    """The text of e-mails is not copied into briefs, wherever Salesforce keeps it."""
    task = row("00T000000000001AAA", subject="Discovery", description="Private words", tasksubtype="Email", whoid=ANA)
    aggregate = won_deal(custom={}, tasks=[task])

    assert "Private words" not in shape_brief(aggregate).json()
    assert items(aggregate, "why_they_bought", "pain")[0]["value"] is None


def test_a_private_note_stays_private():
    """A note that only its author sees in Salesforce is seen by nobody else here."""
    note = row("002000000000001AAA", title="Discovery", body="For my eyes", isprivate=True, createdbyid=SELLER)

    assert "For my eyes" not in shape_brief(won_deal(custom={}, notes=[note])).json()


def test_people_carry_whom_they_report_to_and_what_sales_thinks_of_them():
    """A people map needs lines and opinions."""
    contacts = {
        ANA: row(ANA, name="Ana Ruiz", reportstoid=BEN, custom={"Influence__c": "High"}),
        BEN: row(BEN, name="Ben Okafor"),
    }
    roles = [row("00K000000000001AAA", contactid=ANA, role="Champion", custom={"Sentiment__c": "Positive"})]
    labels = {
        ("Contact", "Influence__c"): "Influence",
        ("OpportunityContactRole", "Sentiment__c"): "Sentiment",
    }
    person = items(won_deal(contacts=contacts, roles=roles, labels=labels), "who_bought", "person")[0]["value"]

    assert (person["reports_to"], person["influence"], person["sentiment"]) == ("Ben Okafor", "High", "Positive")


def test_a_sponsor_of_the_customer_in_general_is_inferred_for_the_deal():
    """What a relation of the account says is better than nothing, and said to be no fact of this deal."""
    relation = row("07k000000000001AAA", contactid=BEN, roles="Executive Sponsor;Evaluator", isactive=True)
    roles = [row("00K000000000001AAA", contactid=ANA, role="Champion")]
    sponsor = items(won_deal(relations=[relation], roles=roles), "who_bought", "executive_sponsor")[0]

    assert (sponsor["value"]["name"], sponsor["state"]) == ("Ben Okafor", "inferred")


def test_the_campaign_is_named():
    """CS reads a name, not an id."""
    campaign = row("701000000000001AAA", name="Spring fair", type="Event")
    found = items(won_deal(campaign=campaign, deal={"campaignid": campaign["id"]}), "prior_history", "campaign")[0]

    assert (found["value"]["name"], found["source"]["object"]) == ("Spring fair", "Campaign")


@pytest.mark.parametrize(
    ("object_name", "section", "key"),
    [
        ("OpportunityTeamMember", "internal_people", "team"),
        ("Case", "risks", "open_case"),
        ("ContentDocumentLink", "files", "file"),
        ("Partner", "implementation", "partner"),
    ],
)
def test_an_object_that_cannot_be_read_is_no_access_and_one_without_records_is_empty(object_name, section, key):
    """Nothing there, and not allowed to look, are two answers."""
    hidden = won_deal(unavailable=frozenset({(object_name, WHOLE_OBJECT)}))

    assert items(hidden, section, key)[0]["state"] == "no_access"
    assert items(won_deal(), section, key)[0]["state"] == "empty"


def test_every_value_names_the_record_it_is_from():
    """Whatever a rep reads can be looked up in Salesforce."""
    link = row("06A000000000001AAA", contentdocumentid="069000000000001AAA")
    aggregate = won_deal(
        competitors=[rival(1, "RotaCloud")],
        cases=[case(1)],
        file_links=[link],
        files={"069000000000001AAA": row("069000000000001AAA", title="Order form")},
        team=[row("00q000000000001AAA", userid=CSM, teammemberrole="CSM")],
        notes=[row("002000000000001AAA", title="Call", body="Promised", createdbyid=SELLER)],
        quotes=[row("0Q0000000000001AAA", name="Quote 1", expirationdate=date(2026, 7, 30))],
        past_deals=[row("006000000000002AAA", name="Earlier", iswon=True, isclosed=True)],
        users=USERS,
    )
    unsourced = [
        (section["key"], each["key"])
        for section in shape_brief(aggregate).document()["sections"]
        for each in section["items"]
        if each["value"] is not None and each["source"] is None
    ]

    assert unsourced == []


def test_every_risk_names_the_records_that_show_it():
    """A rule that can't show its evidence is an opinion."""
    aggregate = won_deal(custom={}, roles=[], contract=None, cases=[case(1)], deal={"pushcount": 4})
    risks = shape_brief(aggregate).document()["risks"]

    assert len(risks) >= 4
    assert [risk["rule"] for risk in risks if not risk["evidence"]] == []
