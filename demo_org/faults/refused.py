"""Faults in place of an answer: what Salesforce, its edge and whatever stands in between say when they don't answer."""

import json
import re
from collections.abc import Mapping

from demo_org.faults.kinds import Call, Kind, Parameter, Powers, Values, Where, where
from demo_org.reply import Reply

_HTML = {"Content-Type": "text/html;charset=UTF-8"}
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Down For Maintenance</title></head><body><h1>Down For Maintenance</h1>"
    "<p>Sorry for the inconvenience. We'll be back shortly.</p></body></html>"
)
_LOGIN = (
    '<!DOCTYPE html><html><head><title>Login | Salesforce</title></head><body><form name="login" method="post">'
    '<input type="email" name="username"><input type="password" name="pw"></form></body></html>'
)
_MOVED = "<html><head><title>Salesforce Edge</title></head><body><h1>420</h1><p>The org has moved.</p></body></html>"

#: everything below /services/data/vXX.0/ and Bulk API 1.0
_API = where(path=r"^/services/(data/v|async/)\d")
_READS = where("query", "search", "bulk", path=r"/(query|queryAll|search|jobs/query)\b")
_WRITES = where("records", "collections", "composite", methods=("POST", "PATCH", "PUT", "DELETE"), path="/sobjects")
_REPLICATION = where("replication")
_RESULTS = where("bulk", methods=("GET",), path=r"/results\b")

_RETRY_AFTER = Parameter(type=(int, str), doc="value of Retry-After: seconds, or an instant as HTTP writes it")
_UNKNOWN = (
    "An unexpected error occurred. Please include this ErrorId if you contact support: 1386013651-24118 (85164271)"
)


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    """Salesforce's own array of one error."""
    return Reply(status=status, content=[{"message": message, "errorCode": code}], headers=headers)


