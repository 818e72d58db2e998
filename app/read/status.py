"""How fresh the store is, what the worker did last, and what is wrong, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from app.read.coverage import coverage
from app.read.encode import plain_row
from app.read.scope import scope_of
from app.read.trouble import troubles
from models.errors import StoreError
from models.migrate import current_revision, newest_revision
from models.session import ReadSession, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """The instant up to which everything that happened in Salesforce is in an answer, and how long ago that was."""

    as_of: datetime | None
    lag_seconds: int | None


def freshness(session: ReadSession) -> Freshness:
    """Say how fresh any answer of this transaction is; with several orgs the one that lags most counts."""
    row = session.execute(
        text("""
            SELECT min(watermark) AS as_of,
                   CASE WHEN min(watermark) IS NOT NULL
                        THEN greatest(0, floor(extract(epoch FROM clock_timestamp() - min(watermark))))::bigint
                   END AS lag_seconds
              FROM ops.org
        """)
    ).one()
    return Freshness(as_of=None if row.as_of is None else row.as_of.astimezone(UTC), lag_seconds=row.lag_seconds)


def why_not_ready(store: Store) -> str | None:
    """Return why the store cannot answer yet, or None when it can."""
    try:
        with store.reading() as session:
            revision, wanted = current_revision(session), newest_revision()
            if revision != wanted:
                return f"The store is at schema {revision or 'none'}, this version needs {wanted}. Run: baton migrate."
            landed = session.execute(text("SELECT count(*) FROM ops.org WHERE watermark IS NOT NULL")).scalar_one()
    except StoreError as error:
        # Asked without a key, so the driver's own words, which name hosts, stay in the log.
        return f"{(error.__doc__ or '').splitlines()[0]} {error.remedy}"
    if not landed:
        return "No first snapshot has landed yet. Run: baton sync run, or wait for the worker."
    return None


def sync_status(session: ReadSession, *, org: str | None = None) -> dict[str, Any]:
    """Return what is known of each connected org: its objects, its last run, its API calls, and what is wrong.

    With `org`, only of the one that has this id or name, or is called so in the settings.
    """
    rows = [plain_row(row) for row in session.execute(_ORGS).mappings()]
    called = None if org is None else org_ids(session, org)
    orgs = [_org_status(session, row) for row in rows if called is None or row["org_id"] in called]
    problems = [problem for each in orgs for problem in each["problems"]]
    if not orgs:
        problems = [f"No {f'org {org}' if org else 'org'} is connected yet. Run: baton sync run."]
    elif not any(each["is_followed"] for each in orgs):
        problems.append("No worker is running, so nothing new arrives. Start one: baton up, or baton worker.")
    else:
        problems += [f"{each['name']}: no worker follows it." for each in orgs if not each["is_followed"]]
    return {"ok": not problems, "problems": problems, "orgs": orgs}


def all_org_ids(session: ReadSession) -> list[str]:
    """The ids of all connected orgs."""
    return list(session.execute(text("SELECT org_id FROM ops.org ORDER BY org_id")).scalars())


def org_ids(session: ReadSession, called: str) -> list[str]:
    """Return the ids of the orgs with that id or name, or that are called so in the settings."""
    return [
        row["org_id"]
        for row in session.execute(_ORGS).mappings()
        if called in {row["org_id"], row["name"], row["label"]}
    ]


def _org_status(session: ReadSession, org: dict[str, Any]) -> dict[str, Any]:
    key = {"org_id": org["org_id"]}
    objects = coverage(session, org=[org["org_id"]])
    last = session.execute(_LAST_RUN, key).mappings().one_or_none()
    run = None if last is None else plain_row(last)
    spent = {row.kind: int(row.calls) for row in session.execute(_SPENT, key)}
    worker = {row["lane"]: plain_row(row) for row in session.execute(_HEARTBEATS, key).mappings()}
    scope = scope_of(session, org["org_id"])
    return {
        **org,
        "is_followed": bool(session.execute(_WORKER, key).scalar_one()),
        "problems": troubles(org, objects, run=run, scope=scope, worker=worker),
        "scope": scope,
        "worker": worker,
        "readings": [plain_row(row) for row in session.execute(_READINGS, key).mappings()],
        "chores": [plain_row(row) for row in session.execute(_CHORES, key).mappings()],
        "objects": [{name: row[name] for name in _OF_OBJECTS} for row in objects],
        "last_run": run,
        "api_calls_today": {"total": sum(spent.values()), "by_kind": spent, **_forecast(worker)},
    }


def _forecast(worker: Mapping[str, Any]) -> dict[str, Any]:
    """What this day will have cost if nothing changes, by the plan of the worker; nothing while there is no worker."""
    plan = worker["live"]["plan"] if "live" in worker else {}
    return {name: plan.get(name) for name in ("expected", "budget", "pace")}


_OF_OBJECTS = (
    "object", "state", "in_words", "detail", "watermark", "age_seconds", "snapshot_at", "rows", "fields_not_read",
    "late_rows", "last_late_at", "most_late_seconds", "formulas", "proof",
)  # fmt: skip

_ORGS = text("""
    SELECT org_id, name, label, instance_url, is_sandbox, currency, connected_at, last_pass_at, watermark,
           CASE WHEN watermark IS NOT NULL
                THEN greatest(0, floor(extract(epoch FROM clock_timestamp() - watermark)))::bigint
           END AS lag_seconds,
           api_used, api_limit
      FROM ops.org ORDER BY name, org_id
