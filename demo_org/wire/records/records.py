"""One record at a time: create, read, change and delete it by id, or by a field that identifies it."""

from collections.abc import Iterable
from typing import Any

from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import SalesforceFault, entity_is_deleted, malformed_id, not_found
from demo_org.ids import normalise
from demo_org.soql import execute
from demo_org.store import recent
from demo_org.store.identifying import checked_field, having, several
from demo_org.wire.composite.parts import flag
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.records import blobs
from demo_org.wire.records.body import refuse_field, values_of
from demo_org.wire.records.conditions import Version, refuse_changed, unchanged

#: from this version on an upsert tells whether it created the record, and answers an update with a body (REST guide)
_TELLS_CREATED = 46


def create(context: Context, request: Request) -> Reply:
    """Create a record; the body is JSON, or JSON and a file in parts."""
    described = context.org.catalog.object(request.parts["object"])
    record = blobs.record_of(described, request)
    record_id = save(context, request, described, values_of(context, described, record, request.body))
    content = {"id": record_id, "success": True, "errors": []}
    return Reply(status=201, content=content, headers={"Location": address(request, described, record_id)})


def get(context: Context, request: Request) -> Reply:
    """Read a record, whole or the fields asked for; 304 if it has not changed since the client's copy."""
    described = context.org.catalog.object(request.parts["object"])
    return read(context, request, described, existing(context, described, request.parts["id"]))


def update(context: Context, request: Request) -> Reply:
    """Change fields of a record, unless it has changed since the client read it."""
    described = context.org.catalog.object(request.parts["object"])
    return change(context, request, described, existing(context, described, request.parts["id"]))


def delete(context: Context, request: Request) -> Reply:
    """Put a record into the recycle bin."""
    described = context.org.catalog.object(request.parts["object"])
    return throw_away(context, request, described, existing(context, described, request.parts["id"]))


def get_by_field(context: Context, request: Request) -> Reply:
    """Read the record whose identifying field has a value; 300 with their addresses if several have it."""
    described, field = _identifying(context, request)
    found = having(context.org, described, field, request.parts["value"])
    if len(found) > 1:
        return _several(request, described, found)
    return read(context, request, described, _only(found))


def delete_by_field(context: Context, request: Request) -> Reply:
    """Delete the record whose identifying field has a value."""
    described, field = _identifying(context, request)
    found = having(context.org, described, field, request.parts["value"])
    if len(found) > 1:
        return _several(request, described, found)
    return throw_away(context, request, described, _only(found))


def upsert(context: Context, request: Request) -> Reply:
    """Change the record whose external id has a value, or create it (unless ?updateOnly=true)."""
    described, field = _identifying(context, request)
    value = request.parts["value"]
    found = having(context.org, described, field, value)
    if len(found) > 1:
        return _several(request, described, found)
    record = request.json_object()
    refuse_field(record, field.name)
    if not found and flag(request.query, "updateOnly"):
        raise not_found()
    values = values_of(context, described, record, request.body)
    record_id, created = upsert_by(context, request, described, field, value, values)
    content: dict[str, Any] = {"id": record_id, "success": True, "errors": []}
    if float(request.version) >= _TELLS_CREATED:
        content["created"] = created
    elif not created:
        return Reply(status=204)
    if not created:
        return Reply(content=content)
    return Reply(status=201, content=content, headers={"Location": address(request, described, record_id)})


def create_by_field(context: Context, request: Request) -> Reply:
    """Create a record by an upsert without an id (POST …/sobjects/Account/Id)."""
    described = context.org.catalog.object(request.parts["object"])
    if request.parts["id"].lower() != "id":
        raise not_found()
    record_id = save(context, request, described, values_of(context, described, request.json_object(), request.body))
    content = {"id": record_id, "success": True, "errors": [], "created": True}
    return Reply(status=201, content=content, headers={"Location": address(request, described, record_id)})


# -- what other resources of records use as well ------------------------------------------------------------------


def save(context: Context, request: Request, described: ObjectType, values: dict[str, Any]) -> str:
    """Create a record and remember that the user has just worked on it."""
    with context.org.transaction(user_id=request.user_id) as unit:
        record_id = unit.insert(described.name, values)
        recent.note(context.org, request.user_id, described.name, record_id)
    return record_id


