"""How fresh the store is, what the worker did last, and what is wrong, in words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from app.read.encode import plain_row
from models.errors import StoreError
from models.migrate import current_revision, newest_revision
from models.session import ReadSession, Store

_LATE_SECONDS = 300  # five polls of the slowest allowed rhythm: somebody should look


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


def sync_status(session: ReadSession) -> dict[str, Any]:
    """Return what is known of each connected org: its objects, its last run, its API calls, and what is wrong."""
    orgs = [_org_status(session, plain_row(row)) for row in session.execute(_ORGS).mappings()]
    problems = [problem for org in orgs for problem in org["problems"]]
    if not orgs:
        problems = ["No org is connected yet. Run: baton sync run."]
    elif not session.execute(_WORKERS).scalar_one():
        problems.append("No worker is running, so nothing new arrives. Start one: baton up, or baton worker.")
    return {"ok": not problems, "problems": problems, "orgs": orgs}


def _org_status(session: ReadSession, org: dict[str, Any]) -> dict[str, Any]:
    key = {"org_id": org["org_id"]}
    objects = [plain_row(row) for row in session.execute(_OBJECTS, key).mappings()]
    last = session.execute(_LAST_RUN, key).mappings().one_or_none()
    spent = {row.kind: int(row.calls) for row in session.execute(_SPENT, key)}
    run = None if last is None else plain_row(last)
    return {
        **org,
        "problems": _problems(org, objects, run),
        "objects": objects,
        "last_run": run,
        "api_calls_today": {"total": sum(spent.values()), "by_kind": spent},
    }


def _problems(org: dict[str, Any], objects: list[dict[str, Any]], run: dict[str, Any] | None) -> list[str]:
    name, lag = org["name"], org["lag_seconds"]
    words = []
    if lag is None:
        words.append(f"{name}: no snapshot has landed yet.")
    elif lag > _LATE_SECONDS:
        words.append(f"{name}: the store is {lag} s behind. See the last run.")
    if run is not None and run["state"] == "failed":
        words.append(f"{name}: the last run failed: {run['error'] or 'no reason was recorded'}")
    for each in objects:
        if each["state"] == "missing":
            words.append(f"{name}: the org has no object {each['object']}; briefs do without it.")
        elif each["state"] != "ok":
            reason = f": {each['detail']}" if each["detail"] else ""
            words.append(f"{name}: {each['object']} is {each['state']}{reason}. Let the sync user read it.")
        elif each["detail"] and (each["age_seconds"] or 0) > _LATE_SECONDS:
            words.append(f"{name}: {each['object']} is {each['age_seconds']} s behind: {each['detail']}")
        if each["unavailable_fields"]:
            hidden = ", ".join(each["unavailable_fields"])
            words.append(
                f"{name}: {each['object']} hides {hidden}; their values may be old. Let the sync user read them."
            )
    return words


_ORGS = text("""
    SELECT org_id, name, instance_url, is_sandbox, currency, connected_at, last_pass_at, watermark,
           greatest(0, floor(extract(epoch FROM clock_timestamp() - watermark)))::bigint AS lag_seconds,
           api_used, api_limit
      FROM ops.org ORDER BY name, org_id
""")

_OBJECTS = text("""
    SELECT object, state, detail, watermark,
           greatest(0, floor(extract(epoch FROM clock_timestamp() - watermark)))::bigint AS age_seconds,
           snapshot_at, rows, unavailable_fields
      FROM ops.object_state WHERE org_id = :org_id ORDER BY object
""")

_LAST_RUN = text("""
    SELECT run_id, kind, state, started_at, ended_at, counters, error
      FROM ops.run WHERE org_id = :org_id ORDER BY started_at DESC, run_id DESC LIMIT 1
""")

_SPENT = text("""
    SELECT kind, calls FROM ops.api_spend
     WHERE org_id = :org_id AND day = (now() AT TIME ZONE 'UTC')::date ORDER BY kind
""")

_WORKERS = text("SELECT count(*) FROM ops.lease WHERE expires_at > clock_timestamp()")
