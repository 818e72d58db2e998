"""Reading whole objects: what the bulk lane has downloaded, or downloads now, is merged object by object.

What waits in the store already is merged at once. Otherwise the download goes on in a thread of its own, and while the
next object is on its way, this one is merged.
"""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from models import bulk_job, org, run
from models.bulk_job import BulkRow, Purpose
from sync.errors import SyncError
from sync.extract.snapshot import Wanted
from sync.land.complete import merge_reading, unseen
from sync.land.landing import Landing, mirrors_of
from sync.land.objects import hide_field
from sync.land.staging import drop_waiting
from sync.record import Selection
from sync.run.context import Context
from sync.run.download import Download
from sync.run.readings import Readings
from sync.run.report import Progress
from sync.scope.catalog import ROOT, Closure, Reach
from sync.scope.closure import SnapshotQuery, snapshot_queries

#: what the download tells the pass: an object that is complete, the progress, or its end
_Told = tuple[str, str | None, int]


def wanted(closure: Closure, selections: dict[str, Selection], names: Sequence[str]) -> dict[str, Wanted]:
    """What is to be read of these objects. Those that have no statement are read by ids, after the rest."""
    found = {
        name: Wanted(
            selection=selections[name],
            statements=partial(_statements, name, closure),
            by_pages=closure[name].reach is Reach.WHOLE,
        )
        for name in names
        if name in selections
    }
    return {name: each for name, each in found.items() if each.statements(each.selection)}


def read_whole(ctx: Context, names: Sequence[str], *, since: datetime | None) -> None:
    """Merge a complete reading of each of these objects, and note how far it brings them.

    `since` is given when something has happened that only a reading begun after it can show.
    """
    ctx.landing.whole |= set(names)
    asked = wanted(ctx.closure, ctx.selections, names)
    purpose: Purpose = "proof" if ctx.kind == "proof" else "snapshot"
    readings = Readings(
        ctx.store, ctx.client, ctx.org_id, mirrors=mirrors_of(ctx.closure), purpose=purpose, since=since
    )
    with _arriving(readings, asked, ctx.progress) as (arrivals, failed):
        for name in arrivals:
            _merge(ctx, name, purpose)
    if ROOT in failed:
        raise failed[ROOT]  # nothing can be told without the deals; what has been downloaded waits for the next pass
    ctx.note_failures(failed)
    # What this pass reads from now on is newer than what the jobs have read.
    ctx.generation = ctx.landing.generation = run.next_generation(ctx.session)
    for name in names:
        if name in ctx.failed:
            continue
        ctx.committed[name] = None
        # What changed since its jobs were created is found by windows.
        ctx.high_of[name] = min((row.created_at for row in ctx.landing.readings[name]), default=ctx.high)
        org.set_object_state(ctx.session, ctx.org_id, name, snapshot_at=datetime.now(UTC))


def vanished(landing: Landing, names: Iterable[str]) -> dict[str, list[str]]:
    """Return, by object, the records of the closure that a complete reading did not come across."""
    return {name: ids for name in names if (ids := unseen(landing, name))}


def _merge(ctx: Context, name: str, purpose: Purpose) -> None:
    rows = [row for row in bulk_job.jobs_of(ctx.session, ctx.org_id, purpose) if row.object_name == name]
    for row in rows:
        ctx.progress("merge", name, row.rows_landed)
        merge_reading(ctx.landing, row)
        for field in row.hidden:
            hide_field(ctx.session, ctx.org_id, name, field)
            ctx.selections[name] = ctx.selections[name].without(field)


def clear_merged(ctx: Context) -> list[BulkRow]:
    """Drop what has been merged, in the transaction that merged it; returns the jobs that may be removed after it."""
    rows = [row for rows in ctx.landing.readings.values() for row in rows]
    for row in rows:
        drop_waiting(ctx.session, row.staging)
    bulk_job.jobs_merged(ctx.session, rows)
    return rows


@contextmanager
def _arriving(
    readings: Readings, asked: dict[str, Wanted], progress: Progress
) -> Iterator[tuple[Iterator[str], dict[str, SyncError]]]:
    """Download in a thread; yields the objects as they are complete, and those that failed (known at the end)."""
    told: queue.SimpleQueue[_Told | BaseException] = queue.SimpleQueue()
    failed: dict[str, SyncError] = {}
    stop = threading.Event()

    def work() -> None:
        try:
            one = Download(readings, stop=stop, progress=lambda stage, name, rows: told.put((stage, name, rows)))
            one.go(asked, landed=lambda name: told.put(("landed", name, 0)))
            failed.update(one.failed)
            told.put(("end", None, 0))
        except BaseException as error:  # noqa: BLE001 - it is raised again, by the pass
            told.put(error)

    def arrivals() -> Iterator[str]:
        while True:
            match told.get():
                case ("landed", str(name), _):
                    yield name
                case ("end", _, _):
                    return
                case (stage, name, rows):
                    progress(stage, name, rows)
                case BaseException() as error:
                    raise error

    thread = threading.Thread(target=work, name="bulk lane")
    thread.start()
    try:
        yield arrivals(), failed
    finally:
        stop.set()
        thread.join()


def _statements(name: str, closure: Closure, selection: Selection) -> list[SnapshotQuery]:
    return snapshot_queries(name, selection, closure)
