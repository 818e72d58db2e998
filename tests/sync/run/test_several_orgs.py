"""Several orgs in one store: their records have equal ids, and nothing of one is ever seen in another."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from followed_org import following
from pydantic import SecretStr
from sqlalchemy import text

from app.cli.brief import Form, show_brief
from app.cli.failures import CommandError
from app.cli.sync import run_prove, run_sync, show_status
from demo_org.wire.settings import WireSettings
from models.session import Store
from sync.errors import LoginRefused
from sync.settings import OrgSettings, WorkerSettings
from sync.worker import run_workers

RHYTHM = WorkerSettings(poll_seconds=0.5, api_share=1)


@pytest.fixture
def orgs(store: Store) -> Iterator[list[Any]]:
    """Two orgs that were filled alike; each text begins with the org's word."""
    wire = WireSettings(bulk_delay=0.0)
    with (
        following(store, wire, word="North ") as north,
        following(store, WireSettings(bulk_delay=0.0), word="South ", number=2) as south,
    ):
        yield [north, south]


def _wrong(followed: Any) -> OrgSettings:
    settings = followed.settings.model_copy(update={"client_secret": SecretStr("wrong"), "name": "wrong"})
    return OrgSettings(salesforce=settings, worker=RHYTHM)


def _right(followed: Any) -> OrgSettings:
    return OrgSettings(salesforce=followed.settings, worker=RHYTHM)


def _deals(followed: Any) -> list[tuple[str, str]]:
    query = "SELECT deal_id, name FROM cs_v1.deal WHERE org_id = :org ORDER BY 1"
    return followed.ask(query, org=followed.org.org_id)


