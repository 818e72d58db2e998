"""Graphs of requests (…/composite/graph): each graph is carried out whole or not at all."""

import re
from collections.abc import Iterator
from typing import Any

from demo_org.errors import SalesforceFault
from demo_org.wire.composite.all_or_none import all_or_none
from demo_org.wire.composite.parts import (
    ROLLED_BACK,
    Part,
    answer_part,
    check_named,
    content_of,
    halted,
    parts_of,
    written,
)
from demo_org.wire.composite.references import names_in
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

# Composite graph limits (REST guide)
_MOST_GRAPHS, _MOST_NODES, _DEEPEST, _MOST_KINDS, _MOST_FAILURES = 75, 500, 15, 15, 14
_RECORDS = re.compile(
    r"/services/data/v(?P<version>\d+\.0)/sobjects/(?P<object>\w+)/?(?P<below>[^?]*?)/?(?:\?.*)?\Z", re.IGNORECASE
)
#: how many steps follow the object -> the methods such an address takes
_METHODS = {0: {"POST"}, 1: {"GET", "PATCH", "DELETE"}, 2: {"GET", "POST", "PATCH", "DELETE"}}


def graph(context: Context, request: Request) -> Reply:
    """Carry out up to 75 graphs of 500 nodes in all, each in a transaction of its own; one API call."""
    graphs = parts_of(request.json_object(), "graphs")
    nodes = [parts_of(each, "compositeRequest") for each in graphs]
    _check(graphs, nodes)
    orders = [_in_order(each) for each in nodes]
    answers: list[dict[str, Any]] = []
    failures = 0
    for each, parts, order in zip(graphs, nodes, orders, strict=True):
        if failures > _MOST_FAILURES:
            replies = dict.fromkeys(order, halted("Processing halted: too many graphs of the request failed."))
            well = False
        else:
            replies, well = _carry_out(context, request, parts, order)
        failures += not well
        response = [written(part, replies[part["referenceId"]]) for part in parts]
        answers.append(
            {"graphId": each["graphId"], "graphResponse": {"compositeResponse": response}, "isSuccessful": well}
        )
    return Reply(content={"graphs": answers})


def _carry_out(
    context: Context, request: Request, parts: list[Part], order: list[str]
) -> tuple[dict[str, Reply], bool]:
    """The replies of all nodes by name, and whether all went well; if not, nothing was kept."""
    by_name = {part["referenceId"]: part for part in parts}
    replies: dict[str, Reply] = {}

    def act() -> bool:
        known: dict[str, Any] = {}
        for name in order:
            replies[name] = answer_part(context, request, by_name[name], known)
            if replies[name].status >= 400:
                return False
            known[name] = content_of(replies[name])
        return True

    if all_or_none(context.org, act, user_id=request.user_id):
        return replies, True
    failed = next(name for name in order if replies[name].status >= 400)
    return {name: replies[name] if name == failed else halted(ROLLED_BACK) for name in order}, False


def _check(graphs: list[Part], nodes: list[list[Part]]) -> None:
    names = [each.get("graphId") for each in graphs]
    if not all(isinstance(name, str) and name for name in names):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "Each graph needs a graphId")
    if len(set(names)) < len(names):
        raise SalesforceFault(400, "INVALID_INPUT", "Duplicate graphId provided in the request")
    if len(graphs) > _MOST_GRAPHS:
        raise _too_many(f"The number of graphs cannot exceed {_MOST_GRAPHS}")
    if sum(len(each) for each in nodes) > _MOST_NODES:
        raise _too_many(f"The number of nodes in the payload cannot exceed {_MOST_NODES}")
    for parts in nodes:
        check_named(parts)
    if len({_kind(part) for parts in nodes for part in parts}) > _MOST_KINDS:
        raise _too_many(f"The number of different nodes in the payload cannot exceed {_MOST_KINDS}")


def _kind(part: Part) -> tuple[str, str]:
    """Version and object of a node; refused if it is not about records."""
    found = _RECORDS.match(part["url"])
    steps = found["below"].count("/") + 1 if found and found["below"] else 0
    if found is None or part["method"] not in _METHODS.get(steps, ()):
        message = f"{part['method']} {part['url']} is not supported in a composite graph"
        raise SalesforceFault(400, "INVALID_INPUT", message)
    return found["version"], found["object"].lower()


def _in_order(parts: list[Part]) -> list[str]:
    """The nodes' names so that each comes after those it refers to, otherwise as they were sent."""
    by_name = {part["referenceId"]: part for part in parts}
    depth: dict[str, int] = {}
    path: list[str] = []

    def visit(name: str) -> Iterator[str]:
        if name in depth:
            return
        if name in path:
            raise SalesforceFault(400, "INVALID_INPUT", f"The graph has a cycle through the node {name}")
        path.append(name)
        needed = [each for each in names_in([by_name[name]["url"], by_name[name].get("body")]) if each in by_name]
        for each in needed:
            if len(path) >= _DEEPEST:
                raise _too_deep()
            yield from visit(each)
        path.pop()
        depth[name] = 1 + max((depth[each] for each in needed), default=0)
        if depth[name] > _DEEPEST:
            raise _too_deep()
        yield name

    return [name for part in parts for name in visit(part["referenceId"])]


def _too_deep() -> SalesforceFault:
    return _too_many(f"The depth of a graph cannot exceed {_DEEPEST}")


def _too_many(message: str) -> SalesforceFault:
    return SalesforceFault(400, "LIMIT_EXCEEDED", message)
