"""Many records in one call (…/composite/sobjects): create, update, upsert, delete, and read back by a list of ids."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault, malformed_id
from demo_org.ids import normalise
from demo_org.store.identifying import checked_field
from demo_org.wire.composite.all_or_none import all_or_none
from demo_org.wire.composite.parts import flag
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.records import blobs
from demo_org.wire.records.body import values_of
from demo_org.wire.records.records import save, select, upsert_by

_MOST_WRITTEN, _MOST_READ, _MOST_CHUNKS = 200, 2000, 10  # REST guide, sObject Collections
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}
Outcome = dict[str, Any]
Act = Callable[[], Outcome]


def create(context: Context, request: Request) -> Reply:
    """Create up to 200 records, some of them with files."""

    def acts(described: ObjectType, record: dict[str, Any]) -> Act:
        if given := _given_id(record):
            return lambda: _refuse("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", given)
        values = _values(context, request, described, record)
        return lambda: {"id": save(context, request, described, values), "success": True, "errors": []}

    return _write_records(context, request, acts)


def update(context: Context, request: Request) -> Reply:
    """Change up to 200 records, each with its id."""

    def acts(described: ObjectType, record: dict[str, Any]) -> Act:
        name = _given_id(record)
        values = _values(context, request, described, record)

        def act() -> Outcome:
            if name is None:
                return _refuse("MISSING_ARGUMENT", "Id not specified in an update call")
            record_id = _id_of(described, record[name])
            context.org.update(described.name, record_id, values, user_id=request.user_id)
            return {"id": record_id, "success": True, "errors": []}

        return act

    return _write_records(context, request, acts)


def upsert(context: Context, request: Request) -> Reply:
    """Change or create up to 200 records of one object, found by an external id that each of them holds."""
    target = context.org.catalog.object(request.parts["object"])
    field = checked_field(target, request.parts["field"])
    seen: Counter[str] = Counter()

    def acts(described: ObjectType, record: dict[str, Any]) -> Act:
        if described.name != target.name:
            message = f"The records of the request must be of the type {target.name}"
            raise SalesforceFault(400, "INVALID_TYPE", message)
        key = next((name for name in record if name.lower() == field.name.lower()), None)
        given = None if key is None else record[key]
        seen[str(given).lower()] += given is not None
        values = _values(context, request, described, {name: v for name, v in record.items() if name != key})

        def act() -> Outcome:
            if key is None:
                return _refuse("MISSING_ARGUMENT", f"{field.name} not specified")
            if seen[str(given).lower()] > 1:
                return _refuse("DUPLICATE_VALUE", f"Duplicate external id specified: {given}", field.name)
            record_id, created = upsert_by(context, request, target, field, given, values)
            return {"id": record_id, "success": True, "errors": [], "created": created}

        return act

    return _write_records(context, request, acts)


def delete(context: Context, request: Request) -> Reply:
    """Delete up to 200 records by id, of whatever objects."""
    ids = [each for each in request.query.get("ids", "").split(",") if each]
    _check_count(ids, _MOST_WRITTEN)

    def act_on(given: str) -> Act:
        def act() -> Outcome:
            record_id = normalise(given)
            described = None if record_id is None else context.org.catalog.of_id(record_id)
            if record_id is None or described is None:
                raise malformed_id(given)
            context.org.delete(described.name, record_id, user_id=request.user_id)
            return {"id": record_id, "success": True, "errors": []}

        return act

    return _write(context, request, [act_on(each) for each in ids], together=flag(request.query, "allOrNone"))


def retrieve(context: Context, request: Request) -> Reply:
    """Read up to 2000 records by id: one call, the order of the ids, null where there is no such live record."""
    if request.method == "POST":
        body = request.json_object()
        ids, fields = body.get("ids") or [], body.get("fields") or []
    else:
        ids, fields = (
            [each.strip() for each in request.query.get(key, "").split(",") if each.strip()]
            for key in ("ids", "fields")
        )
    if not isinstance(ids, list) or not isinstance(fields, list):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "ids and fields must be lists")
    for key, given in (("ids", ids), ("fields", fields)):
        if not given:
            raise SalesforceFault(400, "MISSING_ARGUMENT", f"The {key} parameter is required")
    _check_count(ids, _MOST_READ)
    described = context.org.catalog.object(request.parts["object"])
    wanted = [_id(each) for each in ids]
    names = list(dict.fromkeys(["Id", *(_canonical(described, str(each)) for each in fields)]))
    found = {each["Id"]: each for each in select(context, described, names, wanted, request.version)}
    if "id" not in {str(name).lower() for name in fields}:
        found = {key: {name: v for name, v in each.items() if name != "Id"} for key, each in found.items()}
    return Reply(content=[found.get(record_id) for record_id in wanted])


def _write_records(context: Context, request: Request, acts: Callable[[ObjectType, dict[str, Any]], Act]) -> Reply:
    """Write the records of the body; all are read, and refused if they can't be, before the first is written."""
    body = blobs.list_of(request)
    records = body.get("records") or []
    if not isinstance(records, list) or not all(isinstance(each, dict) for each in records):
        raise SalesforceFault(400, "JSON_PARSER_ERROR", "records must be a list of objects")
    _check_count(records, _MOST_WRITTEN)
    types = [context.org.catalog.object(_type(record)) for record in records]
    if sum(one.name != other.name for one, other in pairwise(types)) >= _MOST_CHUNKS:
        message = (
            f"Cannot have more than {_MOST_CHUNKS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking."
        )
        raise SalesforceFault(400, "LIMIT_EXCEEDED", message)
    together = flag(body, "allOrNone")
    prepared = [acts(described, record) for described, record in zip(types, records, strict=True)]
    return _write(context, request, prepared, together=together)


