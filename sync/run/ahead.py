"""Reading ahead: complete readings are downloaded beside the passes, so that a pass only has to merge them."""

import threading
from dataclasses import dataclass

from models.bulk_job import Purpose
from models.session import ReadSession, Store
from sync.errors import Interrupted
from sync.land.landing import mirrors_of
from sync.land.objects import known_objects
from sync.record import Selection
from sync.run.download import Download
from sync.run.one_pass import selections_of
from sync.run.own_objects import closure_of
from sync.run.read_whole import wanted
from sync.run.readings import Readings, Stopped
from sync.run.report import Progress, silent
from sync.run.scope_in_force import scope_in_force
from sync.run.window import with_children
from sync.salesforce.client import Client
from sync.scope.catalog import ROOT, Closure


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is to be read whole, as a pass would find it now."""

    closure: Closure
    selections: dict[str, Selection]
    #: objects that were never read whole, or not since one of their fields appeared, with what hangs on them
    due: tuple[str, ...]


def download_ahead(
    store: Store,
    client: Client,
    org_id: str,
    *,
    purpose: Purpose = "snapshot",
    everything: bool = False,
    stop: threading.Event | None = None,
    progress: Progress = silent,
) -> tuple[str, ...]:
    """Download complete readings of the objects that need one, or of all; returns which. The next pass merges them.

    No lock of a pass is held meanwhile. An org that was never described has nothing to download yet.

    Raises:
        SyncError: the org can't be read now; what has landed waits, and the next download goes on behind it.
    """
    with store.reading() as session:
        standing = _standing(session, client, org_id)
    if standing is None:
        return ()
    names = tuple(standing.selections) if everything else standing.due
    readings = Readings(store, client, org_id, mirrors=mirrors_of(standing.closure), purpose=purpose)
    try:
        Download(readings, progress=progress, stop=stop).go(wanted(standing.closure, standing.selections, names))
    except Stopped as error:
        raise Interrupted from error
    return names


def _standing(session: ReadSession, client: Client, org_id: str) -> Standing | None:
    known = known_objects(session, org_id)
    if ROOT not in known:
        return None
    closure = closure_of(known, scope_in_force(session, org_id, now=client.server_now))
    selections = selections_of(closure, known)
    due = with_children(closure, [name for name in selections if known[name].needs_snapshot])
    return Standing(closure=closure, selections=selections, due=tuple(name for name in due if name in selections))
