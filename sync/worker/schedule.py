"""The rhythm: APScheduler calls both lanes and renews the lease, for one org or for several in one process."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from models.session import Store
from sync.settings import OrgSettings, SalesforceSettings, WorkerSettings
from sync.worker.chores import Chore
from sync.worker.chores import chores as all_chores
from sync.worker.lanes import Worker
from sync.worker.leading import LEASE_LASTS

_CHORE_SECONDS = 5.0
_LOOK_SECONDS = 0.5
#: what a download that was broken off gets to end in
_BREAK_OFF_SECONDS = 3.0

log = structlog.get_logger("baton.worker")


def run_worker(
    store: Store,
    salesforce_settings: SalesforceSettings,
    worker_settings: WorkerSettings,
    *,
    stop: threading.Event,
    chores: tuple[Chore, ...] | None = None,
) -> None:
    """Keep the store equal to the org until `stop` is set.

    Raises:
        Stop: the org refuses us in a way that only a person can mend (a wrong password, a wrong host).
    """
    only = OrgSettings(salesforce=salesforce_settings, worker=worker_settings)
    run_workers(store, [only], stop=stop, chores=chores)


def run_workers(
    store: Store,
    orgs: Sequence[OrgSettings],
    *,
    stop: threading.Event,
    chores: tuple[Chore, ...] | None = None,
) -> None:
    """Keep the store equal to several orgs until `stop` is set; what fails in one does not touch the others.

    Raises:
        Stop: every org refuses us in a way that only a person can mend.
    """
    running = [_Running(store, each, chores) for each in orgs]
    try:
        while not stop.wait(_LOOK_SECONDS) and not all(each.worker.refused for each in running):
            pass
    finally:
        for each in running:
            each.ask_to_stop()
        for each in running:
            each.wait()
    for each in running:
        if each.worker.refused is not None and not stop.is_set():
            raise each.worker.refused


class _Running:
    """One org's worker at work."""

    def __init__(self, store: Store, org: OrgSettings, chores: tuple[Chore, ...] | None) -> None:
        self._stop = threading.Event()
        if chores is None:
            chores = all_chores(refresh_every=timedelta(hours=org.worker.refresh_hours))
        self.worker = Worker(store, org.salesforce, org.worker, stop=self._stop, chores=chores)
        poll_seconds = org.worker.poll_seconds
        self._bulk = _OwnThread()
        self._scheduler = BackgroundScheduler(
            executors={"live": ThreadPoolExecutor(1), "lease": ThreadPoolExecutor(1), "bulk": self._bulk}, timezone=UTC
        )
        self._every("live", self.worker.beat, poll_seconds)
        # The lease is renewed beside the passes, since a pass may last longer than a lease.
        self._every("lease", self.worker.keep_lease, LEASE_LASTS.total_seconds() / 4)
        self._every("bulk", self.worker.work, min(_CHORE_SECONDS, poll_seconds))
        self._scheduler.start()

    def ask_to_stop(self) -> None:
        """Let the running pass be the last."""
        self._stop.set()
        self.worker.halt()

    def wait(self) -> None:
        """Wait for the running pass, but not for a download; then give everything back."""
        self._scheduler.shutdown(wait=True)
        self._bulk.join(_BREAK_OFF_SECONDS)
        self.worker.close()

    def _every(self, name: str, act: Callable[[], Any], seconds: float) -> None:
        self._scheduler.add_job(
            act, "interval", seconds=seconds, id=name, executor=name, coalesce=True, max_instances=1,
            misfire_grace_time=None, next_run_time=datetime.now(UTC),
        )  # fmt: skip


class _OwnThread(BaseExecutor):  # type: ignore[misc] # APScheduler has no types
    """Runs a job in a thread that does not keep the process alive: a download may be left behind at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._thread: threading.Thread | None = None

    def join(self, seconds: float) -> None:
        """Wait a moment for the job to end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _do_submit_job(self, job: Any, run_times: Any) -> None:
        def work() -> None:
            events = run_job(job, job._jobstore_alias, run_times, self._logger.name)
            self._run_job_success(job.id, events)

        self._thread = threading.Thread(target=work, name="baton-bulk", daemon=True)
        self._thread.start()
