"""Conditional requests about records: 304 for a copy that is still good, 412 for a change that comes too late.

Only accounts have an ETag, and show when they were changed; the conditions by time hold for every object (REST guide,
conditional requests).
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault
from demo_org.store import Org
from demo_org.store.values import stamp_of
from demo_org.wire.message import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which copy of a record there is now."""

    tag: str | None
    #: None for objects without any stamp
    modified: datetime | None

    @classmethod
    def of(cls, org: Org, described: ObjectType, record_id: str) -> "Version":
        """The present version of a record."""
        row = org.get(described.name, record_id) or {}
        stamp = next((row[n] for n in ("SystemModstamp", "LastModifiedDate", "CreatedDate") if row.get(n)), None)
        tag = None
        if described.name == "Account":
            digest = hashlib.sha1(f"{record_id} {row}".encode(), usedforsecurity=False).digest()
            tag = f'"{base64.b64encode(digest).decode()}"'
        return cls(tag=tag, modified=None if stamp is None else stamp_of(stamp))

    @property
    def headers(self) -> Mapping[str, str]:
        """What the reply tells about the version."""
        if self.tag is None or self.modified is None:
            return {}
        return {"ETag": self.tag, "Last-Modified": http_date(self.modified)}


def unchanged(request: Request, version: Version) -> bool:
    """Whether the client's copy is still good."""
    wanted = request.headers.get("if-none-match")
    if wanted is not None and version.tag is not None:
        return _lists(wanted, version.tag)
    since = http_instant(request.headers.get("if-modified-since"))
    return since is not None and version.modified is not None and version.modified <= since


def refuse_changed(request: Request, version: Version) -> None:
    """Refuse a write whose condition fails: the record is no longer the one the client read."""
    wanted = request.headers.get("if-match")
    tag_differs = wanted is not None and version.tag is not None and not _lists(wanted, version.tag)
    since = http_instant(request.headers.get("if-unmodified-since"))
    if tag_differs or (since is not None and version.modified is not None and version.modified > since):
        raise SalesforceFault(412, "PRECONDITION_FAILED", "The record has changed since it was read")


def http_date(instant: datetime) -> str:
    """An instant as HTTP headers write it: Fri, 14 Aug 2020 20:53:02 GMT."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def http_instant(text: str | None) -> datetime | None:
    """The instant of an HTTP header; None for a missing or unreadable one, which HTTP says to ignore."""
    if text is None:
        return None
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _lists(header: str, tag: str) -> bool:
    # A packed copy carries its packing in its tag: "U5iWijwWbQD18jeiXwsqxeGpZQk=-gzip".
    listed = {each.strip().removeprefix("W/").replace('-gzip"', '"') for each in header.split(",")}
    return "*" in listed or tag in listed
