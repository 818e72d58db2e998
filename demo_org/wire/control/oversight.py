"""The control plane's part about the running org: its truth, its meter, who is logged in, jobs, the bin, its file."""

from datetime import UTC, datetime
from typing import Any

from demo_org.control import instant
from demo_org.errors import SalesforceFault
from demo_org.ids import normalise
from demo_org.store import snapshot
from demo_org.store.values import stamp_text
from demo_org.truth import Wanted, as_json, digest
from demo_org.wire.context import Context
from demo_org.wire.message import JSON_TYPE, Reply, Request

_ENDED = ("Failed", "Aborted")


def truth(context: Context, request: Request) -> Reply:
    """Every row of an object as it is stored, deleted ones and hidden fields too."""
    name = context.org.catalog.stored_object(request.parts["object"]).name
    return Reply(stream=as_json(context.org, name, _wanted(request)), headers={"Content-Type": JSON_TYPE})


def truth_digest(context: Context, request: Request) -> Reply:
    """Count, newest stamp and checksum of an object's rows, to compare copies by."""
    return Reply(content=digest(context.org, request.parts["object"], _wanted(request)))


def truth_digests(context: Context, request: Request) -> Reply:
    """The digests of all objects that have rows."""
    found = [digest(context.org, name, _wanted(request)) for name in context.org.catalog.stored]
    return Reply(content=[each for each in found if each["count"]])


def calls(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """API calls by kind since the last reset, and in all."""
    return Reply(content=context.usage.counts())


def reset_calls(context: Context, request: Request) -> Reply:
    """Forget all API calls; {"daily_calls": n} sets another allowance."""
    context.usage.reset(daily_calls=_order(request).get("daily_calls"))
    return Reply(content=context.usage.counts())


def sessions(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Who is logged in, by what app and until when; of tokens only their ends are told."""
    return Reply(
        content=[
            {
                "user": each.user_id,
                "username": context.settings.credentials.username
                if each.user_id == context.org.users.integration
                else None,
                "app": each.client_id,
                "issued_at": stamp_text(each.issued_at),
                "expires_at": stamp_text(each.expires_at),
                "token_ends_with": each.token[-6:],
            }
            for each in context.sessions.all()
        ]
    )


def kill_sessions(context: Context, request: Request) -> Reply:
    """End every session at once, or that of {"token"}, or those of {"user"}: clients must log in again."""
    order = _order(request)
    if "user" in order:
        killed = context.sessions.kill_those_of(_user_id(context, str(order["user"])))
    elif "token" in order:
        killed = int(context.sessions.end(str(order["token"])))
    else:
        killed = context.sessions.kill_all()
    return Reply(content={"killed": killed})


def _user_id(context: Context, named: str) -> str:
    """The id of a user who is given by id or by name."""
    with context.org.reading() as connection:
        found = connection.execute(
            "SELECT Id FROM User WHERE Id = ? OR lower(Username) = ?", (normalise(named) or named, named.lower())
        ).fetchone()
    if found is None:
        raise SalesforceFault(404, "NOT_FOUND", f"there is no user {named}")
    return str(found[0])


def logins(context: Context, request: Request) -> Reply:
    """Who may log in: {"refuse": reason or null, "hourly": n}; a GET tells the rules that hold."""
    return Reply(content=context.logins.order(_order(request)))


def bulk_jobs(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """All jobs of Bulk API 2.0 that were not deleted."""
    queries = [job.as_status() | {"query": job.query} for job in context.query_jobs.all()]
    return Reply(content=[*queries, *(job.as_status() for job in context.ingest_jobs.all())])


def end_bulk_job(context: Context, request: Request) -> Reply:
    """End a Bulk query job as failed or aborted, whatever it has done."""
    order = _order(request)
    state = order.get("state", "Failed")
    if state not in _ENDED:
        raise SalesforceFault(400, "INVALID_OPERATION", f"a job can be ended as {' or '.join(_ENDED)}")
    job = context.query_jobs.get(request.parts["job"])
    context.query_jobs.end(job, state, message=order.get("message"))
    return Reply(content=job.as_status())


def recycle_bin(context: Context, request: Request) -> Reply:
    """What lies in the recycle bin, and with which record it was deleted."""
    wanted = request.query.get("object")
    name = context.org.catalog.stored_object(wanted).name if wanted else None
    with context.org.reading() as connection:
        found = connection.execute(
            "SELECT object, id, root FROM _bin WHERE object = coalesce(?, object) ORDER BY object, id", (name,)
        ).fetchall()
    return Reply(content=[{"object": name, "id": each, "deleted_with": root} for name, each, root in found])


def health(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Whether the org is ready, and what is going on in it."""
    org = context.org
    return Reply(
        content={
            "ready": True,
            "org_id": org.org_id,
            "file": None if org.path == ":memory:" else org.path,
            "now": stamp_text(org.clock.now()),
            "real_time": stamp_text(datetime.now(UTC)),
            "sessions": len(context.sessions.all()),
            "open_transactions": len(context.transactions.listing()),
            "running_jobs": sum(not job.finished for job in context.query_jobs.all()),
            "faults": len(context.faults.waiting()),
            "calls": context.usage.used,
        }
    )


def save(context: Context, request: Request) -> Reply:
    """Write the org to a file, which `--file` can open as well."""
    path = _path(request)
    return Reply(content={"file": path, "bytes": snapshot.save(context.org, path)})


def restore(context: Context, request: Request) -> Reply:
    """Put the org back into the state of a saved file; open query results are forgotten, the clock goes on."""
    path, former = _path(request), context.org.org_id
    snapshot.restore(context.org, path)
    context.cursors.forget()
    context.events.topics.take_up()
    context.events.take_up()
    context.managed.take_up()
    if context.org.org_id != former:
        context.sessions.kill_all()
    return Reply(content={"file": path, "org_id": context.org.org_id})


def _path(request: Request) -> str:
    path = _order(request).get("file")
    if not isinstance(path, str) or not path:
        raise SalesforceFault(400, "INVALID_OPERATION", 'say where: {"file": "org.db"}')
    return path


def _wanted(request: Request) -> Wanted:
    """Which rows a GET asks for."""
    given = request.query
    return Wanted(
        since=instant(given["since"]) if given.get("since") else None,
        ids=[each for each in given.get("ids", "").split(",") if each],
        fields=[each for each in given.get("fields", "").split(",") if each],
        deleted=given.get("deleted", "true").lower() != "false",
    )


def _order(request: Request) -> dict[str, Any]:
    return request.json_object() if request.body else {}
