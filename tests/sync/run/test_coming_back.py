"""What was outside of the closure for a while comes back as it is now, not as it was."""

from datetime import timedelta
from typing import Any


def test_a_customer_that_changed_while_it_had_no_deal_comes_back_as_it_is(synced: Any) -> None:
    """A snapshot reads only what belongs to deals; what the mirror holds beside it is read again before it is shown."""
    parent = synced.accounts[5]
    synced.org.update("Account", synced.accounts[0], {"ParentId": None})
    synced.sync()
    synced.org.update("Account", parent, {"Name": "Renamed"})
    synced.org.clock.move(by=timedelta(hours=1))
    synced.sync(snapshot=True)
    synced.org.clock.move(by=timedelta(hours=1))
    synced.org.update("Account", synced.accounts[0], {"ParentId": parent})
    synced.sync()

    assert synced.ask("SELECT name FROM closure.account WHERE id = :id", id=parent) == [("Renamed",)]
    assert synced.proof().drift_rows == 0


def test_the_contact_of_a_quote_is_shown_only_while_somebody_keeps_it_up_to_date(followed: Any) -> None:
    """A contact of another company, whom no role and no activity names, has no place in the closure."""
    stranger = followed.org.insert("Contact", {"LastName": "Stranger", "AccountId": followed.accounts[0]})
    followed.org.insert("Quote", {"OpportunityId": followed.deals[0], "Name": "Offer", "ContactId": stranger})
    followed.sync()

    assert followed.ask("SELECT who FROM cs_v1.timeline_entry WHERE kind = 'quote'") == [("Stranger",)]

    followed.org.update("Contact", stranger, {"AccountId": followed.accounts[4]})
    followed.sync()

    assert followed.ask("SELECT who FROM cs_v1.timeline_entry WHERE kind = 'quote'") == [(None,)]


def test_the_contract_of_a_deal_is_shown_only_while_its_account_is_a_customer(followed: Any) -> None:
    """A contract with a company that has no deal is in nobody's closure."""
    contract = followed.org.insert("Contract", {"AccountId": followed.accounts[0], "Status": "Draft"})
    followed.org.update("Opportunity", followed.deals[0], {"ContractId": contract})
    followed.sync()
    query = "SELECT contract_id FROM cs_v1.deal WHERE deal_id = :deal"

    assert followed.ask(query, deal=followed.deals[0]) == [(contract,)]

    followed.org.update("Contract", contract, {"AccountId": followed.accounts[4]})
    followed.sync()

    assert followed.ask(query, deal=followed.deals[0]) == [(None,)]


def test_a_deal_that_comes_back_brings_whom_its_unchanged_children_name(followed: Any) -> None:
    """The people of a deal that left are let go of; the roles that name them were kept, and nobody saved them."""
    stranger = followed.org.insert("Contact", {"LastName": "Stranger", "AccountId": followed.accounts[4]})
    offer = followed.org.insert("Quote", {"OpportunityId": followed.deals[0], "Name": "Offer"})
    followed.org.insert(
        "OpportunityContactRole", {"OpportunityId": followed.deals[0], "ContactId": stranger, "Role": "Champion"}
    )
    line = {"QuoteId": offer, "PricebookEntryId": followed.price, "Quantity": 3, "UnitPrice": 10}
    followed.org.insert("QuoteLineItem", line)
    fair = followed.org.insert("Campaign", {"Name": "Fair"})
    followed.org.insert("CampaignMember", {"CampaignId": fair, "ContactId": stranger})
    followed.sync()
    followed.org.update("Opportunity", followed.deals[0], {"StageName": "Prospecting"})
    followed.sync()
    for name in ("Contact", "QuoteLineItem", "Campaign"):
        followed.org.catalog.add_field(name, "Late__c", "string", label="Late")
    followed.org.clock.move(by=timedelta(hours=1))
    followed.sync()
    for name in ("contact", "quotelineitem", "campaign"):
        held = f"SELECT count(*) FROM salesforce.{name} WHERE tombstone IS NULL"
        assert followed.ask(held) == followed.ask(f"SELECT count(*) FROM closure.{name}")
    followed.org.update("Opportunity", followed.deals[0], {"StageName": "Closed Won"})
    followed.sync()

    assert followed.ask("SELECT name FROM closure.contact WHERE id = :id", id=stranger) == [("Stranger",)]
    assert followed.ask("SELECT quantity FROM closure.quotelineitem") == [(3,)]
    assert followed.ask("SELECT name FROM closure.campaign") == [("Fair",)]
    assert followed.proof().drift_rows == 0


def test_the_first_records_of_an_object_bring_what_they_name(followed: Any) -> None:
    """An object that comes into sight is read whole, and so are the people whom its records name."""
    stranger = followed.org.insert("Contact", {"LastName": "Stranger", "AccountId": followed.accounts[4]})
    start = {"ActivityDateTime": "2026-11-02T10:00:00Z", "DurationInMinutes": 30}
    followed.org.insert("Event", {"WhatId": followed.deals[0], "WhoId": stranger, "Subject": "Demo", **start})
    followed.org.catalog.disable("Event")
    followed.sync()
    followed.org.clock.move(by=timedelta(hours=1))
    followed.org.catalog.enable("Event")
    followed.sync()

    assert followed.ask("SELECT count(*) FROM closure.event") == [(1,)]
    assert followed.ask("SELECT name FROM closure.contact WHERE id = :id", id=stranger) == [("Stranger",)]
    assert followed.proof().drift_rows == 0
