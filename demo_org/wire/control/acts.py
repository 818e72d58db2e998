"""Everything the control plane can do, in one table; its addresses, `GET /demo` and the manual are made of it.

An act's name is that of its handler, what it does is the first line of the handler's docstring.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from demo_org.wire.context import Context, Handler
from demo_org.wire.control import control_plane, event_control, fault_plane, jobs, oversight
from demo_org.wire.message import Reply, Request
from demo_org.wire.router import Route, route


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be asked of the control plane."""

    method: str
    path: str
    handler: Handler
    #: what may stand in the JSON object of the body, or in the query of a GET
    arguments: Mapping[str, str]

    @property
    def name(self) -> str:
        """What it is called, such as hard_delete."""
        return self.handler.__name__

    @property
    def doc(self) -> str:
        """What it does, in a sentence or two."""
        return (self.handler.__doc__ or "").partition("\n")[0]


def act(method: str, path: str, handler: Handler, **arguments: str) -> Act:
    """An act of the table below."""
    return Act(method, path, handler, arguments)


def listing(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Every act of the control plane, with its address and its arguments."""
    acts = [
        {"name": each.name, "method": each.method, "path": each.path, "arguments": each.arguments, "doc": each.doc}
        for each in ACTS
    ]
    return Reply(content={"acts": acts})


_WANTED = {
    "since": "instant: rows stamped then or later",
    "ids": "only these, with commas between them",
    "fields": "only these, with commas between them",
    "deleted": "false leaves the recycle bin out",
}
_WRITES = 'a list of {"act": "insert|update|delete|undelete|hard_delete", "object", "id", "values"}'

ACTS: tuple[Act, ...] = (
    act("GET", "/demo", listing),
    act("GET", "/demo/health", oversight.health),
    act("GET", "/demo/clock", control_plane.clock),
    act(
        "POST",
        "/demo/clock",
        control_plane.clock,
        freeze="true, or the instant to stop at",
        move="seconds to go on, or back",
        skew="seconds by which the Date of answers is ahead of the stamps of records, or behind",
        run="true: let time flow again from where it stands",
        reset="true: go back to the real time",
    ),
    act("GET", "/demo/transactions", control_plane.transactions),
    act(
        "POST",
        "/demo/transactions",
        control_plane.begin,
        writes=_WRITES,
        commit_after="seconds of the org's clock after which it commits by itself",
    ),
    act("POST", "/demo/transactions/{transaction}", control_plane.write, writes=_WRITES),
    act("POST", "/demo/transactions/{transaction}/commit", control_plane.commit),
    act("POST", "/demo/transactions/{transaction}/rollback", control_plane.rollback),
    act("POST", "/demo/records/{object}/{id}/hard_delete", control_plane.hard_delete),
    act("POST", "/demo/records/{object}/{id}/undelete", control_plane.undelete),
    act("POST", "/demo/records/{object}/{id}/merge", control_plane.merge, losers="ids of the records that go"),
    act("POST", "/demo/purge", control_plane.purge),
    act(
        "POST",
        "/demo/records/Lead/{id}/convert",
        jobs.convert,
        account="id of an account to join, instead of a new one",
        contact="id of a contact to join, instead of a new one",
        opportunity="false for none, or the name of the new deal",
    ),
    act("POST", "/demo/jobs/archive_activities", jobs.archive_activities, older_than_days="365 unless given"),
    act(
        "POST",
        "/demo/jobs/flip_stage",
        jobs.flip_stage,
        stage="its name",
        is_won="whether its deals are won from now on",
        is_closed="whether they are closed; as is_won unless given",
    ),
    act(
        "POST",
        "/demo/jobs/rename_value",
        jobs.rename_value,
        object="whose picklist it is",
        field="the picklist",
        old="the value",
        new="what it becomes",
    ),
    act("POST", "/demo/jobs/touch", jobs.touch, object="its name", ids="a list of ids; all records unless given"),
    act(
        "POST",
        "/demo/jobs/transfer",
        jobs.transfer,
        former="id of the owner",
        owner="id of the new one",
        closed_too="true: closed deals as well",
    ),
    act("POST", "/demo/jobs/expire_bin", jobs.expire_bin),
    act("POST", "/demo/jobs/purge_history", jobs.purge_history),
    act("POST", "/demo/jobs/track_history", jobs.track_history, object="its name", fields="at most 20 of its fields"),
    act("POST", "/demo/deleted_log/trim", control_plane.trim_log, before="instant"),
    act("GET", "/demo/calls", oversight.calls),
    act("POST", "/demo/calls/reset", oversight.reset_calls, daily_calls="another allowance of the day"),
    act("GET", "/demo/truth/{object}", oversight.truth, **_WANTED),
    act("GET", "/demo/truth/{object}/digest", oversight.truth_digest, **_WANTED),
    act("GET", "/demo/digests", oversight.truth_digests, **_WANTED),
    act("GET", "/demo/bin", oversight.recycle_bin, object="only its records"),
    act("POST", "/demo/save", oversight.save, file="where to"),
    act("POST", "/demo/restore", oversight.restore, file="a saved one"),
    act("GET", "/demo/bulk", oversight.bulk_jobs),
    act("POST", "/demo/bulk/{job}", oversight.end_bulk_job, state="Failed or Aborted", message="its errorMessage"),
    act(
        "POST",
        "/demo/fields",
        control_plane.fields,
        act="add, remove, hide or show",
        object="whose field it is",
        field="its name",
        type="of a field that is added; so are further facts of it, such as picklist_values",
    ),
    act("POST", "/demo/objects/{object}", control_plane.switch_object, enabled="true or false"),
    act(
        "POST",
        "/demo/objects/{object}/permissions",
        control_plane.permit,
        createable="true or false; so are updateable and deletable",
        fields='{field: "read", "write" or "none"}',
    ),
    act(
        "POST",
        "/demo/objects/{object}/rules",
        control_plane.change_rule,
        name="of the validation rule",
        formula="true where a record must not be saved; without one the rule is removed",
        message="what is said then",
        field="where it is said",
    ),
    act("POST", "/demo/features/{feature}", control_plane.switch_feature, enabled="true or false"),
    act("GET", "/demo/sessions", oversight.sessions),
    act(
        "POST",
        "/demo/sessions/kill",
        oversight.kill_sessions,
        token="of the only session to end",  # noqa: S106 - a description
        user="whose sessions end, by id or name",
    ),
    act("GET", "/demo/logins", oversight.logins),
    act("POST", "/demo/logins", oversight.logins, refuse="a reason or null", hourly="logins a user has in an hour"),
    act("GET", "/demo/events", event_control.events),
    act(
        "POST",
        "/demo/events",
        event_control.select_events,
        selected="objects whose changes go to /data/ChangeEvents",
        channel="name of a channel of one's own, ending in __chn",
        members="its objects, each with the fields that enrich its events",
        remove_channel="name of a channel that goes",
        platform_event="name of a platform event to define, ending in __e",
        fields="its fields, each with its kind: string, textarea, double, boolean, datetime or date",
    ),
    act(
        "POST",
        "/demo/events/gap",
        event_control.gap_events,
        object="whose records a job changed past the application servers",
        ids="their ids, or a pattern such as 00T*",
        change="CREATE, UPDATE, DELETE or UNDELETE",
    ),
    act("GET", "/demo/faults", fault_plane.list_faults),
    act(
        "POST",
        "/demo/faults",
        fault_plane.set_faults,
        faults="a list of faults; see GET /demo/faults/kinds for what they have",
        random='{"seed": 1, "rate": 0.1, "kinds": [...]}: faults at random',
    ),
    act("PATCH", "/demo/faults", fault_plane.add_faults, faults="as above", random="as above"),
    act("DELETE", "/demo/faults", fault_plane.clear_faults),
    act("GET", "/demo/faults/log", fault_plane.fault_log),
    act("GET", "/demo/faults/kinds", fault_plane.fault_kinds),
)


def _routes(acts: Sequence[Act]) -> tuple[Route, ...]:
    """One resource for each address, with all methods it takes."""
    handlers: dict[str, dict[str, Handler]] = {}
    for each in acts:
        handlers.setdefault(each.path, {})[each.method] = each.handler
    return tuple(replace(route(path, "demo"), methods=methods) for path, methods in handlers.items())


#: the control plane, on this machine only
CONTROL = _routes(ACTS)
