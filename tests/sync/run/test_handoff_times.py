"""How soon a deal is passed on, measured through the whole way: an org, passes, and what CS does then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from followed_org import Followed, following
from sqlalchemy import text

from app.read.handoff_figures import HandoffGroup, HandoffStandpoint, handoff_times, handoffs_behind
from app.read.health import customer_health
from app.read.sight import EVERYTHING
from demo_org.clock import Clock
from demo_org.wire.settings import WireSettings
from models.handoff import acknowledge, set_milestones
from models.health import HealthInput
from models.renewals.period import Period
from models.session import Store
from models.survey import SurveyAnswer, SurveyKind, keep_answers
from sync.run import connected_org
from sync.run.scope_choice import choose, preview
from sync.salesforce.client import connect
from sync.scope.document import read_scope

WON, READABLE = datetime(2026, 7, 1, 14, 3, 12, tzinfo=UTC), datetime(2026, 7, 1, 14, 3, 17, tzinfo=UTC)
QUARTER = Period("2026-Q3", date(2026, 7, 1), date(2026, 9, 30))
AS_OF = HandoffStandpoint(as_of=date(2026, 11, 23))


@pytest.fixture
def followed(store: Store) -> Iterator[Followed]:
    """An org that is followed since the day before the deal of the worked example is won."""
    clock = Clock(frozen_at=datetime(2026, 6, 30, 12, tzinfo=UTC))
    with following(store, WireSettings(bulk_delay=0.0), clock=clock) as made:
        made.sync(snapshot=True)
        yield made


def win(followed: Followed) -> str:
    """Win a deal at the instant of the example, and let a pass bring it five seconds later."""
    followed.org.clock.freeze(WON)
    deal = followed.deal(won=True, CloseDate="2026-07-01")
    followed.org.clock.freeze(READABLE)
    followed.sync()
    with followed.store.writing() as session:
        # The store's own clock is not that of the demo org, whose time stands still.
        session.execute(
            text("UPDATE cs.handoff SET waiting_since = :at WHERE deal_id = :id"), {"at": READABLE, "id": deal}
        )
    return deal


def test_the_times_of_the_example_come_out_of_an_org(followed: Followed):
    """Won at 14:03:12, readable at 14:03:17: 5 s; then 19 h 11 min 43 s, 7 days and 28 days."""
    deal = win(followed)
    org_id = followed.org.org_id
    with followed.store.writing() as session:
        acknowledge(session, org_id, deal, by="Cleo", version=1)
        session.execute(
            text("UPDATE cs.handoff SET acknowledged_at = '2026-07-02T09:15:00Z' WHERE deal_id = :id"), {"id": deal}
        )
        steps = {"kickoff_on": date(2026, 7, 8), "first_value_on": date(2026, 7, 29)}
        set_milestones(session, org_id, deal, steps, by="Cleo")
    followed.sync()
    with followed.store.reading() as session:
        [row] = handoff_times(session, [QUARTER], AS_OF, HandoffGroup.ALL, sight=EVERYTHING)
        [behind] = handoffs_behind(session, QUARTER.first, QUARTER.last, AS_OF, sight=EVERYTHING)

    assert (behind["deal_id"], behind["won_at"], behind["was_found"]) == (deal, WON, False)
    names = ("seconds_to_brief", "seconds_to_acknowledge", "days_to_kickoff", "days_to_first_value")
    assert [row[f"{name}_p50"] for name in names] == [5, 19 * 3600 + 11 * 60 + 43, 7, 28]
    assert [row[f"{name}_p95"] for name in names] == [behind[name] for name in names]


def test_what_a_first_load_or_another_scope_finds_is_not_timed(followed: Followed):
    """Three deals were won before the org was followed, and two more by a scope that means other stages."""
    win(followed)
    counted = "SELECT was_found, count(*) FROM cs.handoff GROUP BY 1 ORDER BY 1"
    assert followed.ask(counted) == [(False, 1), (True, 3)]
    with connect(followed.settings) as client:
        found = preview(followed.store, client, read_scope({"stages": ["Closed Won", "Prospecting"]}))
        choose(followed.store, connected_org(followed.store, client), found.scope, by="a test")
    followed.sync()

    assert followed.ask(counted) == [(False, 1), (True, 6)]


def test_the_health_of_the_example_comes_out_of_an_org(followed: Followed):
    """A first success, a champion spoken to two months ago, no usage, a 4 of 10: 74.29, of which 70 % is known."""
    deal = win(followed)
    org, account, contact = followed.org, followed.accounts[0], followed.contacts[0]
    org.clock.freeze(datetime(2026, 9, 24, 9, tzinfo=UTC))
    org.insert("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "Role": "Champion"})
    call = {"WhatId": deal, "WhoId": contact, "Subject": "Call", "Status": "Completed", "ActivityDate": "2026-09-24"}
    org.insert("Task", call)
    org.clock.freeze(datetime(2026, 11, 23, 9, tzinfo=UTC))
    followed.sync()
    said = SurveyAnswer(
        source="tool", external_id="1", customer_id=account, kind=SurveyKind.NPS, score=4, scale=10,
        asked_on=date(2026, 8, 1), answered_on=date(2026, 8, 3), changed_at=datetime(2026, 8, 3, tzinfo=UTC),
    )  # fmt: skip
    with followed.store.writing() as session:
        set_milestones(session, org.org_id, deal, {"first_value_on": date(2026, 7, 29), "sentiment": 5}, by="Cleo")
        keep_answers(session, org.org_id, [said], by="a test")
        found = customer_health(session, date(2026, 11, 23), sight=EVERYTHING)[org.org_id, account]

    assert [found.scores[each] for each in HealthInput] == [100, 70, None, 40]
    assert (str(found.health.score), str(found.health.coverage)) == ("74.29", "70.00")
    assert found.columns()["csm_sentiment"] == 5
