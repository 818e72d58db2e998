"""Org and store agree on who is meant: a scope says the same in Salesforce's language and in SQL."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from models.session import Store
from sync.extract.parts import QueryPart, drain
from sync.land.landing import Landing
from sync.record import ObjectShape
from sync.salesforce.client import Client, connect
from sync.salesforce.soql import select
from sync.scope.mapping import select_fields
from sync.scope.scope import ClosingSoon, OrgDay, RecordType, Scope, ScopeToday
from sync.settings import SalesforceSettings

NOW = datetime(2026, 3, 29, 3, 30, tzinfo=UTC)
#: names with whatever could end a literal or look like a parameter
ODD_STAGES = ("It's signed", 'Quote: "50 %" :now', "Back\\slash\nline", "Gewonnen: Überzeugt ☃")
STAGES = ("Prospecting", "Negotiation/Review", "Closed Won", "Closed Lost", *ODD_STAGES)
DAYS = st.dates(NOW.date() - timedelta(days=60), NOW.date() + timedelta(days=60))


class World:
    """An org with opportunities of all kinds, and a mirror that holds each of them."""

    def __init__(self, org: Org, store: Store, client: Client) -> None:
        self.org, self.store, self.client = org, store, client
        self.kinds = [self._record_type(name) for name in ("New_Business", "Renewal")]
        org.load(
            "OpportunityStage",
            ["MasterLabel", "ApiName", "IsActive", "SortOrder", "DefaultProbability", "IsClosed", "IsWon",
             "ForecastCategory", "ForecastCategoryName"],
            [(name, name, 1, 20 + place, 30 * place, place % 2, int(place == 3), "Pipeline", "Pipeline")
             for place, name in enumerate(ODD_STAGES)],
        )  # fmt: skip
        self.deals = self._deals(random.Random(7))
        self._mirror()

    def _record_type(self, name: str) -> RecordType:
        values = {"Name": name, "DeveloperName": name, "SobjectType": "Opportunity", "IsActive": True}
        return RecordType(name=name, id=self.org.insert("RecordType", values))

    def _deals(self, dice: random.Random) -> list[str]:
        account = self.org.insert("Account", {"Name": "Clinic"})
        made = []
        for number in range(120):
            self.org.clock.freeze(NOW - timedelta(hours=dice.randrange(24 * 80)))
            values: dict[str, Any] = {
                "Name": f"Deal {number}",
                "AccountId": account,
                "StageName": dice.choice(STAGES),
                "CloseDate": (NOW.date() + timedelta(days=dice.randint(-50, 50))).isoformat(),
                "RecordTypeId": dice.choice(self.kinds).id,
            }
            if dice.random() < 0.5:
                values["Probability"] = dice.choice([0, 50, 79.9, 80, 80.1, 100])
            made.append(self.org.insert("Opportunity", values))
            self.org.insert("Task", {"WhatId": made[-1], "Subject": "Call"})
            self.org.insert("Quote", {"OpportunityId": made[-1], "Name": "Offer"})
            if dice.random() < 0.3:
                self.org.clock.move(by=timedelta(hours=dice.randrange(24 * 30)))
                self.org.update("Opportunity", made[-1], {"StageName": dice.choice(STAGES)})
        self.org.clock.freeze(NOW)
        return made

    def _mirror(self) -> None:
        shape = self.client.describe(["Opportunity"])["Opportunity"]
        assert isinstance(shape, ObjectShape)
        selection = select_fields(shape)
        rows = QueryPart("Opportunity", lambda after: select(selection.names, "Opportunity", after_id=after))
        drain(self.client, [rows])
        assert len(rows.records) == len(self.deals)
        with self.store.writing() as session:
            Landing(session, "00D", generation=1, everything=False).land(selection, rows.records)

    def by_soql(self, *questions: tuple[str, str, str]) -> list[list[str]]:
        """Ask the org; a question is a field, an object and a condition."""
        found = []
        for field, name, condition in questions:
            page = self.client.query(f"SELECT {field} FROM {name} WHERE {condition}")
            assert page.done
            found.append(sorted(each[field] for each in page.records))
        return found

    def by_sql(self, *conditions: str) -> list[list[str]]:
        """Ask the mirror."""
        with self.store.reading() as session:
            return [
                list(session.execute(text(f"SELECT id FROM salesforce.opportunity WHERE {each} ORDER BY 1")).scalars())
                for each in conditions
            ]


@pytest.fixture(scope="module")
def world(new_database: Callable[[], str]) -> Iterator[World]:
    """One org and its mirror for all scopes."""
    org = Org.open(clock=Clock(frozen_at=NOW))
    wire = WireSettings(bulk_delay=0.0)
    store = Store(new_database())
    with running(org, settings=wire) as served:
        login = SalesforceSettings(
            url=served.url,
            auth="client_credentials",
            client_id=wire.credentials.client_id,
            client_secret=wire.credentials.client_secret,
        )
        with connect(login) as client:
            yield World(org, store, client)
    store.close()
    org.close()


def test_org_and_mirror_choose_the_same_deals_under_any_scope(world: World, is_long: bool) -> None:
    """Who is a deal, and who a draft, doesn't depend on whether Salesforce or the store is asked."""
    zones = st.sampled_from(["UTC", "America/Los_Angeles", "Pacific/Kiritimati", "Europe/Berlin"]).map(ZoneInfo)
    scopes = st.builds(
        Scope,
        record_types=st.lists(st.sampled_from(world.kinds), max_size=1).map(tuple),
        stages=st.lists(st.sampled_from([*STAGES, "CLOSED won", "Nobody's"]), max_size=3).map(tuple),
        closed_from=st.none() | DAYS,
        won_from=st.none() | DAYS,
        closing_soon=st.none()
        | st.builds(ClosingSoon, days=st.integers(0, 60), probability=st.sampled_from([0, 50, 79, 80, 81, 100])),
    )
    seen = set()

    @settings(
        max_examples=2_000 if is_long else 150,
        deadline=None,
        derandomize=not is_long,
        suppress_health_check=list(HealthCheck),
    )
    @given(scope=scopes, day=DAYS, zone=zones)
    def check(scope: Scope, day: date, zone: ZoneInfo) -> None:
        today = ScopeToday(scope=scope, today=OrgDay(day=day, zone=zone))
        drafts_soql = today.drafts_soql()
        members, deals, drafts = world.by_sql(today.sql("opportunity"), today.deals_sql(), today.drafts_sql())
        asked, asked_deals, by_path, by_semi_join = world.by_soql(
            ("Id", "Opportunity", today.soql()),
            ("Id", "Opportunity", today.deals_soql()),
            ("OpportunityId", "Quote", today.soql(prefix="Opportunity.")),
            ("WhatId", "Task", f"WhatId IN ({today.opportunities()})"),
        )

        assert asked == by_path == by_semi_join == members
        assert asked_deals == deals
        assert (world.by_soql(("Id", "Opportunity", drafts_soql))[0] if drafts_soql else []) == drafts
        assert sorted([*deals, *drafts]) == members
        seen.add((bool(deals), bool(drafts)))

    check()

    assert seen == {(False, False), (True, False), (False, True), (True, True)}
