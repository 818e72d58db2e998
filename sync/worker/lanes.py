"""One org's worker: the live lane, the bulk lane, and what they share: session, governor, lease and heartbeat."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from models import org, run
from models.errors import LeaseLost, StoreError
from models.session import Store
from sync.errors import BadReply, Stop, SyncError, Wait
from sync.run import Manner, connected_org, run_pass, save_spend
from sync.run.report import PassReport
from sync.salesforce.client import Client, connect
from sync.salesforce.governor import Governor, Lane, Rules
from sync.salesforce.http import DEADLINES, Deadlines
from sync.settings import SalesforceSettings, WorkerSettings
from sync.worker.bulk_lane import BulkLane
from sync.worker.chores import CHORES, Chore
from sync.worker.health import Health, shown
from sync.worker.leading import Leadership
from sync.worker.pause import pause_after

#: Live passes look at each object deeply in its turn; one that asks for everything is for what else may have moved.
DEEP_EVERY = timedelta(hours=4)
_LONGEST_PAUSE = timedelta(minutes=5)
#: a pass that has not read everything by then is given up
_PASS_SECONDS = 3600.0

log = structlog.get_logger("baton.worker")


class Worker:
    """Follows one org: leads while it has the lease, stands by while another has it.

    `beat`, `work` and `keep_lease` are called again and again, each by a thread of its own.
    """

    def __init__(
        self,
        store: Store,
        salesforce_settings: SalesforceSettings,
        worker_settings: WorkerSettings,
        *,
        stop: threading.Event,
        now: Callable[[], datetime] | None = None,
        chores: tuple[Chore, ...] = CHORES,
        deadlines: Deadlines = DEADLINES,
    ) -> None:
        """Prepare, without connecting. `now` is the time by which is planned; Salesforce's unless given."""
        self._store = store
        self._settings = salesforce_settings
        self._stop = stop
        self._given_now = now
        self._chores = chores
        self._deadlines = deadlines
        self._first_pause = timedelta(seconds=worker_settings.poll_seconds)
        self._client: Client | None = None
        self.governor = Governor(_rules(worker_settings), now=self.now)
        self._bulk: BulkLane | None = None
        self.org_id: str | None = None
        self._leadership = Leadership(store)
        self._health = Health(store, holder=self._leadership.holder)
        self._deep_at: datetime | None = None
        self._is_loaded = False
        self._next_poll: datetime | None = None
        self._quiet_until: datetime | None = None
        self._failures = 0
        self.refused: Stop | None = None

    def now(self) -> datetime:
        """The time by which is planned."""
        if self._given_now is not None:
            return self._given_now()
        if self._client is not None:
            try:
                return self._client.server_now
            except BadReply:  # an org that tells no time
                pass
        return datetime.now(UTC)

    # --- the live lane -----------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Do one pass, if it is time for one."""
        now = self.now()
        if self._stop.is_set() or not self._is_due(now):
            return
        try:
            client = self._connected()
            if not self.keep_lease():
                self._deep_at = None
            elif self._has_loaded():
                self._poll(client, now)
            self._failures, self._quiet_until = 0, None
            self._tell(Lane.LIVE)
        except Stop as error:
            # Before anything else that could fail, telling included: who is refused and goes on locks a user out.
            self.refused = error
            self._stop.set()
            log.error("org_refused", error=str(error))  # noqa: TRY400 - the sentence says it; a traceback would not help
            self._tell(Lane.LIVE, error=error)
        except Wait as error:
            self._quiet_until = now + error.retry_after
            log.warning("waiting", error=str(error), until=self._quiet_until.isoformat())
            self._tell(Lane.LIVE, error=error)
        except LeaseLost as error:
            self._leadership.lost()
            self._deep_at = None
            log.warning("lease_lost", error=str(error))
        except (SyncError, StoreError) as error:
            self._failed(now, error)
            log.warning("pass_failed", error=str(error), failures=self._failures)
        except Exception as error:
            # A defect must neither end the rhythm nor pass unseen.
            self._failed(now, error)
            log.exception("pass_broken", error=type(error).__name__)

    def _is_due(self, now: datetime) -> bool:
        if self._quiet_until is not None and now < self._quiet_until:
            return False
        not_before = self.governor.plan().not_before
        if not_before is not None and now < not_before:
            return False
        return self._next_poll is None or now >= self._next_poll

    def _has_loaded(self) -> bool:
        """Whether there is something to poll for; the first load is a chore of the bulk lane."""
        if not self._is_loaded and self.org_id is not None:
            with self._store.reading() as session:
                row = org.org_row(session, self.org_id)
            self._is_loaded = row is not None and row.watermark is not None
        return self._is_loaded

    def _poll(self, client: Client, now: datetime) -> None:
        assert self.org_id is not None
        self._recall_spending(client)
        before = client.api_calls
        is_deep = self._deep_at is None or now - self._deep_at >= DEEP_EVERY
        self._health.does(Lane.LIVE, "pass", now)
        with client.ending_in(_PASS_SECONDS):
            report = run_pass(
                self._store,
                client,
                self.org_id,
                kind="deep" if is_deep else "live",
                fence=self._leadership.fence,
                manner=Manner(leave_whole=True),
            )
        if report.kind != "live":
            self._deep_at = now
        else:
            self.governor.poll_done(client.api_calls - before)
        self._plan_next(now)
        self._health.does(Lane.LIVE, None, now)
        _tell_of(report)

    def _plan_next(self, now: datetime) -> None:
        """Set the time of the next pass where it is later than the next tick.

        It counts from when this pass was due, not from when a tick came, so that the rhythm is kept on average.
        """
        planned = self.governor.plan()
        if planned.poll_every <= self.governor.rules.poll_every:
            self._next_poll = None
            return
        due = max(self._next_poll or now, now - planned.poll_every)
        self._next_poll = due + planned.poll_every

    def _failed(self, now: datetime, error: Exception) -> None:
        self._failures += 1
        self._deep_at = None
        asked = error.retry_after if isinstance(error, SyncError) else None
        dice = random.random()  # noqa: S311 - spreads requests, keeps no secret
        pause = pause_after(self._failures, first=self._first_pause, longest=_LONGEST_PAUSE, dice=dice, asked=asked)
        self._quiet_until = now + pause
        self._tell(Lane.LIVE, error=error)

    # --- the bulk lane -----------------------------------------------------------------------------------------------

    def work(self) -> None:
        """Do the chores that are due, while this worker leads and its polls succeed."""
        client, org_id = self._client, self.org_id
        if self._stop.is_set() or client is None or org_id is None or not self._leadership.leads:
            return
        if self._failures or self._quiet_until is not None:
            return  # the polls find out when the org is well again; nobody else asks it meanwhile
        if self._bulk is None:
            beside = client.beside(meter=self.governor.meter(Lane.BULK))
            self._bulk = BulkLane(
                self._store, beside, org_id, governor=self.governor, health=self._health, chores=self._chores
            )
        self._bulk.work(self.now, fence=lambda: self._leadership.fence, stop=self._stop)

    # --- what both share ---------------------------------------------------------------------------------------------

    def keep_lease(self) -> bool:
        """Take or renew the lease, and show that this worker is alive; whether it leads."""
        if self.org_id is None:
            return False
        leads = self._leadership.renewed(self.org_id)
        if leads:
            self._tell(Lane.BULK)
        return leads

    def halt(self) -> None:
        """Break off what the bulk lane does; the pass under way ends by itself."""
        if self._bulk is not None:
            self._bulk.client.halt()

    def close(self) -> None:
        """Write down what was spent, and give the lease and the connections back."""
        if self._client is not None and self.org_id is not None:
            with suppress(StoreError), self._store.writing() as session:
                save_spend(session, self._client, self.org_id)
        for client in (self._bulk.client if self._bulk else None, self._client):
            if client is not None:
                client.close()
        self._leadership.give_back()

    def _connected(self) -> Client:
        if self._client is None:
            client = connect(self._settings, meter=self.governor.meter(Lane.LIVE), deadlines=self._deadlines)
            try:
                self.org_id = connected_org(self._store, client)
            except BaseException:
                client.close()
                raise
            self._client = client
            log.info("connected", org_id=self.org_id)
        return self._client

    def _recall_spending(self, client: Client) -> None:
        """Count what others have spent today: a former process, or commands run by hand."""
        assert self.org_id is not None
        with self._store.reading() as session:
            spent = run.spent_on(session, self.org_id, self.now().date())
        self.governor.restore(spent, client.usage)

    def _tell(self, lane: Lane, *, error: Exception | None = None) -> None:
        """Write the heartbeat of a lane."""
        if self.org_id is None or not self._leadership.leads:
            return
        later = [each for each in (self._next_poll, self._quiet_until) if each is not None]
        self._health.tell(
            self.org_id,
            lane,
            next_at=max(later) if later and lane is Lane.LIVE else None,
            failures=self._failures if lane is Lane.LIVE else 0,
            error=error,
            plan=shown(self.governor),
        )


def _rules(settings: WorkerSettings) -> Rules:
    return Rules(
        poll_every=timedelta(seconds=settings.poll_seconds),
        slowest_poll=timedelta(seconds=max(settings.slowest_poll_seconds, settings.poll_seconds)),
        share=settings.api_share,
        floor=settings.api_floor,
    )


def _tell_of(report: PassReport) -> None:
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
