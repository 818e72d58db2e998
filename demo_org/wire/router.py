"""Finds who answers a path, and refuses what nobody answers in Salesforce's words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from demo_org.errors import SalesforceFault, not_found
from demo_org.wire.context import Context, Handler, Methods
from demo_org.wire.message import Reply, Request


@dataclass(frozen=True, slots=True)
class Route:
    """One resource: a path with {parts}, who answers each method, and what kind of API call it is."""

    pattern: re.Pattern[str]
    methods: Methods
    kind: str


def route(path: str, kind: str, **methods: Handler) -> Route:
    """A resource; a {part} is one path segment. Names of resources match in any case, as Salesforce's do."""
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(re.compile(f"{pattern}\\Z", re.IGNORECASE), methods, kind)


def find(routes: Sequence[Route], path: str) -> tuple[Route, dict[str, str]]:
    """The resource at a path and its parts; NOT_FOUND if there is none."""
    for each in routes:
        match = each.pattern.match(path)
        if match is not None:
            # Decoded only now: a value in the path may hold a slash of its own.
            return each, {name: unquote(part) for name, part in match.groupdict().items()}
    raise not_found()


def answer(found: Route, parts: dict[str, str], context: Context, request: Request) -> Reply:
    """Let the resource answer; METHOD_NOT_ALLOWED if it does not take the method."""
    method = "GET" if request.method == "HEAD" else request.method
    handler = found.methods.get(method)
    if handler is None:
        # "HTTP Method 'PUT' not allowed. Allowed are GET,POST" (REST guide, status 405)
        allowed = ",".join(sorted(found.methods))
        message = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}"
        raise SalesforceFault(405, "METHOD_NOT_ALLOWED", message)
    return handler(context, replace(request, parts=parts))
