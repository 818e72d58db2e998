"""Partners, campaign members and the relations of contacts to accounts: what a user sees from each side."""

import pytest

from demo_org.errors import SalesforceFault
from demo_org.store import Org


@pytest.fixture
def org():
    with Org.open() as org:
        org.catalog.enable("AccountContactRelation")
        yield org


def rows(org, name, where="1 = 1"):
    with org.transaction() as unit:
        return unit.rows(name, f"{where} ORDER BY Id", ())


def test_a_partner_of_a_deal_is_seen_from_three_sides(org):
    """The deal's partners, the account's partners, and the partner's own list."""
    customer, integrator = (org.insert("Account", {"Name": name}) for name in ("Customer", "Integrator"))
    values = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01", "AccountId": customer}
    deal = org.insert("Opportunity", values)
    made = org.insert(
        "Partner", {"OpportunityId": deal, "AccountToId": integrator, "Role": "System Integrator", "IsPrimary": True}
    )
    there, back = rows(org, "Partner")

    assert (there["Id"], there["ReversePartnerId"], back["ReversePartnerId"]) == (made, back["Id"], made)
    assert (back["AccountFromId"], back["AccountToId"]) == (integrator, customer)
    assert [(made, integrator)] == [(each["Id"], each["AccountToId"]) for each in rows(org, "OpportunityPartner")]
    assert {made, back["Id"]} == {each["Id"] for each in rows(org, "AccountPartner")}

    org.delete("Partner", made)

    for name in ("Partner", "OpportunityPartner", "AccountPartner"):
        assert rows(org, name) == []


def test_a_deal_has_one_primary_partner(org):
    """The mark moves to the newest."""
    accounts = [org.insert("Account", {"Name": name}) for name in "ABC"]
    values = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-01-01", "AccountId": accounts[0]}
    deal = org.insert("Opportunity", values)
    for each in accounts[1:]:
        org.insert("Partner", {"OpportunityId": deal, "AccountToId": each, "IsPrimary": True})

    assert [accounts[2]] == [each["AccountToId"] for each in rows(org, "OpportunityPartner", "IsPrimary = 1")]


def test_a_partner_belongs_to_a_deal_or_to_an_account(org):
    """Neither and both are refused."""
    account = org.insert("Account", {"Name": "A"})

    with pytest.raises(SalesforceFault, match="either"):
        org.insert("Partner", {"AccountToId": account})


def test_a_contact_relates_directly_to_its_account_and_indirectly_to_others(org):
    """The direct relation follows the contact; the others stay."""
    first, second = (org.insert("Account", {"Name": name}) for name in ("First", "Second"))
    contact = org.insert("Contact", {"LastName": "C", "AccountId": first})
    org.insert("AccountContactRelation", {"ContactId": contact, "AccountId": second, "Roles": "Influencer"})
    before = {each["AccountId"]: bool(each["IsDirect"]) for each in rows(org, "AccountContactRelation")}
    org.update("Contact", contact, {"AccountId": second})

    assert before == {first: True, second: False}
    assert {second: True} == {each["AccountId"]: bool(each["IsDirect"]) for each in rows(org, "AccountContactRelation")}
    with pytest.raises(SalesforceFault, match="already related"):
        org.insert("AccountContactRelation", {"ContactId": contact, "AccountId": second})


def test_a_campaign_member_shows_its_person_and_counts_when_it_answers(org):
    """The campaign's counters are the system's: they don't look like somebody's change."""
    campaign = org.insert("Campaign", {"Name": "Fair"})
    account = org.insert("Account", {"Name": "Clinic"})
    contact = org.insert("Contact", {"LastName": "Ito", "AccountId": account, "Email": "ito@example.com"})
    member = org.insert("CampaignMember", {"CampaignId": campaign, "ContactId": contact})
    shown = org.get("CampaignMember", member)
    org.update("CampaignMember", member, {"Status": "Responded"})
    counted = org.get("Campaign", campaign)

    assert (shown["Name"], shown["Email"], shown["CompanyOrAccount"]) == ("Ito", "ito@example.com", "Clinic")
    assert (shown["Type"], shown["Status"], shown["HasResponded"]) == ("Contact", "Sent", False)
    assert org.get("CampaignMember", member)["FirstRespondedDate"] is not None
    assert (counted["NumberOfContacts"], counted["NumberOfResponses"]) == (1, 1)
    with pytest.raises(SalesforceFault, match="Already a campaign member"):
        org.insert("CampaignMember", {"CampaignId": campaign, "ContactId": contact})