def _write(context: Context, request: Request, acts: Sequence[Act], *, together: bool) -> Reply:
    if not together:
        return Reply(content=[outcome_of(act) for act in acts])
    outcomes: list[Outcome] = []

    def all_acts() -> bool:
        outcomes.extend(outcome_of(act) for act in acts)
        return all(each["success"] for each in outcomes)

    if not all_or_none(context.org, all_acts, user_id=request.user_id):
        outcomes = [{"success": False, "errors": [_ROLLED_BACK]} if each["success"] else each for each in outcomes]
    return Reply(content=outcomes)


def outcome_of(act: Act) -> Outcome:
    """What became of one record; note that the code is called statusCode here, not errorCode."""
    try:
        return act()
    except SalesforceFault as fault:
        return {"success": False, "errors": [as_error(fault)]}


def as_error(fault: SalesforceFault) -> dict[str, Any]:
    """A refusal as it stands in the outcome of a record."""
    return {"statusCode": fault.code, "message": fault.message, "fields": list(fault.fields)}


def _values(context: Context, request: Request, described: ObjectType, record: dict[str, Any]) -> dict[str, Any]:
    return values_of(
        context, described, {name: value for name, value in record.items() if name.lower() != "id"}, request.body
    )


def _refuse(code: str, message: str, *fields: str) -> Outcome:
    raise SalesforceFault(400, code, message, fields)


def _check_count(subjects: list[Any], most: int) -> None:
    if len(subjects) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise SalesforceFault(400, "EXCEEDED_ID_LIMIT", message)


def _type(record: dict[str, Any]) -> str:
    try:
        return str(record["attributes"]["type"])
    except (KeyError, TypeError):
        message = 'The record needs attributes with a type, such as {"attributes": {"type": "Account"}}'
        raise SalesforceFault(400, "INVALID_TYPE", message) from None


def _given_id(record: dict[str, Any]) -> str | None:
    return next((name for name in record if name.lower() == "id"), None)


def _id_of(described: ObjectType, given: object) -> str:
    record_id = _id(given)
    if described.key_prefix and not record_id.startswith(described.key_prefix):
        raise malformed_id(given)
    return record_id


def _id(given: object) -> str:
    record_id = normalise(given)
    if record_id is None:
        raise malformed_id(given)
    return record_id


def _canonical(described: ObjectType, name: str) -> str:
    field = described.field(name)
    return name if field is None else field.name
