"""The bulk lane: what Salesforce's jobs hold waits in the store, whole and counted, whatever happened on the way."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mortal_clients import Dying, Interrupted, Killed
from sqlalchemy import text

from demo_org.store import Org
from demo_org.wire.server import Running, running
from demo_org.wire.settings import WireSettings
from models import bulk_job
from models.bulk_job import BulkRow
from models.embedded.server import EmbeddedServer
from models.errors import StoreUnreachable
from models.migrate import migrate
from models.mirror import MIRRORS
from models.session import Store
from sync.errors import OrgUnreachable
from sync.extract.snapshot import Wanted
from sync.land.staging import rows_waiting
from sync.record import ObjectShape
from sync.run import connected_org
from sync.run.download import Download
from sync.run.readings import Readings, Stopped
from sync.salesforce.client import Client, connect
from sync.scope.closure import snapshot_queries
from sync.scope.mapping import select_fields
from sync.settings import SalesforceSettings

DEALS, PAGE = 95, 20
#: 131,072 characters are the longest text of Salesforce
LONGEST = "ä" * 131_072
ODD = ["NA", "null", "None", "0012", "1e5", 'say "hi"', "a\r\nb\rc", "a\n\\.\nb", "x\u2028y", "ö" * 40_000, LONGEST]


@dataclass
class Lane:
    """A served org with won deals, and a store to download them into."""

    org: Org
    served: Running
    store: Store
    org_id: str
    client: Client

    def wanted(self, *names: str, by_pages: bool = False) -> dict[str, Wanted]:
        """What a first load wants of some objects."""
        described = self.client.describe(names)
        return {
            name: Wanted(selection=select_fields(shape), statements=partial(snapshot_queries, name), by_pages=by_pages)
            for name in names
            if isinstance(shape := described[name], ObjectShape)
        }

    def download(self, client: Any = None, store: Store | None = None, **more: Any) -> Download:
        """A download in a process of its own."""
        return Download(self.readings(client, store), **{"page_rows": 10, **more})

    def readings(self, client: Any = None, store: Store | None = None) -> Readings:
        """What that download knows."""
        return Readings(store or self.store, client or self.client, self.org_id, mirrors=MIRRORS)

    def jobs(self, store: Store | None = None) -> list[BulkRow]:
        """What is written down of the readings."""
        with (store or self.store).reading() as session:
            return bulk_job.jobs_of(session, self.org_id, "snapshot")

    def waiting(self, column: str = "id", store: Store | None = None) -> list[Any]:
        """What waits of the deals, in the order of their ids."""
        (job,) = [each for each in self.jobs(store) if each.object_name == "Opportunity"]
        with (store or self.store).reading() as session:
            found = session.execute(text(f'SELECT {column} FROM staging."{job.staging}" ORDER BY id'))
            return list(found.scalars())

    def deals(self) -> list[str]:
        """The deals of the org."""
        with self.org.reading() as connection:
            rows = connection.execute("SELECT Id FROM Opportunity WHERE IsWon = 1 AND IsDeleted = 0 ORDER BY Id")
            return [row[0] for row in rows]

    def strike(self, kind: str, **described: Any) -> None:
        """Let the org misbehave."""
        httpx.post(f"{self.served.url}/demo/faults", json=[{"kind": kind, **described}]).raise_for_status()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Org, Running]]:
    small = WireSettings(bulk_delay=0.0, bulk_page_rows=PAGE)
    with Org.open() as org, running(org, settings=small) as answering:
        rows = [[f"Deal {n}", "Closed Won", 1, 1, "2026-11-01", ODD[n % len(ODD)]] for n in range(DEALS)]
        org.load("Opportunity", ["Name", "StageName", "IsWon", "IsClosed", "CloseDate", "Description"], rows)
        yield org, answering


@pytest.fixture
def lane(served: tuple[Org, Running], store: Store) -> Iterator[Lane]:
    org, answering = served
    known = answering.credentials
    given = SalesforceSettings(
        url=answering.url, auth="client_credentials", client_id=known.client_id, client_secret=known.client_secret
    )
    with connect(given) as client:
        yield Lane(org=org, served=answering, store=store, org_id=connected_org(store, client), client=client)
    httpx.delete(f"{answering.url}/demo/faults").raise_for_status()


def test_every_record_waits_with_its_exact_text(lane: Lane) -> None:
    """Whatever stands in a text, it is one row and the very text; what is empty is nothing."""
    landed: list[str] = []
    lane.download().go(lane.wanted("Opportunity"), landed=landed.append)

    assert landed == ["Opportunity"]
    assert lane.waiting() == lane.deals()
    with lane.org.reading() as connection:
        texts = [
            row[0] for row in connection.execute("SELECT Description FROM Opportunity WHERE IsWon = 1 ORDER BY Id")
        ]
    assert lane.waiting("description") == texts
    assert set(lane.waiting("nextstep")) == {None}


@pytest.mark.parametrize(("page_rows", "pages"), [(10, 5), (1000, 5)])
def test_pages_are_counted_however_they_are_cut(lane: Lane, page_rows: int, pages: int) -> None:
    """Side by side where Salesforce lists them, one after the other where it hands out less than was asked for."""
    lane.download(page_rows=page_rows).go(lane.wanted("Opportunity"))

    (job,) = lane.jobs()
    assert (job.state, job.expected_rows, job.rows_landed, job.pages_landed) == ("landed", DEALS, DEALS, pages)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deaths=st.lists(st.integers(0, 4), min_size=1, max_size=3), page_rows=st.sampled_from([10, 1000]))
def test_a_worker_killed_at_any_page_goes_on_where_it_was(lane: Lane, deaths: list[int], page_rows: int) -> None:
    """However often and wherever it is killed: no page that has landed is asked for again, and nothing is missing."""
    wanted = lane.wanted("Opportunity")
    lane.readings().forget(lane.jobs())
    before = lane.client.calls["bulk"]
    for page in deaths:
        dying = Dying(lane.client, page=page)
        landed_before = sum(job.pages_landed for job in lane.jobs())
        with pytest.raises(Killed) if page + landed_before < 5 else nullcontext():
            lane.download(dying, page_rows=page_rows).go(wanted)
    (job_before,) = lane.jobs()
    last = Dying(lane.client, page=99)
    lane.download(last, page_rows=page_rows).go(wanted)

    (job,) = lane.jobs()
    assert job.generation == job_before.generation
    assert last.asked == 5 - job_before.pages_landed
    assert lane.waiting() == lane.deals()
    assert before < lane.client.calls["bulk"]


def test_a_kill_in_the_middle_of_a_page_costs_that_page_only(lane: Lane) -> None:
    """What has come of it is not kept, so nothing comes twice."""
    stop = threading.Event()
    cut = lane.download(Interrupted(lane.client, stop), stop=stop)
    with pytest.raises(Stopped):
        cut.go(lane.wanted("Opportunity"))
    (job,) = lane.jobs()
    assert job.state == "running"
    assert job.rows_landed == len(lane.waiting())

    lane.download().go(lane.wanted("Opportunity"))

    assert lane.waiting() == lane.deals()


def test_a_crash_of_the_database_empties_what_waits_and_it_is_downloaded_again(lane: Lane, tmp_path: Path) -> None:
    """Staging is not logged, so its rows are compared with what was written down of them."""
    home = tmp_path / "home"
    tmp_path.chmod(0o711)
    with EmbeddedServer(home, database="crashed") as url:
        store = Store(url)
        migrate(store)
        lane.download(store=store).go(lane.wanted("Opportunity"))
        with suppress(StoreUnreachable), store.reading() as session:
            os.kill(session.execute(text("SELECT pg_backend_pid()")).scalar_one(), signal.SIGKILL)
            time.sleep(0.1)
        store.close()
        store = Store(url)
        _until_emptied(lane, store)
        (before,) = lane.jobs(store)

        lane.download(store=store).go(lane.wanted("Opportunity"))

        assert lane.jobs(store) == [before]
        assert lane.waiting(store=store) == lane.deals()
        store.close()


def _until_emptied(lane: Lane, store: Store) -> None:
    """Wait until the database has noticed that it crashed, and is there again."""
    emptied = False
    while not emptied:
        with suppress(StoreUnreachable):
            emptied = not lane.waiting(store=store)
        time.sleep(0.05)


@pytest.mark.parametrize("kind", ["csv_cut", "count_wrong", "broken_body"])
def test_a_page_that_comes_wrong_is_fetched_again(lane: Lane, kind: str) -> None:
    """Only that page."""
    lane.strike(kind, path="/results", times=1)
    client = Dying(lane.client, page=99)
    download = lane.download(client)
    download.go(lane.wanted("Opportunity"))

    assert download.failed == {}
    assert client.asked == 5 + 1
    assert lane.waiting() == lane.deals()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("job_failed", {"times": 1}),
        ("job_aborted", {"times": 1}),
        ("results_missing", {"times": 1}),
        ("count_wrong", {"times": 3}),
        ("rows_repeated", {"times": 1}),
    ],
)
def test_a_job_that_comes_to_nothing_is_begun_anew(lane: Lane, kind: str, more: dict[str, Any]) -> None:
    """Once: Salesforce gives up on jobs, people abort them, and results are dropped after seven days."""
    lane.strike(kind, **more)
    download = lane.download(page_rows=1000)
    download.go(lane.wanted("Opportunity"))

    (job,) = lane.jobs()
    assert download.failed == {}
    assert job.attempt == 2
    assert lane.waiting() == lane.deals()


def test_an_object_that_can_not_be_read_is_told_and_holds_up_no_other(lane: Lane) -> None:
    """Its failure has a reason; the others land."""
    lane.strike("job_failed", statement="NextStep", times=0)
    landed: list[str] = []
    download = lane.download()
    download.go(lane.wanted("Opportunity", "Account"), landed=landed.append)

    assert landed == ["Account"]
    assert "Job failed after 15 retries" in str(download.failed["Opportunity"])
    assert {job.object_name: job.state for job in lane.jobs()} == {"Account": "landed", "Opportunity": "failed"}


def test_a_job_in_which_nothing_moves_is_given_up(lane: Lane) -> None:
    """The org may be busy for hours, but not for ever."""
    lane.strike("job_stalled", times=0)
    download = lane.download(patience=timedelta(seconds=0.2))
    download.go(lane.wanted("Account"))

    assert "stayed InProgress" in str(download.failed["Account"])


def test_an_org_that_can_not_be_reached_ends_the_download_and_nothing_is_lost(lane: Lane) -> None:
    """The next one goes on."""
    dying = Dying(lane.client, page=2)
    with pytest.raises(Killed):
        lane.download(dying).go(lane.wanted("Opportunity"))
    wanted = lane.wanted("Opportunity")
    before = lane.jobs()[0].pages_landed
    with stamina.set_testing(True, attempts=1):
        lane.strike("reset_before", path="/jobs/", times=0)
        with pytest.raises(OrgUnreachable):
            lane.download().go(wanted)
    httpx.delete(f"{lane.served.url}/demo/faults").raise_for_status()

    assert lane.jobs()[0].pages_landed == before
    lane.download().go(wanted)
    assert lane.waiting() == lane.deals()


def test_that_bulk_does_not_support_an_object_is_learned_once(lane: Lane) -> None:
    """It is read page by page, as exactly, and is not asked for again in this org."""
    lane.strike("bulk_refused", times=1)
    lane.download().go(lane.wanted("Opportunity"))

    (job,) = lane.jobs()
    assert (job.job_id, job.state) == (None, "landed")
    assert lane.waiting() == lane.deals()
    lane.readings().forget([job])
    lane.download().go(lane.wanted("Opportunity"))
    assert lane.jobs()[0].job_id is None


def test_a_field_hidden_while_a_job_ran_is_left_out(lane: Lane) -> None:
    """Its old values stay; the rest of the object is read."""
    message = "INVALID_FIELD: \\nNo such column 'NextStep' on entity 'Opportunity'. If you are"
    lane.strike("job_failed", times=1, message=message)
    lane.download().go(lane.wanted("Opportunity"))

    (job,) = lane.jobs()
    assert job.hidden == ("NextStep",)
    assert "NextStep" not in job.soql
    assert lane.waiting() == lane.deals()


def test_a_reading_that_no_longer_asks_what_is_wanted_is_begun_anew(lane: Lane) -> None:
    """A field that was added since must be in it."""
    wanted = lane.wanted("Opportunity")
    less = replace(wanted["Opportunity"], selection=wanted["Opportunity"].selection.without("Description"))
    lane.download().go({"Opportunity": less})
    (former,) = lane.jobs()
    lane.download().go(wanted)

    (job,) = lane.jobs()
    assert job.generation > former.generation
    assert None not in lane.waiting("description")
    with lane.store.reading() as session:
        assert rows_waiting(session, former.staging) is None


def test_a_reading_that_is_as_old_as_its_results_is_begun_anew(lane: Lane) -> None:
    """Salesforce drops them after seven days."""
    lane.download().go(lane.wanted("Opportunity"))
    (former,) = lane.jobs()
    with lane.store.writing() as session:
        bulk_job.update_job(session, former, created_at=former.created_at - timedelta(days=7))
    lane.download().go(lane.wanted("Opportunity"))

    assert lane.jobs()[0].generation > former.generation
    assert lane.waiting() == lane.deals()


def test_a_value_that_is_none_of_its_kind_fails_its_object_only(lane: Lane) -> None:
    """It is refused where it arrives, before any merge, and no message quotes it."""
    wanted = lane.wanted("Opportunity", "Account")
    with lane.org.writing() as connection:
        connection.execute("UPDATE Opportunity SET CloseDate = 'soon' WHERE Name = 'Deal 3'")
    try:
        download = lane.download()
        download.go(wanted)
    finally:
        with lane.org.writing() as connection:
            connection.execute("UPDATE Opportunity SET CloseDate = '2026-11-01' WHERE Name = 'Deal 3'")

    assert list(download.failed) == ["Opportunity"]
    assert "soon" not in str(download.failed["Opportunity"])
