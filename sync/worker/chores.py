"""What the bulk lane does beside the polls. To add a chore, add it to `chores`: when it is due, and what it does."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from models import org, working
from models.session import ReadSession, Store
from sync.prove import prove_ids, refresh_formulas
from sync.run import Fence, run_pass
from sync.run.ahead import download_ahead
from sync.salesforce.client import Client

#: the org's people sleep, and so do their other integrations
_NIGHT = time(2)
_WHOLE_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a chore may look at to say when it is due."""

    session: ReadSession
    org_id: str
    now: datetime
    #: when it was done last; None = never
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What a chore works with."""

    store: Store
    client: Client
    org_id: str
    #: the lease under which it writes
    fence: Fence
    #: set when the work is to end
    stop: threading.Event
    #: the time by which is planned
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Work of the bulk lane."""

    name: str
    #: Whether it can wait for another night: then it takes no more than a part of the calls that are left.
    can_wait: bool
    #: API calls it takes, until it has been done once
    calls: int
    #: since when it is due; None = it is not
    due: Callable[[Look], datetime | None]
    #: does it and returns what is worth knowing about it
    do: Callable[[Hands], Mapping[str, Any]]


def _load_due(look: Look) -> datetime | None:
    """At once, when nothing of the org has landed yet."""
    row = org.org_row(look.session, look.org_id)
    return look.now if row is not None and row.watermark is None else None


def _load(hands: Hands) -> dict[str, Any]:
    report = run_pass(hands.store, hands.client, hands.org_id, kind="snapshot", fence=hands.fence)
    return {"rows": report.rows_written, "deals": report.deals_in, "seconds": report.seconds}


def _whole_due(look: Look) -> datetime | None:
    """At once, when an object or a field appeared, or Salesforce forgot what was deleted; not again and again."""
    row = org.org_row(look.session, look.org_id)
    if row is None or row.watermark is None or not org.wants_snapshot(look.session, look.org_id):
        return None
    return look.now if look.done_at is None or look.now - look.done_at >= _WHOLE_EVERY else None


def _read_whole(hands: Hands) -> dict[str, Any]:
    names = download_ahead(hands.store, hands.client, hands.org_id, stop=hands.stop)
    report = run_pass(hands.store, hands.client, hands.org_id, kind="deep", fence=hands.fence)
    return {"objects": list(names), "rows": report.rows_written, "seconds": report.seconds}


def _proof_due(look: Look) -> datetime | None:
    """Every night of the org, once everything has landed."""
    row = org.org_row(look.session, look.org_id)
    if row is None or row.watermark is None:
        return None
    night = last_night(look.now, row.time_zone)
    return night if (look.done_at or row.connected_at) < night else None


def _prove(hands: Hands) -> dict[str, Any]:
    report = prove_ids(hands.store, hands.client, hands.org_id, fence=hands.fence)
    return {
        "drift_rows": report.drift_rows,
        "drift_found": report.drift_found,
        "unproven": len(report.unproven),
        "alarms": len(report.alarms),
        "seconds": report.seconds,
    }


def _refresh_due(look: Look, every: timedelta) -> datetime | None:
    """When the formulas of some object are as old as that, or were never read, or may have changed their meaning."""
    row = org.org_row(look.session, look.org_id)
    if row is None or row.watermark is None:
        return None
    oldest = org.formulas_as_of(look.session, look.org_id)
    if look.done_at is None or oldest is None:
        return look.done_at or row.connected_at
    return oldest + every if oldest + every <= look.now else None


def _refresh(hands: Hands) -> dict[str, Any]:
    report = refresh_formulas(hands.store, hands.client, hands.org_id, fence=hands.fence)
    return {"rows_read": report.rows_read, "rows_written": report.rows_written, "seconds": report.seconds}


def last_night(now: datetime, time_zone: str | None) -> datetime:
    """The newest 2 o'clock in the morning in the org's time zone."""
    zone = ZoneInfo(time_zone) if time_zone else UTC
    local = now.astimezone(zone)
    night = datetime.combine(local.date(), _NIGHT, zone)
    if night > local:
        night = datetime.combine(local.date() - timedelta(days=1), _NIGHT, zone)
    return night.astimezone(UTC)


def chores(*, refresh_every: timedelta = timedelta(days=1)) -> tuple[Chore, ...]:
    """All chores, in the order in which they are done when several are due."""
    return (
        Chore(name="first_load", can_wait=False, calls=300, due=_load_due, do=_load),
        Chore(name="whole_objects", can_wait=False, calls=50, due=_whole_due, do=_read_whole),
        Chore(name="nightly_proof", can_wait=True, calls=20, due=_proof_due, do=_prove),
        Chore(
            name="formulas",
            can_wait=True,
            calls=10,
            due=lambda look: _refresh_due(look, refresh_every),
            do=_refresh,
        ),
    )


CHORES: tuple[Chore, ...] = chores()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A chore that is due, and what is known of it."""

    chore: Chore
    since: datetime
    calls: int
    failures: int


def due_chores(session: ReadSession, org_id: str, now: datetime, *, among: tuple[Chore, ...] = CHORES) -> list[Due]:
    """The chores to do now, in order; those that were put off are left out until their time."""
    known: dict[str, Row[Any]] = working.chores(session, org_id)
    found = []
    for chore in among:
        row = known.get(chore.name)
        if row is not None and row.not_before is not None and row.not_before > now:
            continue
        since = chore.due(Look(session=session, org_id=org_id, now=now, done_at=row.done_at if row else None))
        if since is not None:
            calls = chore.calls if row is None or row.calls is None else int(row.calls)
            found.append(Due(chore=chore, since=since, calls=calls, failures=row.failures if row else 0))
    return found
