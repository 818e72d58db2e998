"""Lets a request in to Bulk API 1.0: the session, the meter of calls, the version, and refusals in its own form."""

from dataclasses import replace

from demo_org.errors import SalesforceFault
from demo_org.wire.bulk.classic import resource
from demo_org.wire.bulk.classic.documents import ClassicFault, error_reply
from demo_org.wire.context import Context
from demo_org.wire.login.sessions import token_of
from demo_org.wire.message import Reply, Request
from demo_org.wire.router import Route, answer, find, route
from demo_org.wire.versions import check_version

BASE = "/services/async/"
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
#: REST's codes in the words of this API; others are written the same in both
_CODES = {
    "REQUEST_LIMIT_EXCEEDED": "ExceededQuota",
    "UNSUPPORTED_API_VERSION": "InvalidVersion",
    "NOT_FOUND": "InvalidUrl",
    "METHOD_NOT_ALLOWED": "InvalidUrl",
}


def enter(context: Context, request: Request) -> Reply:
    """Answer a request to Bulk API 1.0."""
    try:
        return _answer(context, request)
    except ClassicFault as refused:
        return error_reply(refused, as_json=resource.speaks_json(request))
    except SalesforceFault as fault:
        translated = ClassicFault(_CODES.get(fault.code, fault.code), fault.message, status=fault.status)
        return error_reply(translated, as_json=resource.speaks_json(request))


def _answer(context: Context, request: Request) -> Reply:
    session = context.sessions.use(token_of(request.headers))
    if session is None:
        # 400, not 401: clients of this API know by it that they must log in again.
        raise ClassicFault("InvalidSessionId", "Unable to find session id")
    version, _, rest = request.path[len(BASE) :].partition("/")
    number = check_version(f"v{version.removeprefix('v')}", oldest=context.settings.oldest_version)
    context.usage.spend("bulk", app=session.client_id, agent=request.headers.get("user-agent", ""))
    found, parts = find(ROUTES, rest)
    return answer(found, parts, context, replace(request, session=session, version=number))