def _error(
    name: str, doc: str, status: int, code: str, message: str, at: Where = _API, *, by_chance: bool = True
) -> Kind:
    """A refusal with a code; its text can be replaced."""

    def instead(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
        return error(status, code, values["message"])

    text = Parameter(default=message, doc="the text of the refusal")
    return Kind(
        name=name, group="refusals", doc=doc, where=at, parameters={"message": text}, instead=instead,
        by_chance=by_chance,
    )  # fmt: skip


def _page(name: str, doc: str, status: int, text: str, *, retry_after: object = None) -> Kind:
    """A web page, or nothing, where data were asked for."""

    def instead(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
        wait = values["retry_after"]
        headers = {} if wait is None else {"Retry-After": str(wait)}
        return Reply(status=status, raw=text.encode(), headers={**(_HTML if text else {}), **headers})

    parameter = Parameter(type=(int, str), default=retry_after, doc=_RETRY_AFTER.doc)
    return Kind(
        name=name, group="refusals", doc=doc, parameters={"retry_after": parameter}, instead=instead
    )  # fmt: skip


def _session(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
    refused = error(401, "INVALID_SESSION_ID", values["message"])
    return Reply(status=401, content=refused.content, headers={"WWW-Authenticate": "Token"})


def _locked(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
    """Lists of records fail record by record, a record alone by its status."""
    message = "unable to obtain exclusive access to this record"
    if call.kind != "collections":
        return error(400, "UNABLE_TO_LOCK_ROW", message)
    one = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": message, "fields": []}]}
    return Reply(content=[one] * max(1, _records_in(call)))


def _records_in(call: Call) -> int:
    named = re.search(r"[?&]ids=([^&]*)", call.target)
    if named is not None:
        return len(re.split(r"%2C|,", named[1], flags=re.IGNORECASE))
    try:
        body = json.loads(call.body)
    except (ValueError, RecursionError):
        return 1
    records = body.get("records") if isinstance(body, Mapping) else None
    return len(records) if isinstance(records, list) else 1


def _hidden(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
    """The words of a field that does not exist; which one it is stands in the statement if it is not told."""
    statement = call.statement or "SELECT Name FROM Name"
    field = values["field"] or _last_field(statement)
    at = statement.lower().find(field.lower()) + 1
    object_name = call.object_name or "Name"
    excerpt = f"\n{statement[: max(at, 1) + len(field) + 20]}\n{' ' * max(0, at - 1)}^\n"
    message = (
        f"{excerpt}ERROR at Row:1:Column:{max(at, 1)}\nNo such column '{field}' on entity '{object_name}'. If you are "
        "attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference "
        "your WSDL or the describe call for the appropriate names."
    )
    return error(400, "INVALID_FIELD", message)


def _last_field(statement: str) -> str:
    selected = re.match(r"\s*SELECT\s+(.*?)\s+FROM\b", statement, re.IGNORECASE | re.DOTALL)
    names = re.findall(r"(?<![\w.])[A-Za-z]\w*(?![\w.(])", selected[1] if selected else "")
    return names[-1] if names else "Name"


def _no_object(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
    message = (
        f"sObject type '{call.object_name}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate "
        "names."
    )
    return error(400, "INVALID_TYPE", message)


def _no_bulk(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
    return error(400, "INVALIDENTITY", f"Entity '{call.object_name}' is not supported by the Bulk API.")


def _part(call: Call, values: Values, powers: Powers) -> Reply:  # noqa: ARG001 - faults share one signature
    return error(values["status"], values["code"], values["message"])


KINDS: tuple[Kind, ...] = (
    _page("not_acceptable", "Salesforce's edge answers 406 without a body, for a moment.", 406, ""),
    _page("edge_420", "Salesforce's edge answers 420 with a page: the org moves or can't be reached.", 420, _MOVED),
    _page("too_many_requests", "429 with Retry-After.", 429, "", retry_after=1),
    _page("maintenance_503", "A maintenance page with status 503.", 503, _MAINTENANCE),
    _page("maintenance_page", "A maintenance page with status 200.", 200, _MAINTENANCE),
    _page("login_page", "A page to log in, with status 200, where data were asked for.", 200, _LOGIN),
    _error("unknown_exception", "500 with Salesforce's error id.", 500, "UNKNOWN_EXCEPTION", _UNKNOWN),
    _error("server_unavailable", "503 as data.", 503, "SERVER_UNAVAILABLE", "Server Unavailable"),
    Kind(
        name="session_rejected",
        group="refusals",
        doc="401 for a session that is good, which no new login cures while it lasts.",
        where=_API,
        parameters={"message": Parameter(default="Session expired or invalid", doc="the text of the refusal")},
        instead=_session,
    ),
    _error(
        "request_limit", "The calls of the day are spent.", 403, "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded.",
    ),
    _error(
        "concurrent_limit", "Too many long requests run at the same time.", 403, "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentPerOrgLongTxn Limit exceeded.",
    ),
    _error(
        "api_disabled", "The REST API is switched off.", 403, "API_DISABLED_FOR_ORG",
        "The REST API is not enabled for this Organization.", by_chance=False,
    ),
    _error(
        "query_timeout", "A query runs for too long.", 400, "QUERY_TIMEOUT",
        "Your query request was running for too long.", _READS,
    ),
    _error(
        "query_too_complicated", "A query is too complicated.", 400, "QUERY_TOO_COMPLICATED",
        "Query is either selecting too many fields or the filter conditions are too complicated.", _READS,
        by_chance=False,
    ),
    _error(
        "operation_too_large", "A query of activities meets too many people.", 400, "OPERATION_TOO_LARGE",
        "exceeded 100000 distinct who/what's", _READS,
    ),
    _error(
        "locator_invalid", "The locator of a next page is not known any more, this once.", 400,
        "INVALID_QUERY_LOCATOR", "invalid query locator", where("query", path=r"/query(All)?/"),
    ),
    Kind(
        name="row_locked",
        group="refusals",
        doc="A write meets a record that another transaction holds; nothing is written.",
        where=_WRITES,
        instead=_locked,
    ),
    Kind(
        name="field_hidden",
        group="refusals",
        doc="A field that describe shows can't be queried: it was hidden in between.",
        where=_READS,
        parameters={"field": Parameter(doc="its name; the last one selected unless told")},
        instead=_hidden,
        by_chance=False,
    ),
    Kind(
        name="object_hidden",
        group="refusals",
        doc="An object that describe shows can't be queried.",
        where=_READS,
        instead=_no_object,
        by_chance=False,
    ),
    Kind(
        name="bulk_refused",
        group="refusals",
        doc="Bulk does not support the object, which it says for each object by itself.",
        where=where("bulk", methods=("POST",), path="/jobs/query$"),
        instead=_no_bulk,
        by_chance=False,
    ),
    _error(
        "too_many_ids", "More ids changed or went than fit into getUpdated or getDeleted.", 400, "EXCEEDED_ID_LIMIT",
        "Exceeded the limit of 600000 ids; ask for a shorter window", _REPLICATION,
    ),
    _error(
        "bad_replication_date", "The window of getUpdated or getDeleted is refused.", 400, "INVALID_REPLICATION_DATE",
        "startDate before org replication enabled date", _REPLICATION,
    ),
    _error(
        "results_refused", "A page of Bulk results is refused.", 400, "INVALIDJOBSTATE",
        "Results are not available", _RESULTS,
    ),
    _error(
        "results_missing", "A page of Bulk results is not there.", 404, "NOT_FOUND",
        "The requested resource does not exist", _RESULTS,
    ),
    Kind(
        name="part_failed",
        group="refusals",
        doc="One part of a composite request fails while the others succeed.",
        where=where(part=True),
        parameters={
            "status": Parameter(type=int, default=500, doc="its status"),
            "code": Parameter(default="UNKNOWN_EXCEPTION", doc="its error code"),
            "message": Parameter(default=_UNKNOWN, doc="its text"),
        },
        instead=_part,
    ),
)  # fmt: skip
