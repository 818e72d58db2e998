"""Reading whole objects: bulk jobs, whose CSV bytes go straight into COPY, and pages where there is no job."""

from collections.abc import Iterable, Mapping, Sequence

from sync.errors import FieldHidden, SyncError
from sync.extract.snapshot import Snapshot
from sync.land.landing import Landing
from sync.land.staging import open_staging, stage_records
from sync.record import Selection
from sync.run.report import Progress
from sync.salesforce.client import Client


def read_whole(
    client: Client,
    landing: Landing,
    selections: Mapping[str, Selection],
    names: Sequence[str],
    *,
    progress: Progress,
) -> tuple[dict[str, Selection], list[FieldHidden], dict[str, SyncError]]:
    """Read every record of some objects that a won deal reaches, and store what differs.

    Returns:
        What was read of each object, the fields that turned out to be hidden, and the objects that can't be read.
    """
    snapshot = Snapshot(client, selections, closure=landing.closure)
    try:
        snapshot.start(names)
        for name in names:
            if name in snapshot.failed:
                continue
            open_staging(landing.session, snapshot.selections[name])
            _stage(snapshot, landing, name, progress)
            landing.merge(snapshot.selections[name], unique=len(snapshot.jobs.get(name, ())) == 1)
    finally:
        snapshot.finish()
    return snapshot.selections, snapshot.hidden, snapshot.failed


def vanished(landing: Landing, names: Iterable[str]) -> dict[str, list[str]]:
    """Return, by object, the records of the closure that a complete reading did not come across."""
    return {name: ids for name in names if (ids := landing.unseen(name))}


def _stage(snapshot: Snapshot, landing: Landing, name: str, progress: Progress) -> None:
    rows = 0
    for page in snapshot.stream(name):
        landed = landing.stage_page(name, page.columns, page.chunks) if page.columns else 0
        page.verify(landed)
        rows += landed
        progress("snapshot", name, rows)
    for records in snapshot.records(name):
        stage_records(landing.session, snapshot.selections[name], records)
        landing.counts[name].rows_read += len(records)
        rows += len(records)
        progress("snapshot", name, rows)
