"""What lies below a record: the record a lookup points at, its children, the bytes of a file.

The addresses look like those of external ids (…/Account/Key__c/value); which of them is meant, the second step tells.
"""

from demo_org.catalog import ChildRelationship, ObjectType
from demo_org.errors import not_found
from demo_org.ids import is_id
from demo_org.wire.context import Context, Handler
from demo_org.wire.message import Reply, Request
from demo_org.wire.query import query
from demo_org.wire.records import blobs, records

Place = tuple[ObjectType, str]


def get(context: Context, request: Request) -> Reply:
    """Read what the relationships lead to: one record, or the children as a query would list them."""
    return _by_key_or(context, request, records.get_by_field, _get)


def update(context: Context, request: Request) -> Reply:
    """Change the record with the external id, or the one the lookups lead to."""
    return _by_key_or(context, request, records.upsert, _update)


def delete(context: Context, request: Request) -> Reply:
    """Delete the record with the external id, or the one the lookups lead to."""
    return _by_key_or(context, request, records.delete_by_field, _delete)


def _by_key_or(context: Context, request: Request, by_key: Handler, related: Handler) -> Reply:
    described = context.org.catalog.object(request.parts["object"])
    first = request.parts["field"]
    if described.has(first) or not is_id(first):
        return by_key(context, request)
    return related(context, request)


def _get(context: Context, request: Request) -> Reply:
    *lookups, last = request.parts["value"].split("/")
    described, record_id = _follow(context, request, lookups)
    field = described.field(last)
    if field is not None and field.type == "base64":
        return blobs.get(context, described, record_id, field)
    child = described.children(last)
    if child is not None:
        return _children(context, request, child, record_id)
    return records.read(context, request, *_step(context, described, record_id, last))


def _update(context: Context, request: Request) -> Reply:
    return records.change(context, request, *_follow(context, request, request.parts["value"].split("/")))


def _delete(context: Context, request: Request) -> Reply:
    return records.throw_away(context, request, *_follow(context, request, request.parts["value"].split("/")))


def _follow(context: Context, request: Request, lookups: list[str]) -> Place:
    described = context.org.catalog.object(request.parts["object"])
    record_id = records.existing(context, described, request.parts["field"])
    for name in lookups:
        described, record_id = _step(context, described, record_id, name)
    return described, record_id


def _step(context: Context, described: ObjectType, record_id: str, relationship: str) -> Place:
    """The record the lookup points at; NOT_FOUND if there is no such lookup or it is empty."""
    field = described.relationship(relationship)
    if field is None:
        raise not_found()
    value = (context.org.get(described.name, record_id) or {}).get(field.name)
    target = None if value is None else context.org.catalog.of_id(value)
    if value is None or target is None:
        raise not_found()
    return target, records.existing(context, target, value)


def _children(context: Context, request: Request, child: ChildRelationship, record_id: str) -> Reply:
    described = context.org.catalog.object(child.child_object)
    asked = request.query.get("fields")
    fields = [each.strip() for each in asked.split(",")] if asked else list(described.fields)
    # Names come from the catalogue or are checked by the query, the id is a checked one.
    text = f"SELECT {', '.join(fields)} FROM {described.name} WHERE {child.field} = '{record_id}'"  # noqa: S608 - see above
    return query.first_page(context, request, text)
