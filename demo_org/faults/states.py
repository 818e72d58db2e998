"""Faults of what lasts between requests: sessions, locators, Bulk jobs, logins, and the stamps of writes."""

import re
from collections.abc import Mapping
from datetime import timedelta

import msgspec

from demo_org.faults.kinds import Call, Kind, Parameter, Powers, Values, where
from demo_org.refusals import WORDS, Words
from demo_org.reply import NOTHING, Reply

_API = where(path=r"^/services/(data/v|async/)\d")
_NEXT_PAGES = where("query", path=r"/query(All)?/")
_JOB = where("bulk", methods=("GET",), path=r"/jobs/query/750\w+$")
_ANY_JOB = where("bulk", methods=("GET",), path=r"/jobs/(query|ingest)/750\w+$")
_LOGIN = where("login", methods=("POST",), path=r"/services/(oauth2/token|Soap/)")
_REFRESH = where("login", methods=("POST",), path=r"/services/oauth2/token")
_WRITES = where("records", "collections", "composite", "bulk", methods=("POST", "PATCH", "DELETE"),
                path=r"/(sobjects|composite|jobs/ingest)\b")  # fmt: skip

#: every refusal of a login by its name: those for which the org itself may refuse, and those for what a client sends
LOGIN_REFUSALS: Mapping[str, Words] = {
    **{reason.value: words for reason, words in WORDS.items()},
    "authentication_failed": Words("invalid_grant", "authentication failure"),
    "password_wrong": Words("invalid_grant", "authentication failure - Invalid Password"),
    "token_spent": Words("invalid_grant", "expired access/refresh token"),
    "code_spent": Words("invalid_grant", "expired authorization code"),
    "audience_invalid": Words("invalid_grant", "audience is invalid"),
    "assertion_invalid": Words("invalid_grant", "invalid assertion"),
    "assertion_expired": Words("invalid_grant", "expired"),
    "client_unknown": Words("invalid_client_id", "client identifier invalid"),
    "secret_wrong": Words("invalid_client", "invalid client credentials"),
    "grant_unsupported": Words("unsupported_grant_type", "grant type not supported"),
}


def _job_id(call: Call) -> str:
    found = re.search(r"/jobs/query/(750\w+)", call.path)
    return found[1] if found else ""


def _kill(call: Call, values: Values, powers: Powers) -> None:  # noqa: ARG001 - faults share one signature
    powers.end_session(call)


def _evict(call: Call, values: Values, powers: Powers) -> None:  # noqa: ARG001 - faults share one signature
    powers.drop_locators()


def _fail(call: Call, values: Values, powers: Powers) -> None:
    message = values["message"] if values["explained"] else None
    powers.end_job(_job_id(call), state="Failed", message=message)


def _abort(call: Call, values: Values, powers: Powers) -> None:  # noqa: ARG001 - faults share one signature
    powers.end_job(_job_id(call), state="Aborted", message=None)


def _stall(call: Call, values: Values, reply: Reply, powers: Powers) -> Reply | None:  # noqa: ARG001 - faults share one signature
    if reply.content is NOTHING or reply.status != 200:
        return None
    status = msgspec.json.decode(msgspec.json.encode(reply.content))
    return Reply(content=status | {"state": "InProgress"}, headers=reply.headers)


def _spend(call: Call, values: Values, powers: Powers) -> None:  # noqa: ARG001 - faults share one signature
    powers.end_approval(call)


def _refuse(call: Call, values: Values, powers: Powers) -> Reply:
    return powers.login_refusal(call, LOGIN_REFUSALS[values["reason"]])


def _lag(call: Call, values: Values, powers: Powers) -> None:  # noqa: ARG001 - faults share one signature
    powers.start_earlier(timedelta(seconds=values["seconds"]))


KINDS: tuple[Kind, ...] = (
    Kind(name="session_killed", group="states", doc="The session of the request ends before it is answered, as when an "
         "admin ends it; its locators die with it.", where=_API, before=_kill),
    Kind(name="locators_evicted", group="states", doc="All open query results are forgotten; next pages are refused "
         "with INVALID_QUERY_LOCATOR.", where=_NEXT_PAGES, before=_evict),
    Kind(name="job_failed", group="states", doc="A Bulk query job fails when its state is asked for.", where=_JOB,
         before=_fail, by_chance=False,
         parameters={
             "message": Parameter(default="InternalServerError: Job failed after 15 retries", doc="its errorMessage"),
             "explained": Parameter(type=bool, default=True, doc="whether it has an errorMessage"),
         }),
    Kind(name="job_aborted", group="states", doc="A Bulk query job was aborted by somebody when its state is asked "
         "for.", where=_JOB, before=_abort, by_chance=False),
    Kind(name="job_stalled", group="states", doc="A Bulk job stays in progress, whatever it has done.", where=_ANY_JOB,
         after=_stall),
    Kind(name="login_refused", group="states", doc="A login is refused for one of the documented reasons.",
         where=_LOGIN, instead=_refuse, by_chance=False,
         parameters={"reason": Parameter(default="authentication_failed", choices=tuple(LOGIN_REFUSALS),
                                         doc="which one")}),
    Kind(name="refresh_token_spent", group="states", doc="A refresh token was used by somebody else: the approval and "
         "its sessions end, as with rotation when a spent token comes back.", where=_REFRESH, before=_spend,
         by_chance=False),
    Kind(name="commit_lag", group="states", doc="A write's stamps are older than the moment it can be seen, as in a "
         "transaction that lasts; latestDateCovered stays behind meanwhile.", where=_WRITES, before=_lag,
         by_chance=False, changes_truth=True,
         parameters={"seconds": Parameter(type=(int, float), default=30, doc="how much older")}),
)  # fmt: skip
