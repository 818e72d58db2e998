"""A preview of a scope is what the next pass does, whatever the scope and whatever was in force before."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from demo_org.clock import Clock
from demo_org.store import Org
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from models.session import Store
from sync.prove import prove_once
from sync.run import connected_org, run_once
from sync.run.scope_choice import Preview, choose, preview
from sync.salesforce.client import connect
from sync.scope.document import read_scope
from sync.settings import SalesforceSettings

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STAGES = ("Prospecting", "Negotiation/Review", "Closed Won", "Closed Lost")
DAYS = st.integers(-40, 40).map(lambda days: (NOW.date() + timedelta(days=days)).isoformat())
SCOPES = st.fixed_dictionaries(
    {},
    optional={
        "stages": st.lists(st.sampled_from(STAGES), min_size=1, max_size=2, unique=True),
        "closed_from": DAYS,
        "won_from": DAYS,
        "record_types": st.lists(st.sampled_from(["New_Business", "Renewal"]), min_size=1, max_size=1),
        "closing_soon": st.fixed_dictionaries(
            {"days": st.integers(0, 40), "probability": st.sampled_from([0, 50, 90])}
        ),
    },
)

Members = dict[str, bool]


class Followed:
    """An org with opportunities of all kinds, and the store that follows it."""

    def __init__(self, org: Org, store: Store, login: SalesforceSettings) -> None:
        self.org, self.store, self.login = org, store, login
        self.dice = random.Random(11)
        self.kinds = [
            org.insert("RecordType", {"Name": n, "DeveloperName": n, "SobjectType": "Opportunity", "IsActive": True})
            for n in ("New_Business", "Renewal")
        ]
        self.accounts = [org.insert("Account", {"Name": f"Clinic {number}"}) for number in range(6)]
        self.deals = [self._deal(number) for number in range(40)]

    def _deal(self, number: int) -> str:
        self.org.clock.freeze(NOW - timedelta(days=self.dice.randrange(60)))
        values = {"Name": f"Deal {number}", "AccountId": self.dice.choice(self.accounts), **self._values()}
        deal = self.org.insert("Opportunity", values)
        self.org.insert("Task", {"WhatId": deal, "Subject": "Call"})
        self.org.clock.freeze(NOW)
        return deal

    def _values(self) -> dict[str, Any]:
        return {
            "StageName": self.dice.choice(STAGES),
            "CloseDate": (NOW.date() + timedelta(days=self.dice.randint(-30, 30))).isoformat(),
            "Probability": self.dice.choice([10, 50, 90]),
            "RecordTypeId": self.dice.choice(self.kinds),
        }

    def edit(self, number: int) -> None:
        """Change what a scope looks at."""
        self.org.update("Opportunity", self.deals[number], self._values())

    def sync(self) -> None:
        """Do one complete pass."""
        run_once(self.store, self.login, snapshot=False)

    def members(self) -> Members:
        """Who belongs to us now, and whether as a draft."""
        with self.store.reading() as session:
            rows = session.execute(
                text("SELECT opportunity_id, reason = 'closing_soon' FROM ops.scope_member WHERE state = 'in'")
            )
            return {row[0]: row[1] for row in rows}

    def choose(self, document: dict[str, Any]) -> Preview:
        """Preview a scope, and choose it."""
        with connect(self.login) as client:
            found = preview(self.store, client, read_scope(document))
            choose(self.store, connected_org(self.store, client), found.scope, by="a test")
        return found


def foreseen(before: Members, said: Preview) -> Members:
    """Who belongs to us if a preview is right."""
    after = {key: value for key, value in before.items() if key not in {each.id for each in said.leave}}
    after |= {each.id: each.is_draft for each in (*said.enter, *said.become_deals, *said.become_drafts)}
    return after


@pytest.fixture(scope="module")
def followed(new_database: Callable[[], str]) -> Iterator[Followed]:
    """One org for all scopes; each finds what the one before has left."""
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
        yield Followed(org, store, login)
    store.close()
    org.close()


def test_the_next_pass_does_what_the_preview_said(followed: Followed, is_long: bool) -> None:
    """Whoever looks before choosing is not surprised."""
    followed.sync()
    moved: set[str] = set()

    # Scopes follow each other on one store, so there is nothing to shrink by running one again.
    @settings(
        max_examples=200 if is_long else 12,
        deadline=None,
        derandomize=not is_long,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(document=SCOPES, edits=st.lists(st.integers(0, 39), max_size=3), hours=st.integers(0, 30))
    def check(document: dict[str, Any], edits: list[int], hours: int) -> None:
        followed.org.clock.move(by=timedelta(hours=hours))
        for number in edits:
            followed.edit(number)
        followed.sync()
        before = followed.members()
        said = followed.choose(document)
        followed.sync()

        assert foreseen(before, said) == followed.members(), document
        assert (said.deals, said.drafts) == _counts(followed.members())
        moved.update(name for name in ("enter", "leave", "become_deals", "become_drafts") if getattr(said, name))

    check()

    assert moved >= {"enter", "leave"}
    assert prove_once(followed.store, followed.login).drift_rows == 0


def _counts(members: Members) -> tuple[int, int]:
    return sum(not draft for draft in members.values()), sum(members.values())
