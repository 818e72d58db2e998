"""One record at a time: create, read, change and delete it by id, or by a field that identifies it."""

from typing import Any

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault, entity_is_deleted, malformed_id, not_found
from demo_org.ids import normalise
from demo_org.soql import execute
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request


def create(context: Context, request: Request) -> Reply:
    """Create a record."""
    described = context.org.catalog.object(request.parts["object"])
    record_id = context.org.insert(described.name, values_of(request.json_object()), user_id=request.user_id)
    address = f"/services/data/v{request.version}/sobjects/{described.name}/{record_id}"
    content = {"id": record_id, "success": True, "errors": []}
    return Reply(status=201, content=content, headers={"Location": address})


def get(context: Context, request: Request) -> Reply:
    """Read a record, whole or the fields asked for."""
    described = context.org.catalog.object(request.parts["object"])
    record_id = _existing(context, described, request.parts["id"])
    return Reply(content=_read(context, request, described, record_id))


def update(context: Context, request: Request) -> Reply:
    """Change fields of a record."""
    described = context.org.catalog.object(request.parts["object"])
    record_id = _existing(context, described, request.parts["id"])
    context.org.update(described.name, record_id, values_of(request.json_object()), user_id=request.user_id)
    return Reply(status=204)


def delete(context: Context, request: Request) -> Reply:
    """Put a record into the recycle bin."""
    described = context.org.catalog.object(request.parts["object"])
    record_id = _existing(context, described, request.parts["id"])
    context.org.delete(described.name, record_id, user_id=request.user_id)
    return Reply(status=204)


def get_by_field(context: Context, request: Request) -> Reply:
    """Read the record whose identifying field has a value; 300 with their addresses if several have it."""
    described, field = _identifying(context, request)
    found = _having(context, described, field, request.parts["value"])
    if not found:
        raise not_found()
    if len(found) > 1:
        return _several(request, described, found)
    return Reply(content=_read(context, request, described, found[0]))


def upsert(context: Context, request: Request) -> Reply:
    """Change the record whose external id has a value, or create it."""
    described, field = _identifying(context, request)
    value = request.parts["value"]
    found = _having(context, described, field, value)
    if len(found) > 1:
        return _several(request, described, found)
    values = values_of(request.json_object())
    if found:
        context.org.update(described.name, found[0], values, user_id=request.user_id)
        return Reply(content={"id": found[0], "success": True, "errors": [], "created": False})
    record_id = context.org.insert(described.name, {**values, field: value}, user_id=request.user_id)
    return Reply(status=201, content={"id": record_id, "success": True, "errors": [], "created": True})


def values_of(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record in a request body, without its attributes."""
    return {name: value for name, value in record.items() if name != "attributes"}


def select(context: Context, described: ObjectType, fields: list[str], record_ids: list[str], version: str) -> Any:
    """Records of the ids in REST form, in no particular order."""
    listed = ",".join(f"'{each}'" for each in record_ids)
    # The ids are checked ones: letters and digits only.
    text = f"SELECT {', '.join(fields)} FROM {described.name} WHERE Id IN ({listed})"  # noqa: S608 - see above
    return execute(context.org, text).records(0, len(record_ids), version=version)


def _read(context: Context, request: Request, described: ObjectType, record_id: str) -> Any:
    asked = request.query.get("fields")
    fields = [name.strip() for name in asked.split(",")] if asked else list(described.fields)
    return select(context, described, fields, [record_id], request.version)[0]


def _existing(context: Context, described: ObjectType, text: str) -> str:
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


def _identifying(context: Context, request: Request) -> tuple[ObjectType, str]:
    described = context.org.catalog.object(request.parts["object"])
    field = described.field(request.parts["field"])
    if field is None or not (field.external_id or field.id_lookup):
        message = f"Provided external ID field does not exist or is not accessible: {request.parts['field']}"
        raise SalesforceFault(404, "NOT_FOUND", message)
    return described, field.name


def _having(context: Context, described: ObjectType, field: str, value: str) -> list[str]:
    live = " AND IsDeleted = 0" if "IsDeleted" in described.fields else ""
    with context.org.reading() as connection:
        rows = connection.execute(
            f'SELECT Id FROM "{described.name}" WHERE "{field}" = ?{live} LIMIT 20',  # noqa: S608 - names come from the catalogue
            (value,),
        ).fetchall()
    return [row[0] for row in rows]


def _several(request: Request, described: ObjectType, found: list[str]) -> Reply:
    base = f"/services/data/v{request.version}/sobjects/{described.name}"
    return Reply(status=300, content=[f"{base}/{record_id}" for record_id in found])
