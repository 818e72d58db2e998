"""Events: each change of membership is told once, whatever else the pass has to do."""

from typing import Any


def _told(followed: Any) -> list[Any]:
    return list(followed.ask("SELECT type, deal_id FROM cs.event ORDER BY seq"))


def test_a_new_field_of_opportunities_swallows_no_event(synced: Any) -> None:
    """Reading everything anew because a field appeared is not a first load: wins and losses are told as ever."""
    synced.org.catalog.add_field("Opportunity", "Why_Us__c", "string")
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    synced.org.update("Opportunity", synced.deals[0], {"StageName": "Prospecting"})
    synced.sync()

    told = {each for each in _told(synced) if each[0] != "deal.updated"}
    assert told == {("deal.won", synced.deals[1]), ("deal.unwon", synced.deals[0])}
