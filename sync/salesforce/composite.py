"""Up to 25 requests in one call, billed as one: how they are written and how their answers are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync.errors import BadReply, SyncError
from sync.record import Records
from sync.salesforce.faults import error_from_reply

MAX_PARTS = 25
#: query, queryAll and their next pages together
MAX_QUERIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SubRequest:
    """One part of a composite call. `url` is path and query string, encoded."""

    reference: str
    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def is_query(self) -> bool:
        """Whether it counts against the five queries of a call."""
        path = self.url.partition("?")[0].rstrip("/")
        return path.endswith(("/query", "/queryAll")) or "/query/" in path or "/queryAll/" in path


@dataclass(frozen=True, slots=True, kw_only=True)
class SubReply:
    """The answer to one part: each has its own status, so one failure leaves the others alone."""

    status: int
    body: Any
    headers: Mapping[str, str]

    def error(self, *, object_name: str | None = None) -> SyncError | None:
        """What went wrong with this part; None for a success."""
        if self.status < 300 or self.status == 304:
            return None
        return error_from_reply(self.status, self.body, url="the org", object_name=object_name, headers=self.headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPage:
    """One page of a query: how many rows Salesforce counted in all, and the records of this page."""

    total_size: int
    records: Records
    done: bool
    next_url: str | None = None


def composite_body(requests: Sequence[SubRequest]) -> bytes:
    """The body of one composite call."""
    if len(requests) > MAX_PARTS or sum(request.is_query for request in requests) > MAX_QUERIES:
        message = f"A composite call holds at most {MAX_PARTS} parts and {MAX_QUERIES} queries: split it."
        raise ValueError(message)
    parts = []
    for request in requests:
        part: dict[str, Any] = {"method": request.method, "url": request.url, "referenceId": request.reference}
        if request.headers:
            part["httpHeaders"] = dict(request.headers)
        if request.body is not None:
            part["body"] = request.body
        parts.append(part)
    return msgspec.json.encode({"allOrNone": False, "compositeRequest": parts})


def composite_replies(body: Any, requests: Sequence[SubRequest]) -> dict[str, SubReply]:
    """The answers by their reference; a call that lacks one of them is a bad reply."""
    if not isinstance(body, dict) or not isinstance(body.get("compositeResponse"), list):
        raise BadReply(what="a composite call", detail="no list of answers")
    replies = {
        part["referenceId"]: SubReply(
            status=int(part["httpStatusCode"]),
            body=part.get("body"),
            # Header names differ in case between hosts.
            headers={name.lower(): str(value) for name, value in (part.get("httpHeaders") or {}).items()},
        )
        for part in body["compositeResponse"]
    }
    missing = [request.reference for request in requests if request.reference not in replies]
    if missing:
        raise BadReply(what="a composite call", detail=f"no answer to {missing[0]}")
    return replies


def query_page(body: Any, *, what: str) -> QueryPage:
    """Read the answer to a query: the records without their attributes."""
    if not isinstance(body, dict) or not isinstance(body.get("records"), list):
        raise BadReply(what=what, detail="no records in it")
    records: Records = body["records"]
    for record in records:
        record.pop("attributes", None)
    done = bool(body.get("done", True))
    return QueryPage(
        total_size=int(body.get("totalSize", len(records))),
        records=records,
        done=done,
        next_url=None if done else body.get("nextRecordsUrl"),
    )
