"""The thorough proof: the whole closure is read anew, and what a repair would change is counted, not changed."""

from time import monotonic

from sqlalchemy import text

from models import lease
from models.session import Store
from sync.prove.report import ProofReport
from sync.run import connected_org, save_spend
from sync.run.ahead import download_ahead
from sync.run.one_pass import Pass
from sync.run.readings import forget_readings
from sync.run.report import Progress, silent
from sync.salesforce.client import Client, connect
from sync.settings import SalesforceSettings


def prove_once(store: Store, settings: SalesforceSettings, *, progress: Progress = silent) -> ProofReport:
    """Connect and compare the store with the org, value by value.

    Raises:
        SyncError: the org could not be read whole, so nothing is proven.
    """
    with connect(settings) as client:
        return prove(store, client, connected_org(store, client), progress=progress)


def prove(store: Store, client: Client, org_id: str, *, progress: Progress = silent) -> ProofReport:
    """Compare the store with the org, value by value.

    What changed in the org while it was read looks like drift although the next pass brings it. So a difference
    counts only if a second reading finds the same record different again.
    """
    started, billed = monotonic(), client.api_calls
    drift, rows = _differences(store, client, org_id, progress)
    if drift and _somebody_syncs(store, org_id):
        again, rows = _differences(store, client, org_id, progress)
        drift &= again
    with store.writing() as session:
        save_spend(session, client, org_id)
    objects = {
        name: {"drift_rows": sum(1 for each, _ in drift if each == name), "rows": rows.get(name, 0)} for name in rows
    }
    return ProofReport(
        drift_rows=len(drift),
        objects=objects,
        api_calls=client.api_calls - billed,
        seconds=round(monotonic() - started, 3),
    )


def _differences(
    store: Store, client: Client, org_id: str, progress: Progress
) -> tuple[set[tuple[str, str]], dict[str, int]]:
    """Do a repair that is never committed; returns the records it would change, and the rows of each object.

    It locks what it would change, so it takes its turn among the passes; the worker's go on until all is downloaded.
    """
    forget_readings(store, client, org_id, "proof")
    download_ahead(store, client, org_id, purpose="proof", everything=True, progress=progress)
    with store.trying() as session:
        lease.queue_behind_other_passes(session, org_id)
        one = Pass(store, session, client, org_id, kind="proof", progress=progress)
        one.go()
        for error in one.failed.values():
            raise error
        changed = session.execute(text("SELECT DISTINCT object, id FROM pass_touched"))
        drift = {(row[0], row[1]) for row in changed}
        moved = session.execute(
            text("SELECT opportunity_id FROM ops.scope_member WHERE org_id = :org_id AND generation = :generation"),
            {"org_id": org_id, "generation": one.ctx.generation},
        )
        drift |= {("Opportunity", deal_id) for deal_id in moved.scalars()}
        rows = {
            name: int(
                session.execute(
                    text(
                        f"SELECT count(*) FROM {one.ctx.landing.mirrors[name].closure} AS held WHERE org_id = :org_id"
                    ),
                    {"org_id": org_id},
                ).scalar_one()
            )
            for name in one.selections
        }
    forget_readings(store, client, org_id, "proof")
    return drift, rows


def _somebody_syncs(store: Store, org_id: str) -> bool:
    with store.reading() as session:
        return lease.lease_until(session, f"worker {org_id}") is not None
