"""After each pass a brief says what the records say, whichever of them has changed, and whoever it is shaped with."""

from typing import Any

import pytest
from followed_org import Followed

from sync.shape.gather import aggregates, context_of
from sync.shape.write import all_deals, shape


def stale(followed: Followed) -> list[tuple[str, int]]:
    """The deals whose stored brief differs from one that is made anew."""
    [(org_id,)] = followed.ask("SELECT org_id FROM ops.org")
    with followed.store.trying() as session:
        return shape(session, org_id, all_deals(session, org_id), generation=1_000_000)


def documents(followed: Followed) -> str:
    """All that the newest briefs say."""
    rows = followed.ask("SELECT DISTINCT ON (deal_id) document::text FROM cs.brief ORDER BY deal_id, version DESC")
    return " ".join(row[0] for row in rows)


def _case(followed: Followed) -> Any:
    return followed.org.insert("Case", {"AccountId": followed.accounts[0], "Subject": "Word of a case"})


def _rival(followed: Followed) -> Any:
    values = {"OpportunityId": followed.deals[0], "CompetitorName": "Word of a rival"}
    return followed.org.insert("OpportunityCompetitor", values)


def _contact(followed: Followed) -> Any:
    return followed.org.update("Contact", followed.contacts[0], {"Title": "Word of a title"})


def _campaign(followed: Followed) -> Any:
    campaign = followed.org.insert("Campaign", {"Name": "Any name"})
    followed.org.update("Opportunity", followed.deals[0], {"CampaignId": campaign})
    followed.sync()
    return followed.org.update("Campaign", campaign, {"Name": "Word of a campaign"})


def _file(followed: Followed) -> Any:
    version = {"Title": "Word of a file", "PathOnClient": "a.txt", "VersionData": "YQ=="}
    version["FirstPublishLocationId"] = followed.deals[0]
    return followed.org.insert("ContentVersion", version)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (_case, "Word of a case"),
        (_rival, "Word of a rival"),
        (_contact, "Word of a title"),
        (_campaign, "Word of a campaign"),
        (_file, "Word of a file"),
    ],
)
def test_a_change_beside_the_deal_reaches_its_brief_in_the_same_pass(followed: Followed, change, word):
    """CS never reads yesterday's case list because only the case has changed."""
    followed.sync(snapshot=True)
    assert word not in documents(followed)
    change(followed)
    followed.sync()

    assert word in documents(followed)
    assert stale(followed) == []


def _task(followed: Followed) -> None:
    task = followed.one("Task", "WhatId", followed.deals[0])
    followed.org.update("Task", task, {"WhatId": followed.deals[2]})


def _case_moved(followed: Followed) -> None:
    case = followed.org.insert("Case", {"AccountId": followed.accounts[0], "Subject": "Theirs"})
    followed.sync()
    followed.org.update("Case", case, {"AccountId": followed.accounts[2]})


def _deal_moved(followed: Followed) -> None:
    followed.org.update("Opportunity", followed.deals[0], {"AccountId": followed.accounts[2]})


@pytest.mark.parametrize("move", [_task, _case_moved, _deal_moved])
def test_what_moved_to_another_deal_or_customer_leaves_the_brief_of_the_one_before(followed: Followed, move):
    """A case that was booked on the wrong customer does not stay in its brief."""
    followed.sync(snapshot=True)
    move(followed)
    followed.sync()

    assert stale(followed) == []


def test_a_brief_does_not_depend_on_what_is_shaped_with_it(followed: Followed):
    """A person of another customer, with the same address or name, is nobody of this deal."""
    same = {"LastName": "Same Name", "Email": "same@x.example"}
    for account in (0, 1):
        contact = followed.org.insert("Contact", {**same, "AccountId": followed.accounts[account]})
        role = {"OpportunityId": followed.deals[2 * account], "ContactId": contact, "Role": "Champion"}
        followed.org.insert("OpportunityContactRole", role)
    followed.sync(snapshot=True)
    [(org_id,)] = followed.ask("SELECT org_id FROM ops.org")
    with followed.store.trying() as session:
        context, deals = context_of(session, org_id), all_deals(session, org_id)
        together = {each.deal["id"]: set(each.contacts) for each in aggregates(session, org_id, deals, context)}
        alone = {deal: set(each.contacts) for deal in deals for each in aggregates(session, org_id, [deal], context)}

    assert len(deals) == 3
    assert alone == together
