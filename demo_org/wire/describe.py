"""What objects and fields there are: the global list, one object's describe, and 304 when nothing changed."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def objects(context: Context, request: Request) -> Reply:
    """The list of all objects."""
    catalog = context.org.catalog
    modified = max(catalog.last_modified(name) for name in catalog.objects)
    return _conditional(request, modified, lambda: catalog.describe_global(version=request.version))


def describe(context: Context, request: Request) -> Reply:
    """Everything about one object and its fields."""
    catalog, name = context.org.catalog, request.parts["object"]
    modified = catalog.last_modified(name)
    return _conditional(
        request, modified, lambda: catalog.describe(name, version=request.version, host=request.base_url)
    )


def basic(context: Context, request: Request) -> Reply:
    """The short form of one object: its line of the global list."""
    name = context.org.catalog.object(request.parts["object"]).name
    lines = context.org.catalog.describe_global(version=request.version)["sobjects"]
    line = next(each for each in lines if each["name"] == name)
    return Reply(content={"objectDescribe": line, "recentItems": []})


def _conditional(request: Request, modified: datetime, make: Callable[[], dict[str, Any]]) -> Reply:
    """304 without a body when nothing changed since the client's copy, else the whole thing."""
    tag = hashlib.sha256(f"{request.path} {modified.isoformat()}".encode()).hexdigest()[:8]
    headers = {"ETag": f'"{tag}"', "Last-Modified": http_date(modified)}
    if _unchanged(request, modified, headers["ETag"]):
        return Reply(status=304, headers=headers)
    return Reply(content=make(), headers=headers)


def _unchanged(request: Request, modified: datetime, tag: str) -> bool:
    if tag in request.headers.get("if-none-match", ""):
        return True
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        instant = parsedate_to_datetime(since)
    except ValueError:
        return False
    return modified.replace(microsecond=0) <= (instant if instant.tzinfo else instant.replace(tzinfo=UTC))


def http_date(instant: datetime) -> str:
    """An instant as HTTP headers write it: Fri, 14 Aug 2020 20:53:02 GMT."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)
