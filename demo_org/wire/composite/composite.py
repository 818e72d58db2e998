"""Several requests in one call: /composite, whose later parts may use earlier answers, and /composite/batch."""

import re
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.wire.composite.all_or_none import all_or_none
from demo_org.wire.composite.parts import (
    ROLLED_BACK,
    Part,
    answer_part,
    check_address,
    check_named,
    content_of,
    flag,
    halted,
    parts_of,
    run,
    written,
)
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request, error_reply

_MOST_PARTS, _MOST_QUERIES = 25, 5  # REST guide, composite: 25 sub-requests, 5 of them queries or collections
_QUERYING = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)\b", re.IGNORECASE)
#: what a part can't be: composite calls don't nest (collections are the exception)
_NESTED = re.compile(r"/?(?:services/data/)?v[\d.]+/composite(?:/?$|/?\?|/(?:batch|graph|tree)\b)", re.IGNORECASE)


def resources(context: Context, request: Request) -> Reply:  # noqa: ARG001 - handlers share one signature
    """Where the composite resources are."""
    base = f"/services/data/v{request.version}/composite"
    return Reply(content={name: f"{base}/{name}" for name in ("tree", "batch", "sobjects", "graph")})


def composite(context: Context, request: Request) -> Reply:
    """Answer up to 25 requests in their order; one API call whatever they are.

    collateSubrequests lets Salesforce put alike parts together, with the same answers; here it changes nothing.
    """
    body = request.json_object()
    parts = parts_of(body, "compositeRequest")
    flag(body, "collateSubrequests")
    _check(parts)
    answers: list[dict[str, Any]] = []
    if not flag(body, "allOrNone"):
        _answer_all(context, request, parts, answers, stop=False)
        return Reply(content={"compositeResponse": answers})

    def act() -> bool:
        return _answer_all(context, request, parts, answers, stop=True)

    if not all_or_none(context.org, act, user_id=request.user_id):
        failed = answers[-1]
        answers = [
            failed if part["referenceId"] == failed["referenceId"] else written(part, halted(ROLLED_BACK))
            for part in parts
        ]
    return Reply(content={"compositeResponse": answers})


def batch(context: Context, request: Request) -> Reply:
    """Answer up to 25 independent requests; each is an API call of its own."""
    body = request.json_object()
    parts, halt = parts_of(body, "batchRequests"), flag(body, "haltOnError")
    if len(parts) > _MOST_PARTS:
        raise _too_many(f"The number of batch requests cannot exceed {_MOST_PARTS}")
    for part in parts:
        check_address(part)
        _check_not_nested(part)
    results: list[dict[str, Any]] = []
    failed = False
    for part in parts:
        reply = _halt() if failed and halt else _answer_alone(context, request, part)
        failed = failed or reply.status >= 400
        results.append({"statusCode": reply.status, "result": content_of(reply)})
    return Reply(content={"hasErrors": failed, "results": results})


def _check(parts: list[Part]) -> None:
    if len(parts) > _MOST_PARTS:
        raise _too_many(f"The number of subrequests cannot exceed {_MOST_PARTS}")
    check_named(parts)
    if sum(_QUERYING.match(part["url"]) is not None for part in parts) > _MOST_QUERIES:
        raise _too_many(f"The number of query and sObject Collections subrequests cannot exceed {_MOST_QUERIES}")
    for part in parts:
        _check_not_nested(part)


def _check_not_nested(part: Part) -> None:
    if _NESTED.match(part["url"]):
        raise SalesforceFault(400, "INVALID_INPUT", f"A subrequest can't be a composite request: {part['url']}")


def _answer_all(
    context: Context, request: Request, parts: list[Part], answers: list[dict[str, Any]], *, stop: bool
) -> bool:
    """Add one answer per part; False if it stopped at a part that failed."""
    known: dict[str, Any] = {}
    for part in parts:
        reply = answer_part(context, request, part, known)
        if reply.status < 400:
            known[part["referenceId"]] = content_of(reply)
        answers.append(written(part, reply))
        if stop and (reply.status >= 400 or _holds_failures(reply)):
            return False
    return True


def _holds_failures(reply: Reply) -> bool:
    """Whether a list of records was not written whole; allOrNone of the call overrides the list's (REST guide)."""
    outcomes = content_of(reply)
    return isinstance(outcomes, list) and any(
        isinstance(each, dict) and each.get("success") is False for each in outcomes
    )


def _answer_alone(context: Context, request: Request, part: Part) -> Reply:
    """A part of a batch: its address may leave /services/data/ out, its body is called richInput."""
    try:
        context.usage.spend("batch")
    except SalesforceFault as refused:
        return error_reply(refused)
    target = "/services/data/" + part["url"].lstrip("/").removeprefix("services/data/")
    return run(context, request, part["method"], target, body=part.get("richInput"), headers=part.get("httpHeaders"))


def _halt() -> Reply:
    message = "Batch processing halted per request"
    return Reply(status=412, content=[{"errorCode": "BATCH_PROCESSING_HALTED", "message": message}])


def _too_many(message: str) -> SalesforceFault:
    return SalesforceFault(400, "LIMIT_EXCEEDED", message)
