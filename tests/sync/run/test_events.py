"""Events: each change of membership is told once, whatever else the pass has to do."""

from typing import Any


def _told(followed: Any) -> list[Any]:
    return list(followed.ask("SELECT type, deal_id FROM cs.event ORDER BY seq"))


def test_a_new_field_of_opportunities_swallows_no_event(followed: Any) -> None:
    """Reading everything anew because a field appeared is not a first load: wins and losses are told as ever."""
    followed.sync()
    followed.org.catalog.add_field("Opportunity", "Why_Us__c", "string")
    followed.org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    followed.org.update("Opportunity", followed.deals[0], {"StageName": "Prospecting"})
    followed.sync()

    told = {each for each in _told(followed) if each[0] != "deal.updated"}
    assert told == {("deal.won", followed.deals[1]), ("deal.unwon", followed.deals[0])}