def _eventually(question: Callable[[], bool], *, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not become true in time"
        time.sleep(0.05)


def test_the_test_is_about_something(orgs: list[Any]) -> None:
    """The two orgs differ, and the ids of their records do not."""
    north, south = orgs

    assert north.org.org_id != south.org.org_id
    assert (north.deals, north.accounts, north.contacts) == (south.deals, south.accounts, south.contacts)


def test_no_word_of_one_org_is_in_a_brief_an_event_or_a_view_of_the_other(orgs: list[Any]) -> None:
    """A rep of one company never reads what another company was promised."""
    north, south = orgs
    for each in orgs:
        each.sync()
    for each in orgs:
        each.org.update("Opportunity", each.deals[1], {"StageName": "Closed Won", "NextStep": f"{each.word}step"})
        each.sync()
    for mine, other in ((north, "South"), (south, "North")):
        org_id = mine.org.org_id
        briefs = mine.ask("SELECT document::text FROM cs.brief WHERE org_id = :org", org=org_id)

        assert len(_deals(mine)) == 4
        assert len(briefs) >= 4
        assert not [document for (document,) in briefs if other in document]
        assert mine.ask("SELECT deal_id FROM cs.event WHERE org_id = :org AND type = 'deal.won'", org=org_id) == [
            (mine.deals[1],)
        ]
        for view in _views(mine.store):
            rows = mine.ask(f"SELECT v::text FROM {view} AS v WHERE org_id = :org", org=org_id)

            assert not [row for (row,) in rows if other in row], view


def test_what_happens_in_one_org_leaves_the_other_as_it_is(orgs: list[Any]) -> None:
    """A deletion, a reopening, a merge and a snapshot concern the org they happen in."""
    north, south = orgs
    for each in orgs:
        each.sync()
    before = _everything(south)
    north.org.delete("Opportunity", north.deals[0])
    north.org.update("Opportunity", north.deals[2], {"StageName": "Prospecting"})
    north.org.update("Opportunity", north.deals[3], {"StageName": "Closed Won"})
    north.org.merge("Account", north.accounts[1], [north.accounts[2]])
    north.org.hard_delete("Task", north.one("Task", "WhatId", north.deals[4]))
    north.sync()
    north.sync(snapshot=True)

    assert [deal for deal, _ in _deals(north)] == sorted([north.deals[3], north.deals[4]])
    assert _everything(south) == before
    assert [each.proof().drift_rows for each in orgs] == [0, 0]
    south.sync()

    assert _everything(south) == before


def test_one_process_follows_all_orgs_each_with_its_own_lease_and_account(orgs: list[Any]) -> None:
    """A deal that is won in either org is in the store within moments."""
    stop = threading.Event()
    worker = threading.Thread(
        target=run_workers, args=(orgs[0].store, [_right(each) for each in orgs]), kwargs={"stop": stop}
    )
    worker.start()
    try:
        _eventually(lambda: all(len(_deals(each)) == 3 for each in orgs))
        for each in orgs:
            each.org.update("Opportunity", each.deals[1], {"StageName": "Closed Won"})
        _eventually(lambda: all(len(_deals(each)) == 4 for each in orgs))
    finally:
        stop.set()
        worker.join(20)

    leases = orgs[0].ask("SELECT name FROM ops.lease ORDER BY 1")
    assert leases == sorted((f"worker {each.org.org_id}",) for each in orgs)
    for each in orgs:
        spent = each.ask("SELECT sum(calls)::int FROM ops.api_spend WHERE org_id = :org", org=each.org.org_id)
        assert spent == [(httpx.get(each.settings.url + "/demo/calls").json()["total"],)]


@pytest.mark.parametrize("broken", ["refused", "down"])
def test_one_org_that_fails_does_not_stop_the_others(orgs: list[Any], broken: str) -> None:
    """A wrong password, or an org that is down, is that org's own trouble."""
    north, south = orgs
    if broken == "down":
        fault = {"kind": "maintenance_503", "times": 0}
        httpx.post(north.settings.url + "/demo/faults", json=[fault]).raise_for_status()
    wanted = [_wrong(north) if broken == "refused" else _right(north), _right(south)]
    stop = threading.Event()
    worker = threading.Thread(target=run_workers, args=(south.store, wanted), kwargs={"stop": stop})
    worker.start()
    try:
        _eventually(lambda: len(_deals(south)) == 3)
        south.org.update("Opportunity", south.deals[1], {"StageName": "Closed Won"})
        _eventually(lambda: len(_deals(south)) == 4)

        assert worker.is_alive()
        assert _deals(north) == []
    finally:
        stop.set()
        worker.join(60)

    assert not worker.is_alive()


def test_a_process_whose_orgs_all_refuse_it_ends_and_says_so(orgs: list[Any]) -> None:
    """There is nothing left to do that a restart by itself would cure."""
    with pytest.raises(LoginRefused):
        run_workers(orgs[0].store, [_wrong(each) for each in orgs], stop=threading.Event())


def test_commands_by_hand_do_all_orgs_or_the_one_that_is_named(
    orgs: list[Any], store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One org that fails is told, and the next has its turn all the same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)
    tables = [_table(name, each) for name, each in zip(("north", "south"), orgs, strict=True)]
    (tmp_path / "baton.toml").write_text("\n".join(tables))

    assert run_sync(snapshot=False, as_json=True, org=None) == 0
    assert [each["org"] for each in json.loads(capsys.readouterr().out)["orgs"]] == ["north", "south"]
    assert run_sync(snapshot=False, as_json=True, org="south") == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "deep"
    assert run_prove(ids_only=False, as_json=True, org="north") == 0
    assert show_status(as_json=True, org="south") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [(each["label"], each["org_id"]) for each in json.loads(lines[-1])["orgs"]] == [
        ("south", orgs[1].org.org_id)
    ]
    (tmp_path / "baton.toml").write_text("\n".join(tables).replace(_secret(orgs[0]), "wrong"))
    orgs[1].org.update("Opportunity", orgs[1].deals[1], {"StageName": "Closed Won"})

    assert run_sync(snapshot=False, as_json=True, org=None) == 1
    north, south = json.loads(capsys.readouterr().out)["orgs"]
    assert "invalid client" in north["error"]
    assert south["deals_in"] == 1
    deal = orgs[0].deals[0]
    with pytest.raises(CommandError, match="choose one with --org"):
        show_brief(deal, form=Form.JSON, version=None, out=None, org=None)
    assert show_brief(deal, form=Form.JSON, version=None, out=None, org="south") == 0
    assert "North" not in capsys.readouterr().out


def _secret(followed: Any) -> str:
    return str(followed.settings.client_secret.get_secret_value())


def _table(name: str, followed: Any) -> str:
    given = followed.settings
    return (
        f'[[orgs]]\nname = "{name}"\nsalesforce_url = "{given.url}"\nsalesforce_client_id = "{given.client_id}"\n'
        f'salesforce_client_secret = "{_secret(followed)}"\nsalesforce_currency = "USD"\n'
    )


def _views(store: Store) -> list[str]:
    with store.reading() as session:
        rows = session.execute(
            text(
                "SELECT table_schema, table_name FROM information_schema.columns WHERE column_name = 'org_id'"
                " AND table_schema IN ('closure', 'cs_v1', 'salesforce', 'cs') ORDER BY 1, 2"
            )
        )
        return [f'{schema}."{name}"' for schema, name in rows]


def _everything(followed: Any) -> dict[str, list[Any]]:
    """All that the store shows and keeps of one org."""
    return {
        view: followed.ask(f"SELECT v::text FROM {view} AS v WHERE org_id = :org ORDER BY 1", org=followed.org.org_id)
        for view in _views(followed.store)
    }
