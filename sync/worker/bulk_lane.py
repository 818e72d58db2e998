"""The bulk lane of one org: does the chores that are due, as far as the governor lets it."""

import random
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from models import working
from models.errors import StoreError
from models.session import Store
from sync.errors import Interrupted, Stop, SyncError, Wait
from sync.run import Fence, save_spend
from sync.salesforce.client import Client
from sync.salesforce.governor import Governor, Lane
from sync.worker.chores import Chore, Due, Hands, due_chores
from sync.worker.health import Health
from sync.worker.pause import pause_after

_FIRST_PAUSE = timedelta(minutes=5)
#: what can't wait is tried again sooner
_FIRST_SHORT_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
#: for a person to mend something
_STOP_PAUSE = timedelta(hours=1)

log = structlog.get_logger("baton.worker")


class BulkLane:
    """Does chores one after the other with a client of its own. What fails is put off and never touches the polls."""

    def __init__(
        self,
        store: Store,
        client: Client,
        org_id: str,
        *,
        governor: Governor,
        health: Health,
        chores: tuple[Chore, ...],
    ) -> None:
        self.client = client
        self._store = store
        self._org_id = org_id
        self._governor = governor
        self._health = health
        self._chores = chores

    def work(self, now: Callable[[], datetime], *, fence: Callable[[], Fence | None], stop: threading.Event) -> None:
        """Do what is due, until `stop` is set or the lease is lost."""
        try:
            with self._store.reading() as session:
                due = due_chores(session, self._org_id, now(), among=self._chores)
            for each in due:
                held = fence()
                if stop.is_set() or held is None:
                    return
                if self._is_affordable(each, now()):
                    self._do(each, now, held, stop)
        except StoreError as error:
            log.warning("chores_not_done", error=str(error))
        except Exception as error:
            log.exception("chores_broken", error=type(error).__name__)

    def _is_affordable(self, due: Due, now: datetime) -> bool:
        """Whether there are calls enough to begin; work that can't wait begins with any, and goes on another day."""
        planned = self._governor.plan()
        allowed, least = (planned.elective, due.calls) if due.chore.can_wait else (planned.needed, 1)
        if allowed is None or allowed >= least:
            return True
        why = f"it waits for API calls: it takes about {due.calls}, and {allowed} can be spared"
        self._put_off(due, until=now + self._governor.rules.slowest_poll, failures=due.failures, why=why)
        return False

    def _do(self, due: Due, now: Callable[[], datetime], fence: Fence, stop: threading.Event) -> None:
        name, before = due.chore.name, self.client.api_calls
        log.info("chore_started", chore=name)
        self._health.does(Lane.BULK, name, now())
        self.client.meter.purpose = name
        try:
            detail = due.chore.do(
                Hands(store=self._store, client=self.client, org_id=self._org_id, fence=fence, stop=stop, now=now)
            )
        except Interrupted:
            log.info("chore_interrupted", chore=name)
        except Stop as error:
            log.error("chore_refused", chore=name, error=str(error))  # noqa: TRY400 - the sentence says it
            self._put_off(due, until=now() + _STOP_PAUSE, failures=due.failures + 1, why=str(error))
        except Wait as error:
            log.warning("chore_waits", chore=name, error=str(error))
            self._put_off(due, until=now() + error.retry_after, failures=due.failures, why=str(error))
        except (SyncError, StoreError) as error:
            log.warning("chore_failed", chore=name, error=str(error))
            self._put_off(due, until=now() + _pause(due, error), failures=due.failures + 1, why=str(error))
        except Exception as error:
            # A defect must neither end the rhythm nor pass unseen.
            log.exception("chore_broken", chore=name, error=type(error).__name__)
            self._put_off(due, until=now() + _pause(due, error), failures=due.failures + 1, why=type(error).__name__)
        else:
            calls = self.client.api_calls - before
            with self._store.writing() as session:
                save_spend(session, self.client, self._org_id)
                working.chore_done(session, self._org_id, name, at=now(), calls=calls, detail=detail)
            log.info("chore_done", chore=name, api_calls=calls, **detail)
        finally:
            self._health.does(Lane.BULK, None, now())

    def _put_off(self, due: Due, *, until: datetime, failures: int, why: str) -> None:
        with self._store.writing() as session:
            working.chore_postponed(session, self._org_id, due.chore.name, until=until, failures=failures, why=why)


def _pause(due: Due, error: Exception) -> timedelta:
    asked = error.retry_after if isinstance(error, SyncError) else None
    dice = random.random()  # noqa: S311 - spreads requests, keeps no secret
    first = _FIRST_PAUSE if due.chore.can_wait else _FIRST_SHORT_PAUSE
    return pause_after(due.failures + 1, first=first, longest=_LONGEST_PAUSE, dice=dice, asked=asked)
