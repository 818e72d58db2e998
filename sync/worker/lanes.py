"""When passes run: APScheduler's rhythm, one leader by a lease, and a stop that lets the running pass end."""

import os
import secrets
import socket
import threading
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from models import lease
from models.errors import LeaseLost, StoreError
from models.session import Store
from sync.errors import Stop, SyncError, Wait
from sync.run import Fence, connected_org, run_pass
from sync.run.report import PassReport
from sync.salesforce.client import Client, connect
from sync.settings import SalesforceSettings, WorkerSettings

DEEP_EVERY = timedelta(minutes=5)
_LEASE_LASTS = timedelta(seconds=60)
_PAUSE_AFTER_FAILURE = 60.0

log = structlog.get_logger("baton.worker")


def run_worker(
    store: Store,
    salesforce_settings: SalesforceSettings,
    worker_settings: WorkerSettings,
    *,
    stop: threading.Event,
) -> None:
    """Keep the store equal to the org until `stop` is set.

    Raises:
        Stop: the org refuses us in a way that only a person can mend (a wrong password, a wrong host).
    """
    worker = Worker(store, salesforce_settings, worker_settings, stop=stop)
    scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(2)}, timezone=UTC)
    first = datetime.now(UTC)
    every = worker_settings.poll_seconds
    options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None, "next_run_time": first}
    scheduler.add_job(worker.beat, "interval", seconds=every, id="live", **options)
    # The lease is renewed beside the passes, since a snapshot lasts longer than a lease.
    scheduler.add_job(worker.keep_lease, "interval", seconds=_LEASE_LASTS.total_seconds() / 4, id="lease", **options)
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)
        worker.close()
    if worker.refused is not None:
        raise worker.refused


class Worker:
    """One worker process: leads while it has the lease, stands by while another has it."""

    def __init__(
        self,
        store: Store,
        salesforce_settings: SalesforceSettings,
        worker_settings: WorkerSettings,
        *,
        stop: threading.Event,
    ) -> None:
        self._store = store
        self._settings = salesforce_settings
        self._poll_seconds = worker_settings.poll_seconds
        self._stop = stop
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._client: Client | None = None
        self._org_id: str | None = None
        self._fence: Fence | None = None
        self._lock = threading.Lock()
        self._deep_at: datetime | None = None
        self._quiet_until: datetime | None = None
        self._failures = 0
        self.refused: Stop | None = None

    def beat(self) -> None:
        """Do what is due: connect, take the lease, and do one pass."""
        now = datetime.now(UTC)
        if self._stop.is_set() or (self._quiet_until is not None and now < self._quiet_until):
            return
        try:
            self._connected()
            if self.keep_lease():
                self._pass(now)
            self._failures = 0
            self._quiet_until = None
        except Stop as error:
            log.error("org_refused", error=str(error))  # noqa: TRY400 - the sentence says it; a traceback would not help
            self.refused = error
            self._stop.set()
        except Wait as error:
            self._quiet_until = now + error.retry_after
            log.warning("waiting", error=str(error), seconds=error.retry_after.total_seconds())
        except LeaseLost as error:
            self._fence = None
            log.warning("lease_lost", error=str(error))
        except (SyncError, StoreError) as error:
            self._failures += 1
            pause = min(_PAUSE_AFTER_FAILURE, self._poll_seconds * 2**self._failures)
            self._quiet_until = now + timedelta(seconds=pause)
            log.warning("pass_failed", error=str(error), again_in_seconds=pause)
        except Exception as error:
            # A defect must neither end the rhythm nor pass unseen.
            self._failures += 1
            self._quiet_until = now + timedelta(seconds=_PAUSE_AFTER_FAILURE)
            log.exception("pass_broken", error=type(error).__name__)

    def keep_lease(self) -> bool:
        """Take or renew the lease; whether this worker leads."""
        with self._lock:
            if self._org_id is None:
                return False
            name = f"worker {self._org_id}"
            try:
                with self._store.writing() as session:
                    token = lease.take_lease(session, name, holder=self._holder, lasting=_LEASE_LASTS)
                    holder = lease.lease_holder(session, name)
                    if token is None and holder is not None and _is_dead(holder):
                        # Killed on this machine: its lease need not run out. The fence covers a mistake here.
                        lease.give_lease_back(session, name, holder=holder)
                        token = lease.take_lease(session, name, holder=self._holder, lasting=_LEASE_LASTS)
            except StoreError as error:
                log.warning("lease_not_renewed", error=str(error))
                return False
            if token is None:
                if self._fence is not None:
                    log.warning("standing_by", why="another worker leads")
                self._fence = None
                return False
            self._fence = Fence(name=name, token=token)
            return True

    def close(self) -> None:
        """Give the lease and the connections back."""
        if self._client is not None:
            self._client.close()
        if self._org_id is not None:
            try:
                with self._store.writing() as session:
                    lease.give_lease_back(session, f"worker {self._org_id}", holder=self._holder)
            except StoreError as error:
                log.warning("lease_not_given_back", error=str(error))

    def _connected(self) -> Client:
        if self._client is None:
            client = connect(self._settings)
            self._org_id = connected_org(self._store, client)
            self._client = client
            log.info("connected", org_id=self._org_id)
        return self._client

    def _pass(self, now: datetime) -> None:
        if self._client is None or self._org_id is None:
            return
        is_deep = self._deep_at is None or now - self._deep_at >= DEEP_EVERY
        report = run_pass(
            self._store, self._client, self._org_id, kind="deep" if is_deep else "live", fence=self._fence
        )
        if report.kind != "live":
            self._deep_at = now
        _tell(report)


def _is_dead(holder: str) -> bool:
    """Whether a lease is held by a process of this machine that has ended."""
    host, pid, _ = holder.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _tell(report: PassReport) -> None:
    """Log a pass; one in which nothing happened only when somebody asks for that much."""
    happened = report.rows_written or report.rows_deleted or report.deals_in or report.deals_out
    tell = log.info if happened or report.kind != "live" else log.debug
    tell(
        "pass_done",
        kind=report.kind,
        rows_read=report.rows_read,
        rows_written=report.rows_written,
        rows_deleted=report.rows_deleted,
        deals_in=report.deals_in,
        deals_out=report.deals_out,
        api_calls=report.api_calls,
        seconds=report.seconds,
    )
    for name, detail in report.failed.items():
        log.warning("object_not_read", object=name, error=detail)
