"""The parts of a composite call: reads them, has each answered like a request of its own, writes down the answer."""

from collections.abc import Mapping
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.wire.composite.references import NAME, Unresolved, resolve, resolve_url
from demo_org.wire.context import Context
from demo_org.wire.encode import compact
from demo_org.wire.message import NOTHING, Reply, Request, split_target

Part = dict[str, Any]

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
#: inherited from the whole call and refused in a part (REST guide, composite sub-request)
_INHERITED = frozenset({"accept", "authorization", "content-type"})
ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


def parts_of(body: Mapping[str, Any], key: str) -> list[Part]:
    """The parts in a body, each an object; a body of another shape is refused."""
    parts = body.get(key)
    if not isinstance(parts, list) or not all(isinstance(each, dict) for each in parts):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", f"{key} must be a list of objects")
    if not parts:
        raise SalesforceFault(400, "INVALID_INPUT", f"{key} must have at least one element")
    return parts


def check_named(parts: list[Part]) -> None:
    """Refuse parts without an address, a method or a name of their own, and those with headers they inherit."""
    seen: set[str] = set()
    for part in parts:
        check_address(part)
        name = part.get("referenceId")
        if not isinstance(name, str):
            raise SalesforceFault(400, "JSON_PARSER_ERROR", "Each subrequest needs a referenceId")
        if not NAME.match(name):
            message = (
                f"Provided referenceId ('{name}') must start with a letter or a number, and it can contain only "
                "letters, numbers and underscores ('_')."
            )
            raise SalesforceFault(400, "JSON_PARSER_ERROR", message)
        if name in seen:
            raise SalesforceFault(400, "INVALID_INPUT", f"Duplicate referenceId provided in the request: {name}")
        seen.add(name)


def check_address(part: Part) -> None:
    """Refuse a part that could not be a request: no text for an address, no method, headers of its own to log in."""
    method = part.get("method")
    if not isinstance(part.get("url"), str) or not isinstance(method, str) or method not in _METHODS:
        message = "Each subrequest needs a url and a method: GET, POST, PUT, PATCH or DELETE"
        raise SalesforceFault(400, "JSON_PARSER_ERROR", message)
    headers = part.get("httpHeaders", {})
    headers = {} if headers is None else headers
    if not isinstance(headers, dict):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "httpHeaders must be an object")
    refused = [name for name in headers if name.lower() in _INHERITED]
    if refused:
        message = f"Subrequests inherit {', '.join(refused)} from the request; they can't have headers of these names"
        raise SalesforceFault(400, "INVALID_INPUT", message)


def answer_part(context: Context, request: Request, part: Part, known: Mapping[str, Any]) -> Reply:
    """Have the part answered after its references are resolved; PROCESSING_HALTED if one has no value."""
    try:
        target = resolve_url(part["url"], known)
        body = resolve(part.get("body"), known)
        headers = resolve(part.get("httpHeaders") or {}, known)
    except Unresolved as missing:
        return halted(str(missing))
    return run(context, request, part["method"], target, body=body, headers=headers)


def run(
    context: Context, request: Request, method: str, target: str, *, body: Any, headers: Mapping[str, Any] | None = None
) -> Reply:
    """Have a request answered inside another one."""
    path, query = split_target(target)
    inner = Request(
        method=method,
        path=path,
        query=query,
        headers={name.lower(): str(value) for name, value in (headers or {}).items()},
        body=b"" if body is None else compact(body),
        base_url=request.base_url,
        session=request.session,
    )
    return context.dispatch(inner)


def written(part: Part, reply: Reply) -> dict[str, Any]:
    """The part's answer as it stands in the whole answer."""
    return {
        "body": content_of(reply),
        "httpHeaders": dict(reply.headers),
        "httpStatusCode": reply.status,
        "referenceId": part["referenceId"],
    }


def content_of(reply: Reply) -> Any:
    """The reply's JSON, null if it has no body."""
    return None if reply.content is NOTHING else reply.content


def halted(message: str) -> Reply:
    """The answer of a part that was not carried out, or was undone, because of another."""
    return Reply(status=400, content=[{"errorCode": "PROCESSING_HALTED", "message": message}])


def flag(body: Mapping[str, Any], key: str) -> bool:
    """A switch of the request body, off unless it is said to be on."""
    value = body.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise SalesforceFault(400, "JSON_PARSER_ERROR", f"{key} must be true or false")
