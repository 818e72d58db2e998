"""Several requests in one call: /composite, whose later parts may use earlier answers, and /composite/batch."""

import re
from typing import Any
from urllib.parse import quote

from demo_org.errors import SalesforceFault
from demo_org.wire.all_or_none import all_or_none
from demo_org.wire.context import Context
from demo_org.wire.encode import compact
from demo_org.wire.message import NOTHING, Reply, Request, split_target

_MOST_PARTS, _MOST_QUERIES = 25, 5  # REST guide, composite: 25 sub-requests, 5 of them queries or collections
_QUERYING = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)\b", re.IGNORECASE)
_REFERENCE = re.compile(r"@\{(?P<name>[A-Za-z0-9_]+)(?P<path>[^}]*)\}")
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]")
_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


def composite(context: Context, request: Request) -> Reply:
    """Answer up to 25 requests in their order; one API call whatever they are."""
    body = request.json_object()
    parts = body.get("compositeRequest") or []
    _check(parts)
    answers: list[dict[str, Any]] = []
    if not body.get("allOrNone", False):
        _answer_all(context, request, parts, answers, stop=False)
        return Reply(content={"compositeResponse": answers})

    def act() -> bool:
        return _answer_all(context, request, parts, answers, stop=True)

    if not all_or_none(context.org, act, user_id=request.user_id):
        failed = answers[-1]["referenceId"]
        answers = [
            answers[-1] if part["referenceId"] == failed else _part_answer(part, _halted(_ROLLED_BACK))
            for part in parts
        ]
    return Reply(content={"compositeResponse": answers})


def batch(context: Context, request: Request) -> Reply:
    """Answer up to 25 independent requests; each is an API call of its own."""
    body = request.json_object()
    parts, halt = body.get("batchRequests") or [], body.get("haltOnError", False)
    if len(parts) > _MOST_PARTS:
        raise _too_many(f"The number of batch requests cannot exceed {_MOST_PARTS}")
    results: list[dict[str, Any]] = []
    failed = False
    for part in parts:
        if failed and halt:
            halted = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]
            results.append({"statusCode": 412, "result": halted})
            continue
        context.usage.spend("batch")
        target = "/services/data/" + str(part.get("url", "")).removeprefix("/services/data/").lstrip("/")
        reply = _run(context, request, part, target, part.get("richInput"), {})
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": _content(reply)})
    return Reply(content={"hasErrors": failed, "results": results})


def _check(parts: list[dict[str, Any]]) -> None:
    if not parts:
        raise SalesforceFault(400, "INVALID_INPUT", "The compositeRequest must have at least one subrequest")
    if len(parts) > _MOST_PARTS:
        raise _too_many(f"The number of subrequests cannot exceed {_MOST_PARTS}")
    if sum(_QUERYING.match(str(part.get("url"))) is not None for part in parts) > _MOST_QUERIES:
        raise _too_many(f"The number of query and sObject Collections subrequests cannot exceed {_MOST_QUERIES}")
    names = [part.get("referenceId") for part in parts]
    if None in names or len(set(names)) < len(names):
        raise SalesforceFault(400, "INVALID_INPUT", "Each subrequest needs a referenceId of its own")


def _answer_all(
    context: Context, request: Request, parts: list[dict[str, Any]], answers: list[dict[str, Any]], *, stop: bool
) -> bool:
    """Add one answer per part; False if it stopped at a part that failed."""
    known: dict[str, Any] = {}
    for part in parts:
        reply = _answer(context, request, part, known)
        known[part["referenceId"]] = _content(reply) if reply.status < 400 else None
        answers.append(_part_answer(part, reply))
        if stop and reply.status >= 400:
            return False
    return True


def _answer(context: Context, request: Request, part: dict[str, Any], known: dict[str, Any]) -> Reply:
    try:
        target = _resolve(part.get("url", ""), known, in_url=True)
        body = _resolve(part.get("body"), known)
        headers = _resolve(part.get("httpHeaders") or {}, known)
    except LookupError as error:
        return _halted(f"Invalid reference specified. No value for {error.args[0]} found")
    return _run(context, request, part, str(target), body, headers)


def _run(
    context: Context, request: Request, part: dict[str, Any], target: str, body: Any, headers: dict[str, Any]
) -> Reply:
    path, query = split_target(target)
    return context.dispatch(
        Request(
            method=str(part.get("method", "GET")).upper(),
            path=path,
            query=query,
            headers={name.lower(): str(value) for name, value in headers.items()},
            body=b"" if body is None else compact(body),
            base_url=request.base_url,
            session=request.session,
        )
    )


def _resolve(value: Any, known: dict[str, Any], *, in_url: bool = False) -> Any:
    """The value with every @{reference.path} replaced by what the earlier part answered."""
    if isinstance(value, dict):
        return {key: _resolve(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [_resolve(each, known) for each in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None and not in_url:
        return _look_up(whole, known)

    def text(match: re.Match[str]) -> str:
        found = str(_look_up(match, known))
        return quote(found, safe="'") if in_url else found

    return _REFERENCE.sub(text, value)


def _look_up(match: re.Match[str], known: dict[str, Any]) -> Any:
    value: Any = known.get(match["name"])
    for step in _STEP.finditer(match["path"]):
        try:
            value = value[step["key"]] if step["key"] is not None else value[int(step["index"])]
        except (LookupError, TypeError):
            raise LookupError(match[0]) from None
    if value is None:
        raise LookupError(match[0])
    return value


def _part_answer(part: dict[str, Any], reply: Reply) -> dict[str, Any]:
    return {
        "body": _content(reply),
        "httpHeaders": dict(reply.headers),
        "httpStatusCode": reply.status,
        "referenceId": part["referenceId"],
    }


def _content(reply: Reply) -> Any:
    return None if reply.content is NOTHING else reply.content


def _halted(message: str) -> Reply:
    return Reply(status=400, content=[{"errorCode": "PROCESSING_HALTED", "message": message}])


def _too_many(message: str) -> SalesforceFault:
    return SalesforceFault(400, "LIMIT_EXCEEDED", message)
