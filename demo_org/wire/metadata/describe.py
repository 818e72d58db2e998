"""What objects and fields there are: the global list, one object's describe, and 304 when nothing changed."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from demo_org.catalog import ObjectType
from demo_org.store import recent
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.records import records
from demo_org.wire.records.conditions import http_date, http_instant


def objects(context: Context, request: Request) -> Reply:
    """The list of all objects."""
    catalog = context.org.catalog
    return _conditional(request, catalog.last_change, lambda: catalog.describe_global(version=request.version))


def describe(context: Context, request: Request) -> Reply:
    """Everything about one object and its fields."""
    catalog, name = context.org.catalog, request.parts["object"]
    modified = catalog.last_modified(name)
    return _conditional(
        request,
        modified,
        lambda: catalog.describe(
            name, version=request.version, host=request.base_url, record_types=context.org.record_types(name)
        ),
    )


def basic(context: Context, request: Request) -> Reply:
    """The short form of one object: its line of the global list, and the records the user worked on last."""
    described = context.org.catalog.object(request.parts["object"])
    lines = context.org.catalog.describe_global(version=request.version)["sobjects"]
    line = next(each for each in lines if each["name"] == described.name)
    kept = [found for _, found in recent.items(context.org, request.user_id, object_name=described.name)]
    return Reply(content={"objectDescribe": line, "recentItems": recent_records(context, request, described, kept)})


def recent_records(context: Context, request: Request, described: ObjectType, kept: list[str]) -> list[dict[str, Any]]:
    """Ids and names of those records that are still there, in the order given."""
    if not kept:
        return []
    fields = ["Id", *([described.name_field] if described.name_field else [])]
    found = {each["Id"]: each for each in records.select(context, described, fields, kept, request.version)}
    return [found[each] for each in kept if each in found]


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
    since = http_instant(request.headers.get("if-modified-since"))
    return since is not None and modified.replace(microsecond=0) <= since
