"""Trees of new records (…/composite/tree/X): parents with their children below them, created together or not at all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault
from demo_org.wire.composite.all_or_none import all_or_none
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.records.body import values_of
from demo_org.wire.records.lists import as_error
from demo_org.wire.records.records import save

_MOST_RECORDS, _MOST_TYPES, _DEEPEST = 200, 5, 5  # REST guide, sObject Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One record of a tree."""

    reference: str
    described: ObjectType
    fields: dict[str, Any]
    level: int
    #: the lookup to the parent, and the parent's reference
    parent: tuple[str, str] | None = None


def create(context: Context, request: Request) -> Reply:
    """Create up to 200 records of up to 5 objects in trees of up to 5 levels.

    Parents are created before children, objects of one kind together; when some fail, only these are told, and nothing
    is kept.
    """
    described = context.org.catalog.object(request.parts["object"])
    nodes = list(_nodes(context, request.json_object().get("records"), described, level=1, parent=None))
    _check(nodes)
    doubled = [name for name, times in Counter(node.reference for node in nodes).items() if times > 1]
    if doubled:
        results = [_doubled(node.reference) for node in nodes if node.reference in doubled]
        return Reply(status=400, content={"hasErrors": True, "results": results})
    kinds = list(dict.fromkeys(node.described.name for node in nodes))
    nodes.sort(key=lambda node: (node.level, kinds.index(node.described.name)))
    ids: dict[str, str] = {}
    failed: list[dict[str, Any]] = []

    def act() -> bool:
        for _, group in groupby(nodes, key=lambda node: (node.level, node.described.name)):
            for node in group:
                try:
                    ids[node.reference] = _save(context, request, node, ids)
                except SalesforceFault as fault:
                    failed.append({"referenceId": node.reference, "errors": [as_error(fault)]})
            if failed:
                return False
        return True

    if all_or_none(context.org, act, user_id=request.user_id):
        results = [{"referenceId": node.reference, "id": ids[node.reference]} for node in nodes]
        return Reply(status=201, content={"hasErrors": False, "results": results})
    return Reply(status=400, content={"hasErrors": True, "results": failed})


def _save(context: Context, request: Request, node: Node, ids: dict[str, str]) -> str:
    values = values_of(context, node.described, node.fields, request.body)
    if node.parent is not None:
        lookup, reference = node.parent
        values[lookup] = ids[reference]
    return save(context, request, node.described, values)


def _nodes(
    context: Context, records: Any, described: ObjectType, *, level: int, parent: tuple[str, str] | None
) -> Iterator[Node]:
    """All records of a list and below it, each list before what hangs on its records."""
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "records must be a list of objects")
    if level > _DEEPEST:
        raise SalesforceFault(400, "LIMIT_EXCEEDED", f"sObject trees can't be more than {_DEEPEST} levels deep")
    for record in records:
        attributes = record.get("attributes")
        attributes = attributes if isinstance(attributes, dict) else {}
        reference, kind = attributes.get("referenceId"), attributes.get("type")
        if not isinstance(reference, str) or not isinstance(kind, str):
            message = "Each record needs attributes with a type and a referenceId"
            raise SalesforceFault(400, "INVALID_INPUT", message)
        if kind.lower() != described.name.lower():
            message = f"The record {reference} is of the type {kind}; here only {described.name} can stand"
            raise SalesforceFault(400, "INVALID_INPUT", message)
        lists = {name: value for name, value in record.items() if isinstance(value, dict) and "records" in value}
        fields = {name: value for name, value in record.items() if name not in lists}
        yield Node(reference=reference, described=described, fields=fields, level=level, parent=parent)
        for name, value in lists.items():
            child = described.children(name)
            if child is None:
                message = f"No such relationship '{name}' on sobject of type {described.name}"
                raise SalesforceFault(400, "INVALID_FIELD", message)
            yield from _nodes(
                context,
                value["records"],
                context.org.catalog.object(child.child_object),
                level=level + 1,
                parent=(child.field, reference),
            )


def _check(nodes: list[Node]) -> None:
    if not nodes:
        raise SalesforceFault(400, "INVALID_INPUT", "The request must have at least one record")
    if len(nodes) > _MOST_RECORDS:
        raise SalesforceFault(400, "LIMIT_EXCEEDED", f"The request can't have more than {_MOST_RECORDS} records")
    if len({node.described.name for node in nodes}) > _MOST_TYPES:
        message = f"The request can't have records of more than {_MOST_TYPES} types"
        raise SalesforceFault(400, "LIMIT_EXCEEDED", message)


def _doubled(reference: str) -> dict[str, Any]:
    """What each record is told whose name is not its own alone."""
    error = {"statusCode": "INVALID_INPUT", "message": "Duplicate ReferenceId provided in the request.", "fields": []}
    return {"referenceId": reference, "errors": [error]}
