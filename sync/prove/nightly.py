"""The proof of every night: counts, ids and stamps against the org, and the repair of what differs.

It costs a handful of API calls. Values are compared by `sync.prove.values`, which reads everything.
"""

from collections.abc import Mapping
from datetime import datetime
from time import monotonic

from models import org, proof
from models.session import ReadSession, Store
from sync.land.objects import known_objects
from sync.prove.bisect import Bisect, Look
from sync.prove.compare import stamps_held
from sync.prove.held import Held, held_objects
from sync.prove.repair import SOME, Drift, Repair
from sync.prove.report import ProofReport
from sync.run import Fence, connected_org, run_pass, save_spend
from sync.run.one_pass import selections_of
from sync.run.own_objects import closure_of
from sync.run.report import Progress, silent
from sync.run.scope_in_force import scope_in_force
from sync.run.window import DEEP_OVERLAP
from sync.salesforce.client import Client, connect
from sync.scope.catalog import ROOT
from sync.settings import SalesforceSettings


def prove_ids_once(store: Store, settings: SalesforceSettings, *, progress: Progress = silent) -> ProofReport:
    """Connect, compare ids and stamps, and mend what differs.

    Raises:
        SyncError: the org could not be read, so nothing is proven and nothing was changed.
    """
    with connect(settings) as client:
        return prove_ids(store, client, connected_org(store, client), progress=progress)


def prove_ids(
    store: Store, client: Client, org_id: str, *, fence: Fence | None = None, progress: Progress = silent
) -> ProofReport:
    """Compare ids and stamps of an org with the store, mend what differs, and publish both.

    What changed while it was read looks like drift and is none. So before a difference counts, a deep pass brings what
    was on its way, and the record is read again.
    """
    started, billed = monotonic(), client.api_calls
    with store.reading() as session:
        known = known_objects(session, org_id)
    if ROOT not in known or known[ROOT].needs_snapshot:
        run_pass(store, client, org_id, kind="snapshot", fence=fence, progress=progress)
    helds, looks = _look(store, client, org_id, progress)
    suspects = {name: look.suspects for name, look in looks.items() if look.suspects.ids}
    drift: dict[str, Drift] = {}
    if suspects:
        run_pass(store, client, org_id, kind="deep", fence=fence, progress=progress)
        with store.reading() as session:
            young = _young(session, org_id)
        repair = Repair(helds, suspects, young)
        run_pass(store, client, org_id, kind="repair", work=repair, fence=fence, progress=progress)
        drift = repair.drift
    remaining = _remaining(store, org_id, helds, drift)
    _publish(store, org_id, looks, drift, remaining, now=client.server_now)
    with store.writing() as session:
        save_spend(session, client, org_id)
    return ProofReport(
        drift_rows=sum(remaining.values()),
        objects={
            name: {
                "rows": look.rows,
                "rows_compared": look.rows_compared,
                "drift_found": _found(drift, name),
                "drift_repaired": _found(drift, name) - remaining.get(name, 0),
                "drift_rows": remaining.get(name, 0),
            }
            for name, look in looks.items()
        },
        unproven={name: str(look.failed) for name, look in looks.items() if look.failed is not None},
        alarms={name: each.alarm for name, each in drift.items() if each.alarm is not None},
        api_calls=client.api_calls - billed,
        seconds=round(monotonic() - started, 3),
    )


def _look(store: Store, client: Client, org_id: str, progress: Progress) -> tuple[dict[str, Held], dict[str, Look]]:
    progress("prove", None, 0)
    with store.trying() as session:
        known = known_objects(session, org_id)
        closure = closure_of(known, scope_in_force(session, org_id, now=client.server_now))
        selections = selections_of(closure, known)
        # What was never read whole is the bulk lane's to read; comparing it would fetch it record by record.
        read = {name: each for name, each in selections.items() if not known[name].needs_snapshot}
        helds = held_objects(closure, read)
        return helds, Bisect(session, client, org_id, helds, now=client.server_now).go()


def _young(session: ReadSession, org_id: str) -> dict[str, datetime | None]:
    """From which stamp on a record may simply not have arrived yet."""
    return {
        name: None if row.watermark is None else row.watermark - DEEP_OVERLAP
        for name, row in org.object_states(session, org_id).items()
    }


def _remaining(store: Store, org_id: str, helds: Mapping[str, Held], drift: Mapping[str, Drift]) -> dict[str, int]:
    """Count what is still not as it must be, by object, in what the last pass has committed."""
    found: dict[str, int] = {}
    with store.reading() as session:
        for name, each in drift.items():
            ours = stamps_held(session, org_id, helds[name], sorted(each.expected))
            found[name] = sum(1 for key, stamp in each.expected.items() if not _is_mended(key, stamp, ours))
    return found


def _is_mended(key: str, stamp: datetime | None, ours: Mapping[str, datetime | None]) -> bool:
    if stamp is None:
        return key not in ours
    return key in ours and (ours[key] or SOME) >= stamp


def _found(drift: Mapping[str, Drift], name: str) -> int:
    return len(drift[name].expected) if name in drift else 0


def _publish(
    store: Store,
    org_id: str,
    looks: Mapping[str, Look],
    drift: Mapping[str, Drift],
    remaining: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    with store.writing() as session:
        for name, look in looks.items():
            found, alarm = _found(drift, name), drift[name].alarm if name in drift else None
            if look.failed is not None:
                proof.not_proven(session, org_id, name, detail=str(look.failed))
                continue
            proof.proven(
                session,
                org_id,
                name,
                proven_at=now,
                rows=look.rows,
                rows_compared=look.rows_compared,
                drift_found=found,
                drift_repaired=found - remaining.get(name, 0),
                drift_rows=remaining.get(name, 0),
                detail=alarm,
            )
            proof.months_proven(session, org_id, name, look.months)
            proof.forget_months(session, org_id, name, keep=look.months)
