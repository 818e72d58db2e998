"""Two lanes, one session: whoever finds it ended renews it once for both, and the reading goes on."""

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from job_reading import pages_of

from demo_org.store import Org
from demo_org.wire import WireSettings, running
from sync.extract.parts import QueryPart, drain
from sync.salesforce.client import connect
from sync.salesforce.usage import Tally
from sync.settings import SalesforceSettings

ACCOUNTS = 300


@pytest.fixture
def served():
    wire = WireSettings(bulk_delay=0.0, page_rows=50, bulk_page_rows=60, rotate_refresh_tokens=True)
    with Org.open() as opened, running(opened, settings=wire) as answering:
        opened.load("Account", ["Name"], [[f"Acme {n}"] for n in range(ACCOUNTS)])
        yield answering


def settings_of(served, **given):
    known = served.credentials
    login = {"auth": "client_credentials", "client_secret": known.client_secret} | given
    return SalesforceSettings(url=served.url, client_id=known.client_id, **login)


def kill_sessions(served):
    httpx.post(f"{served.url}/demo/sessions/kill", json={}).raise_for_status()


def logins(served):
    return httpx.get(f"{served.url}/demo/calls").json()["free"].get("login", 0)


def by_pages(client, between_pages=lambda: None):
    def statement(after):
        between_pages()
        behind = f"WHERE Id > '{after}' " if after else ""
        return f"SELECT Id, Name FROM Account {behind}ORDER BY Id"

    part = QueryPart("Account", statement)
    drain(client, [part])
    assert part.error is None
    return [record["Id"] for record in part.records]


def by_job(client, between_pages=lambda: None):
    found = []
    for page in pages_of(client, client.start_bulk("SELECT Id FROM Account", object_name="Account")):
        rows = list(csv.DictReader(io.StringIO(b"".join(page.chunks).decode(), newline="")))
        page.verify(len(rows))
        found += [row["Id"] for row in rows]
        between_pages()
    return found


@pytest.mark.parametrize("read", [by_pages, by_job])
def test_a_session_that_ends_before_any_page_costs_no_row(served, read):
    """The page is asked for again with the new session, and the reading goes on."""
    with connect(settings_of(served)) as client:
        found = read(client, lambda: kill_sessions(served))

    assert len(set(found)) == len(found) == ACCOUNTS


def test_both_lanes_log_in_once_when_their_session_ends(served):
    """A second login would only cost time and, with rotating tokens, end the first one's session."""
    with connect(settings_of(served)) as live:
        bulk = live.beside(meter=Tally())
        kill_sessions(served)
        before, together = logins(served), threading.Barrier(8)

        def ask(client):
            together.wait()
            return client.query("SELECT count() FROM Account").records is not None

        with ThreadPoolExecutor(8) as threads:
            assert all(threads.map(ask, [live, bulk] * 4))
        bulk.close()

    assert logins(served) - before == 1


def test_a_rotated_refresh_token_is_stored_before_either_lane_uses_the_session(served):
    """The old token died with the reply; if it were lost now, a person would have to authorize again."""
    kept: list[str] = []
    token = served.credentials.refresh_token
    settings = settings_of(served, auth="refresh_token", refresh_token=token)
    with connect(settings, keep_refresh_token=kept.append) as live:
        bulk = live.beside(meter=Tally())
        for turn in range(3):
            kill_sessions(served)
            with ThreadPoolExecutor(2) as threads:
                found = list(threads.map(by_pages, [live, bulk]))

            assert [len(each) for each in found] == [ACCOUNTS, ACCOUNTS]
            assert len(kept) == turn + 2
        bulk.close()

    assert len(set(kept)) == 4
    with connect(settings_of(served, auth="refresh_token", refresh_token=kept[-1])) as again:
        assert len(by_pages(again)) == ACCOUNTS
