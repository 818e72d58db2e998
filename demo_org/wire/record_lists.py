"""Many records in one call (…/composite/sobjects): create, update, delete, and read back by a list of ids."""

from collections.abc import Callable
from typing import Any

from demo_org.errors import SalesforceFault, malformed_id
from demo_org.ids import normalise
from demo_org.wire.all_or_none import all_or_none
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request
from demo_org.wire.records import select, values_of

_MOST_WRITTEN, _MOST_READ = 200, 2000  # REST guide, sObject Collections
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


def create(context: Context, request: Request) -> Reply:
    """Create up to 200 records."""
    records, together = _records(request)

    def one(record: dict[str, Any]) -> str:
        return context.org.insert(_type(record), values_of(record), user_id=request.user_id)

    return _write(context, request, records, one, together=together)


def update(context: Context, request: Request) -> Reply:
    """Change up to 200 records, each with its id."""
    records, together = _records(request)

    def one(record: dict[str, Any]) -> str:
        values = {name: value for name, value in values_of(record).items() if name.lower() != "id"}
        given = next((value for name, value in record.items() if name.lower() == "id"), None)
        record_id = _id(given)
        context.org.update(_type(record), record_id, values, user_id=request.user_id)
        return record_id

    return _write(context, request, records, one, together=together)


def delete(context: Context, request: Request) -> Reply:
    """Delete up to 200 records by id, of whatever objects."""
    ids = [each for each in request.query.get("ids", "").split(",") if each]
    _check_count(ids, _MOST_WRITTEN)

    def one(given: str) -> str:
        record_id = _id(given)
        described = context.org.catalog.of_id(record_id)
        if described is None:
            raise malformed_id(given)
        context.org.delete(described.name, record_id, user_id=request.user_id)
        return record_id

    return _write(context, request, ids, one, together=request.query.get("allOrNone", "").lower() == "true")


def retrieve(context: Context, request: Request) -> Reply:
    """Read up to 2000 records by id: one call, the order of the ids, null where there is no such live record."""
    if request.method == "GET":
        ids, fields = request.query.get("ids", "").split(","), request.query.get("fields", "").split(",")
    else:
        body = request.json_object()
        ids, fields = body.get("ids") or [], body.get("fields") or []
    _check_count(ids, _MOST_READ)
    described = context.org.catalog.object(request.parts["object"])
    wanted = [_id(each) for each in ids]
    names = list(dict.fromkeys(["Id", *(described.field(n).name if described.has(n) else n for n in fields)]))  # type: ignore[union-attr]  # has() said so
    found = {each["Id"]: each for each in select(context, described, names, wanted, request.version)} if wanted else {}
    if "id" not in {name.lower() for name in fields}:
        found = {key: {name: v for name, v in each.items() if name != "Id"} for key, each in found.items()}
    return Reply(content=[found.get(record_id) for record_id in wanted])


def _write(
    context: Context, request: Request, subjects: list[Any], one: Callable[[Any], str], *, together: bool
) -> Reply:
    if not together:
        return Reply(content=[_outcome(one, subject) for subject in subjects])
    outcomes: list[dict[str, Any]] = []

    def act() -> bool:
        outcomes.extend(_outcome(one, subject) for subject in subjects)
        return all(each["success"] for each in outcomes)

    if not all_or_none(context.org, act, user_id=request.user_id):
        outcomes = [{"success": False, "errors": [_ROLLED_BACK]} if each["success"] else each for each in outcomes]
    return Reply(content=outcomes)


def _outcome(one: Callable[[Any], str], subject: Any) -> dict[str, Any]:
    """What became of one record; note that the code is called statusCode here, not errorCode."""
    try:
        return {"id": one(subject), "success": True, "errors": []}
    except SalesforceFault as fault:
        error = {"statusCode": fault.code, "message": fault.message, "fields": list(fault.fields)}
        return {"success": False, "errors": [error]}


def _records(request: Request) -> tuple[list[dict[str, Any]], bool]:
    body = request.json_object()
    records = body.get("records") or []
    _check_count(records, _MOST_WRITTEN)
    return records, bool(body.get("allOrNone", False))


def _check_count(subjects: list[Any], most: int) -> None:
    if len(subjects) > most:
        raise SalesforceFault(400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records")


def _type(record: dict[str, Any]) -> str:
    try:
        return str(record["attributes"]["type"])
    except (KeyError, TypeError):
        message = 'The record needs attributes with a type, such as {"attributes": {"type": "Account"}}'
        raise SalesforceFault(400, "INVALID_TYPE", message) from None


def _id(given: object) -> str:
    record_id = normalise(given)
    if record_id is None:
        raise malformed_id(given)
    return record_id
