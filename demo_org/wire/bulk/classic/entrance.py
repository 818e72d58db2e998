"""Lets a request in to Bulk API 1.0: the session, the meter of calls, the version, and refusals in its own form."""

from collections.abc import Mapping
from dataclasses import replace

from demo_org.errors import SalesforceFault
from demo_org.wire.bulk.classic import resource
from demo_org.wire.bulk.classic.documents import ClassicFault, error_reply
from demo_org.wire.context import Context
from demo_org.wire.login.sessions import token_of
from demo_org.wire.message import Reply, Request
from demo_org.wire.router import Route, answer, find, route
from demo_org.wire.versions import check_version

_BASE = "/services/async/"
#: below /services/async/XX.0/
ROUTES: tuple[Route, ...] = (
    route("job", "bulk", POST=resource.create),
    route("job/{job}", "bulk", GET=resource.get, POST=resource.change),
    route("job/{job}/batch", "bulk", GET=resource.batches, POST=resource.add),
    route("job/{job}/batch/{batch}", "bulk", GET=resource.batch),
    route("job/{job}/batch/{batch}/request", "bulk", GET=resource.sent),
    route("job/{job}/batch/{batch}/result", "bulk", GET=resource.result),
    route("job/{job}/batch/{batch}/result/{result}", "bulk", GET=resource.records),
)
#: REST's codes in the words of this API (Bulk API Developer Guide, "Errors"); others are written the same in both
_CODES = {
    "API_DISABLED_FOR_ORG": "FeatureNotEnabled",
    "INVALID_SESSION_ID": "InvalidSessionId",
    "QUERY_TIMEOUT": "Timeout",
    "UNKNOWN_EXCEPTION": "Unknown",
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "UNSUPPORTED_API_VERSION": "InvalidVersion",
    "NOT_FOUND": "InvalidUrl",
    "METHOD_NOT_ALLOWED": "InvalidUrl",
}


def inside(path: str) -> tuple[str, str] | None:
    """The version and the resource that a path of this API names; None for the path of another API."""
    if not path.lower().startswith(_BASE):
        return None
    version, _, resource_path = path[len(_BASE) :].partition("/")
    return version, resource_path


def enter(context: Context, request: Request, version: str, resource_path: str) -> Reply:
    """Answer a request to Bulk API 1.0, at what `inside` says of its path."""
    try:
        return _answer(context, request, version, resource_path)
    except ClassicFault as refused:
        return error_reply(refused, as_json=resource.speaks_json(request.headers))
    except SalesforceFault as fault:
        return refusal(fault.status, fault.code, fault.message, request.headers)


def refusal(status: int, code: str, message: str, headers: Mapping[str, str]) -> Reply:
    """How this API says what REST would say by a status, a code and a message; `headers` are those of the request."""
    if code == "INVALID_SESSION_ID":
        status = 400  # not 401: clients of this API know by it that they must log in again
    translated = ClassicFault(_CODES.get(code, code), message, status=status)
    return error_reply(translated, as_json=resource.speaks_json(headers))


def _answer(context: Context, request: Request, version: str, resource_path: str) -> Reply:
    session = context.sessions.use(token_of(request.headers))
    if session is None:
        raise SalesforceFault(401, "INVALID_SESSION_ID", "Unable to find session id")
    number = check_version(f"v{version.removeprefix('v')}", oldest=context.settings.oldest_version)
    context.usage.spend("bulk", app=session.client_id, agent=request.headers.get("user-agent", ""))
    found, parts = find(ROUTES, resource_path)
    return answer(found, parts, context, replace(request, session=session, version=number))
