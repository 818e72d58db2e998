"""A request and a reply of the demo org, the same for a call over HTTP and for a part of a composite call."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from demo_org.errors import SalesforceFault
from demo_org.reply import JSON_TYPE, NOTHING, Nothing, Reply
from demo_org.wire.login.sessions import Session

__all__ = [
    "JSON_TYPE",
    "NOTHING",
    "Nothing",
    "Reply",
    "Request",
    "clean_path",
    "error_reply",
    "overridden",
    "split_target",
    "unreadable_json",
]

_BYTE = re.compile(r"\s*\(byte (\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked for; header names are lower-case, the path has no trailing slash and is still encoded."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: scheme and host the client reached us by
    base_url: str
    #: "64.0" for /services/data/v64.0/…, empty elsewhere
    version: str = ""
    session: Session | None = None
    #: the named parts of the path, filled in by the router
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        """The user the call acts as."""
        assert self.session is not None, "only routes that need a session ask who calls"
        return self.session.user_id

    @property
    def token(self) -> str:
        """The access token of the call's session."""
        assert self.session is not None, "only routes that need a session ask for its token"
        return self.session.token

    def json(self) -> Any:
        """The body as JSON; a malformed one is refused as Salesforce does."""
        if not self.body:
            raise SalesforceFault(400, "JSON_PARSER_ERROR", "No content to map to Object due to end of input")
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise unreadable_json(self.body, error) from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        value = self.json()
        if not isinstance(value, dict):
            raise SalesforceFault(400, "JSON_PARSER_ERROR", "The request body must be a JSON object")
        return value


def unreadable_json(body: bytes, error: Exception) -> SalesforceFault:
    """The text is no JSON; the message says where it stops to be."""
    found = _BYTE.search(str(error))
    before = body[: int(found[1])] if found else body
    line, column = before.count(b"\n") + 1, len(before) - (before.rfind(b"\n") + 1) + 1
    reason = _BYTE.sub("", str(error)).strip()
    return SalesforceFault(400, "JSON_PARSER_ERROR", f"{reason} at [line:{line}, column:{column}]")


def split_target(target: str) -> tuple[str, dict[str, str]]:
    """Path and query parameters of a request target such as /services/data/v64.0/query?q=SELECT+Id."""
    path, _, query = target.partition("?")
    return clean_path(path), dict(parse_qsl(query, keep_blank_values=True))


def overridden(request: Request) -> Request:
    """A POST that asks to be another method (?_HttpMethod=PATCH), for clients that can send no other (REST guide)."""
    asked = request.query.get("_HttpMethod")
    return replace(request, method=asked.upper()) if asked and request.method == "POST" else request


def clean_path(path: str) -> str:
    """The path without trailing slashes: query/?q= and query?q= are the same resource."""
    return path.rstrip("/") or "/"


def error_reply(fault: SalesforceFault) -> Reply:
    """The JSON array Salesforce answers a refusal with."""
    return Reply(status=fault.status, content=[fault.as_dict()])
