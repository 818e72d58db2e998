"""One pass: extract, land, shape, announce. The whole story of the sync is `one_pass.Pass.go`.

A pass is one database transaction: rows, membership, briefs, events and watermarks commit together or not at all. It
reads Salesforce while the transaction is open, because what to read next depends on what has landed; the mirror has
only this writer, so nobody waits for its locks.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from models import lease, org, run
from models.errors import StoreError
from models.session import Store, WriteSession
from sync.errors import Skip, SyncError
from sync.land.objects import do_without
from sync.run.ahead import download_ahead
from sync.run.one_pass import CAREFUL, Manner, Pass, Work
from sync.run.readings import remove_job
from sync.run.report import Kind, PassReport, Progress, silent
from sync.salesforce.client import Client, connect
from sync.settings import SalesforceSettings

__all__ = ["Fence", "Manner", "PassReport", "Progress", "connected_org", "run_once", "run_pass", "save_spend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """The lease under which a worker writes; its token must still be the newest at commit."""

    name: str
    token: int


def run_once(
    store: Store,
    settings: SalesforceSettings,
    *,
    snapshot: bool,
    accept_deletions: bool = False,
    progress: Progress = silent,
) -> PassReport:
    """Connect, and do one complete pass with the deep overlap, or a snapshot; then what changed during a download.

    With `accept_deletions` whatever Salesforce shows no more is deleted, however much it is: a person has looked.

    Raises:
        SyncError: the org could not be read.
        StoreError: the store could not be written. Nothing is lost by either: the next pass reads the same window.
    """
    with connect(settings) as client:
        org_id = connected_org(store, client)
        if snapshot:
            # Downloaded before the pass takes its turn, so that a worker's polls go on meanwhile.
            download_ahead(store, client, org_id, everything=True, progress=progress)
        kind: Kind = "snapshot" if snapshot else "deep"
        manner = Manner(accept_deletions=accept_deletions)
        report = run_pass(store, client, org_id, kind=kind, manner=manner, progress=progress)
        if report.merged:
            report = report.followed_by(run_pass(store, client, org_id, kind="deep", progress=progress))
        report.api_calls = client.api_calls
        return report


def connected_org(store: Store, client: Client) -> str:
    """Remember which org answered and return its id; an org that is known already costs no call."""
    with store.reading() as session:
        known = org.org_row(session, client.org_id) if client.org_id is not None else None
    told = (client.instance_url, client.currency, client.name)
    if known is not None and told == (known.instance_url, known.currency, known.label):
        return str(known.org_id)
    identity = client.identity()
    with store.writing() as session:
        org.connect_org(
            session,
            {
                "org_id": identity.org_id,
                "name": identity.name,
                "label": client.name,
                "instance_url": identity.instance_url,
                "is_sandbox": identity.is_sandbox,
                "organization_type": identity.organization_type,
                "time_zone": identity.time_zone,
                "fiscal_year_start_month": identity.fiscal_year_start_month,
                "currency": identity.currency,
            },
        )
    return identity.org_id


def run_pass(
    store: Store,
    client: Client,
    org_id: str,
    *,
    kind: Kind,
    progress: Progress = silent,
    fence: Fence | None = None,
    manner: Manner = CAREFUL,
    work: Work | None = None,
) -> PassReport:
    """Do one pass of an org. Passes of one org follow each other; one that fails leaves nothing behind but its run."""
    started, billed = monotonic(), client.api_calls
    taken: Counter[str] = Counter()
    with store.writing() as session:
        run_id = run.next_generation(session)
        run.run_started(session, run_id=run_id, org_id=org_id, kind=kind)

    def attempt() -> PassReport:
        nonlocal taken
        with store.writing() as session:
            lease.queue_behind_other_passes(session, org_id)
            run.note_killed_runs(session, org_id, before=run_id)
            one = Pass(store, session, client, org_id, kind=kind, progress=progress, manner=manner)
            report = one.go() if work is None else one.mend(work)
            report.api_calls = client.api_calls - billed
            report.seconds = round(monotonic() - started, 3)
            run.record_windows(session, run_id=run_id, org_id=org_id, lows=one.committed, high=one.high)
            run.run_ended(session, run_id=run_id, state="done", counters=report.as_dict())
            report.merged = len(one.merged)
            taken = save_spend(session, client, org_id)
            if kind != "live":
                run.forget_old_runs(session, org_id)
            if fence is not None:
                lease.check_fence(session, fence.name, token=fence.token)
        for job in one.merged:
            remove_job(client, job)
        return report

    try:
        return _less_what_is_refused(store, org_id, attempt)
    except (SyncError, StoreError) as error:
        client.meter.put_back(taken)
        with suppress(StoreError), store.writing() as session:
            run.run_ended(session, run_id=run_id, state="failed", counters={}, error=str(error))
            save_spend(session, client, org_id)
        raise


def _less_what_is_refused(store: Store, org_id: str, attempt: Callable[[], PassReport]) -> PassReport:
    """Do a pass; one that met a field or an object it may not read any more begins anew at once without it.

    A pass that fails leaves nothing behind, so it reads the same window again.
    """
    while True:
        try:
            return attempt()
        except Skip as error:
            with store.writing() as session:
                if not do_without(session, org_id, error):
                    raise


def save_spend(session: WriteSession, client: Client, org_id: str) -> Counter[str]:
    """Write down the API calls that were sent since the last time, and return them: a failed commit puts them back."""
    taken = client.meter.take_unsaved()
    if taken:
        run.spend(session, org_id, taken, day=client.server_now.date())
    return taken
