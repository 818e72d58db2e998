"""The heartbeat of each lane, for whoever wonders what the worker does: rows of `ops.heartbeat`."""

from datetime import datetime
from typing import Any

import structlog

from models import working
from models.errors import StoreError
from models.session import Store
from sync.salesforce.governor import Governor, Lane

log = structlog.get_logger("baton.worker")


class Health:
    """What the lanes do now, written down at each beat."""

    def __init__(self, store: Store, *, holder: str) -> None:
        self._store = store
        self._holder = holder
        self._doing: dict[Lane, tuple[str | None, datetime]] = {}

    def does(self, lane: Lane, what: str | None, since: datetime) -> None:
        """Take note of what a lane begins to do; None = it waits."""
        self._doing[lane] = (what, since)

    def tell(
        self,
        org_id: str,
        lane: Lane,
        *,
        next_at: datetime | None,
        failures: int,
        error: Exception | None,
        plan: dict[str, Any],
    ) -> None:
        """Write the heartbeat of a lane; a store that does not answer is told of elsewhere."""
        doing, since = self._doing.get(lane, (None, None))
        values = {
            "holder": self._holder, "doing": doing, "since": since, "next_at": next_at, "failures": failures,
            "error": None if error is None else str(error), "plan": plan,
        }  # fmt: skip
        try:
            with self._store.writing() as session:
                working.beat(session, org_id, lane, values)
        except StoreError as failed:
            log.debug("heartbeat_not_written", error=str(failed))


def shown(governor: Governor) -> dict[str, Any]:
    """The governor's plan and its forecast of the day, as they are kept with the heartbeat."""
    planned, expected = governor.plan(), governor.forecast()
    return {
        "pace": planned.pace,
        "poll_seconds": round(planned.poll_every.total_seconds(), 3),
        "not_before": planned.not_before and planned.not_before.isoformat(),
        "budget": planned.budget,
        "left": planned.left,
        "spent": expected.total,
        "expected": expected.expected,
        "org_used": expected.org_used,
        "org_limit": expected.org_limit,
    }
