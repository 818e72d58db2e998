"""What is wrong with the sync of an org, in words, each with what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

#: an object that lags this much behind while others go on stands still; seconds
_STANDS_STILL = 900
#: the store is late, and somebody should look
_LATE = 300
#: so many polls without a sign of life, or in which an object's turn did not come
_POLLS = 10
#: what came later than this nearly slipped through the overlap of fifteen minutes
_NEARLY_TOO_LATE = 600

Row = Mapping[str, Any]


def troubles(org: Row, objects: Sequence[Row], *, run: Row | None, scope: Row, worker: Mapping[str, Row]) -> list[str]:
    """Return what is wrong, the most important first; empty while all is well. `worker` has its lanes by name."""
    plan: Row = worker["live"]["plan"] if "live" in worker else {}
    # Polls stretch when API calls are scarce, and so does what counts as late.
    patience = _POLLS * float(plan.get("poll_seconds") or 0)
    words = [
        *_lag(org, max(_LATE, patience)),
        *_last_run(run),
        *_pace(plan),
        *(each for lane in worker.values() for each in _lane(lane)),
        *_scope(scope),
        *(each for row in objects for each in _object(row)),
        *(each for row in objects for each in _unproven(row)),
        *_standing_still(objects, max(_STANDS_STILL, patience)),
    ]
    return [f"{org['name']}: {each}" for each in words]


def _lag(org: Row, allowed: float) -> Iterator[str]:
    lag = org["lag_seconds"]
    if lag is None:
        yield "no snapshot has landed yet. Run: baton sync run, or wait for the worker."
    elif lag > allowed:
        yield f"the store is as of {_instant(org['watermark'])}. See the last run."


def _last_run(run: Row | None) -> Iterator[str]:
    if run is not None and run["state"] == "failed":
        yield f"the last run failed: {run['error'] or 'no reason was recorded'}"


def _lane(lane: Row) -> Iterator[str]:
    if lane["error"]:
        again = f" It is tried again at {lane['next_at']:%H:%M:%S} UTC." if lane["next_at"] else ""
        yield f"the {lane['lane']} lane of the worker failed {lane['failures']} times: {lane['error']}{again}"


def _pace(plan: Row) -> Iterator[str]:
    """Say why polls come less often than somebody may expect."""
    until = plan.get("not_before")
    match plan.get("pace"):
        case "paused":
            yield f"Salesforce takes no API calls; reading goes on at {until}."
        case "spent":
            yield (
                f"today's budget of {plan['budget']} API calls is spent; reading goes on at {until}. "
                "Raise BATON_API_SHARE if this happens daily."
            )
        case "floor":
            used = f"{plan['org_used']} of {plan['org_limit']} API calls of the org are used"
            yield f"{used}, so it is looked at every {plan['poll_seconds']:.0f} s only. Find out who else spends them."


def _scope(scope: Row) -> Iterator[str]:
    if scope["waits_for_a_pass"]:
        yield f"version {scope['version']} of the scope was set and no pass has followed it yet. Run: baton sync run."


def _object(row: Row) -> Iterator[str]:
    name = row["object"]
    if row["state"] == "unreadable":
        reason = f": {row['detail']}" if row["detail"] else ""
        yield f"{name} is unreadable{reason} Let the sync user read it."
    hidden = [each["field"] for each in row["fields_not_read"] if each["why"] == "hidden from the sync user"]
    if hidden:
        yield f"{name} hides {', '.join(hidden)}; their values may be old. Let the sync user read them."
    if row["most_late_seconds"] > _NEARLY_TOO_LATE:
        yield (
            f"records of {name} were shown {row['most_late_seconds']} s after their stamp, and what comes later than "
            "900 s is found by a proof only. Run: baton sync prove."
        )


def _unproven(row: Row) -> Iterator[str]:
    """Say what the last proof left open about an object."""
    found = row["proof"]
    if found is not None and found["detail"]:
        yield f"{row['object']} is not proven: {found['detail']}"
    elif found is not None and found["drift_rows"]:
        yield f"{found['drift_rows']} rows of {row['object']} differ from the org. Run: baton sync run --snapshot."


def _standing_still(objects: Sequence[Row], allowed: float) -> Iterator[str]:
    """An object that is not followed any more while others are; the age of the store alone does not say which."""
    followed = [each for each in objects if each["state"] == "ok" and each["watermark"] is not None]
    newest = max((each["watermark"] for each in followed), default=None)
    for each in followed:
        behind = int((newest - each["watermark"]).total_seconds()) if newest is not None else 0
        failing = each["detail"] and (each["age_seconds"] or 0) > _LATE
        if behind > allowed or failing:
            why = each["detail"] or "No reason was recorded; run baton sync run, and report it if that does not help."
            yield f"{each['object']} stands still since {_instant(each['watermark'])}: {why}"


def _instant(at: datetime) -> str:
    """An instant, and not how long ago it was: the words stay as they are while nothing happens."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