""")

_LAST_RUN = text("""
    SELECT run_id, kind, state, started_at, ended_at, counters, error
      FROM ops.run WHERE org_id = :org_id ORDER BY started_at DESC, run_id DESC LIMIT 1
""")

_SPENT = text("""
    SELECT kind, calls FROM ops.api_spend
     WHERE org_id = :org_id AND day = (now() AT TIME ZONE 'UTC')::date ORDER BY kind
""")

_WORKER = text("SELECT count(*) FROM ops.lease WHERE name = 'worker ' || :org_id AND expires_at > clock_timestamp()")

_HEARTBEATS = text("""
    SELECT lane, beat_at, doing, since, next_at, failures, error, plan
      FROM ops.heartbeat WHERE org_id = :org_id ORDER BY lane DESC
""")

#: complete readings under way; a job that Salesforce still works on has not said how many rows there will be
_READINGS = text("""
    SELECT object, purpose, state, created_at, rows_landed, expected_rows, pages_landed, attempt, error,
           CASE WHEN expected_rows > 0 THEN least(100, 100 * rows_landed / expected_rows)::int
                WHEN expected_rows = 0 THEN 100 END AS percent
      FROM ops.bulk_job WHERE org_id = :org_id AND state <> 'merged' ORDER BY generation
""")

_CHORES = text("""
    SELECT name, done_at, not_before, failures, calls, detail FROM ops.chore WHERE org_id = :org_id ORDER BY name
""")


def freshness_by_org(session: ReadSession) -> list[dict[str, Any]]:
    """Return how far behind Salesforce each org is, with a word for it."""
    rows = [plain_row(row) for row in session.execute(_ORGS).mappings()]
    return [
        {**{name: row[name] for name in ("org_id", "name", "watermark", "lag_seconds")}, "state": _fresh(row)}
        for row in rows
    ]


def _fresh(org: Mapping[str, Any]) -> str:
    lag = org["lag_seconds"]
    if lag is None:
        return "empty"
    return "fresh" if lag < 60 else "late" if lag < 900 else "stale"


def sync_figures(session: ReadSession, *, org: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return one row per org: how far behind Salesforce it is, and how many of its API calls are used."""
    rows = [plain_row(row) for row in session.execute(_FIGURES, {"org": list(org)}).mappings()]
    return [{"org_id": row.pop("org_id"), "org_name": row.pop("org_name"), "state": _fresh(row), **row} for row in rows]


_FIGURES = text("""
    SELECT org.org_id, org.name AS org_name, org.watermark,
           CASE WHEN org.watermark IS NOT NULL
                THEN greatest(0, floor(extract(epoch FROM clock_timestamp() - org.watermark)))::bigint
           END AS lag_seconds,
           org.last_pass_at,
           EXISTS (SELECT FROM ops.lease WHERE name = 'worker ' || org.org_id AND expires_at > clock_timestamp())
               AS is_followed,
           (SELECT count(*) FROM ops.object_state AS of
             WHERE of.org_id = org.org_id AND of.state = 'ok') AS objects_read,
           (SELECT min(watermark) FROM ops.object_state AS of
             WHERE of.org_id = org.org_id AND of.state = 'ok') AS oldest_watermark,
           coalesce((SELECT sum(calls) FROM ops.api_spend AS spent
                      WHERE spent.org_id = org.org_id AND day = (now() AT TIME ZONE 'UTC')::date), 0)::bigint
               AS api_calls_today,
           org.api_used, org.api_limit, round(org.api_used::numeric / nullif(org.api_limit, 0), 4) AS api_used_rate
      FROM ops.org
     WHERE cardinality(CAST(:org AS text[])) = 0 OR org.org_id = ANY(CAST(:org AS text[]))
     ORDER BY org.name, org.org_id
""")
