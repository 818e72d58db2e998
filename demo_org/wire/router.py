"""Finds who answers a path, and refuses what nobody answers in Salesforce's words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from demo_org.errors import SalesforceFault, not_found
from demo_org.wire.context import Context, Handler, Methods
from demo_org.wire.message import Reply, Request

_JSON = ("application/json",)
_ORDER = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Route:
    """One resource: a path with {parts}, who answers each method, and what kind of API call it is."""

    pattern: re.Pattern[str]
    methods: Methods
    kind: str
    #: the media types of the bodies it takes
    takes: Sequence[str] = _JSON


def route(path: str, kind: str, *, takes: Sequence[str] = _JSON, **methods: Handler) -> Route:
    """A resource; a {part} is one path segment. Names of resources match in any case, as Salesforce's do."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(re.compile(f"{pattern}\\Z", re.IGNORECASE), methods, kind, takes)


def find(routes: Sequence[Route], path: str) -> tuple[Route, dict[str, str]]:
    """The resource at a path and its parts; NOT_FOUND if there is none."""
    for each in routes:
        match = each.pattern.match(path)
        if match is not None:
            # Decoded only now: a value in the path may hold a slash of its own.
            return each, {name: unquote(part) for name, part in match.groupdict().items()}
    raise not_found()


def check_media(found: Route, request: Request) -> None:
    """Refuse a body of a type the resource does not read; one that names no type is tried."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body and given and request.method in found.methods and given not in found.takes:
        message = f"MediaType of '{given}' is not supported by this resource"  # seen by clients
        raise SalesforceFault(415, "UNSUPPORTED_MEDIA_TYPE", message)


def answer(found: Route, parts: dict[str, str], context: Context, request: Request) -> Reply:
    """Let the resource answer; METHOD_NOT_ALLOWED if it does not take the method."""
    method = "GET" if request.method == "HEAD" else request.method
    handler = found.methods.get(method)
    if handler is None:
        # "HTTP Method 'POST' not allowed. Allowed are HEAD,GET" (seen by clients, status 405)
        served = {*found.methods, *(["HEAD"] if "GET" in found.methods else [])}
        allowed = ",".join(each for each in _ORDER if each in served)
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        raise SalesforceFault(405, "METHOD_NOT_ALLOWED", message)
    return handler(context, replace(request, parts=parts))