def upsert_by(
    context: Context, request: Request, described: ObjectType, field: FieldType, value: Any, values: dict[str, Any]
) -> tuple[str, bool]:
    """Change the one record with the key, or create it; its id, and whether it is new."""
    if value is None and field.type == "id":
        return save(context, request, described, values), True
    found = having(context.org, described, field, value)
    if len(found) > 1:
        raise several(field, found)
    if found:
        context.org.update(described.name, found[0], values, user_id=request.user_id)
        return found[0], False
    if field.type == "id":
        # An id can't be chosen: an unknown one is a mistake, not a new record.
        if normalise(value) is None:
            raise malformed_id(value)
        raise SalesforceFault(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return save(context, request, described, {**values, field.name: value}), True


def read(context: Context, request: Request, described: ObjectType, record_id: str) -> Reply:
    """A live record as its resource shows it."""
    version = Version.of(context.org, described, record_id)
    if unchanged(request, version):
        return Reply(status=304, headers=version.headers)
    asked = request.query.get("fields")
    names = _asked(described, asked.split(",")) if asked else list(described.fields)
    (record,) = select(context, described, names, [record_id], request.version)
    return Reply(content=record, headers=version.headers)


def change(context: Context, request: Request, described: ObjectType, record_id: str) -> Reply:
    """Write the body's values into a live record."""
    record = blobs.record_of(described, request)
    refuse_field(record, "Id")
    values = values_of(context, described, record, request.body)
    with context.org.transaction(user_id=request.user_id) as unit:
        refuse_changed(request, Version.of(context.org, described, record_id))
        unit.update(described.name, record_id, values)
    return Reply(status=204)


def throw_away(context: Context, request: Request, described: ObjectType, record_id: str) -> Reply:
    """Delete a live record."""
    with context.org.transaction(user_id=request.user_id) as unit:
        refuse_changed(request, Version.of(context.org, described, record_id))
        unit.delete(described.name, record_id)
    return Reply(status=204)


def select(
    context: Context, described: ObjectType, fields: Iterable[str], record_ids: list[str], version: str
) -> list[dict[str, Any]]:
    """Records of the ids in REST form, in no particular order."""
    listed = ",".join(f"'{each}'" for each in record_ids)
    # The ids are checked ones: letters and digits only.
    text = f"SELECT {', '.join(fields)} FROM {described.name} WHERE Id IN ({listed})"  # noqa: S608 - see above
    return execute(context.org, text).records(0, len(record_ids), version=version)


def existing(context: Context, described: ObjectType, text: str) -> str:
    """The 18-character id of a live record."""
    record_id = normalise(text)
    if record_id is None:
        message = f"Provided external ID field does not exist or is not accessible: {text}"
        raise SalesforceFault(404, "NOT_FOUND", message)
    if described.key_prefix and not record_id.startswith(described.key_prefix):
        raise malformed_id(text)
    record = context.org.get(described.name, record_id)
    if record is None:
        raise not_found()
    if record.get("IsDeleted"):
        raise entity_is_deleted()
    return record_id


def address(request: Request, described: ObjectType, record_id: str) -> str:
    """The path of a record."""
    return f"/services/data/v{request.version}/sobjects/{described.name}/{record_id}"


def _asked(described: ObjectType, names: Iterable[str]) -> list[str]:
    """The fields asked for, each once; Id comes along as it does in Salesforce."""
    fields = [described.field(name.strip()) for name in names]
    canonical = [given.strip() if field is None else field.name for given, field in zip(names, fields, strict=True)]
    return list(dict.fromkeys([*canonical, "Id"]))


def _identifying(context: Context, request: Request) -> tuple[ObjectType, FieldType]:
    described = context.org.catalog.object(request.parts["object"])
    return described, checked_field(described, request.parts["field"])


def _only(found: list[str]) -> str:
    if not found:
        raise not_found()
    return found[0]


def _several(request: Request, described: ObjectType, found: list[str]) -> Reply:
    return Reply(status=300, content=[address(request, described, record_id) for record_id in found])
