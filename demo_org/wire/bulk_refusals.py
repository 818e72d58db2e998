"""What a Bulk 2.0 query may not contain, refused when the job is created rather than when it runs."""

from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import SalesforceFault
from demo_org.soql import parse
from demo_org.soql.syntax import AllFields, ChildQuery, Path, Query, SelectField, SelectItem, TypeOf
from demo_org.store import Org


def refuse_unsupported(org: Org, text: str) -> None:
    """Refuse objects and features the Bulk API does not serve, as its guide lists them."""
    query = parse(text)
    described = org.catalog.find(str(query.source))
    if described is not None and not described.bulk:
        message = f"Entity '{described.name}' is not supported by the Bulk API."
        raise SalesforceFault(400, "INVALIDENTITY", message)
    reason = _reason(org, query, described)
    if reason is not None:
        raise SalesforceFault(400, "FUNCTIONALITY_NOT_ENABLED", f"{reason} not supported in Bulk Query")


def _reason(org: Org, query: Query, described: ObjectType | None) -> str | None:
    if query.aggregates or query.counts:
        return "Aggregate Relationships"
    if query.offset is not None:
        return "OFFSET"
    reasons = (_reason_of(org, query, item, described) for item in query.select)
    return next((reason for reason in reasons if reason is not None), None)


def _reason_of(org: Org, query: Query, item: SelectItem, described: ObjectType | None) -> str | None:
    reason = None
    match item:
        case ChildQuery():
            reason = "Nested Queries"
        case TypeOf():
            reason = "TYPEOF"
        case AllFields() if query.limit is None:
            reason = "Unbounded FIELDS()"
        case SelectField(operand=Path() as path) if described is not None:
            field = _field(org, described, path, query.alias)
            if field is not None and field.compound:
                reason = "Selecting compound data"
            elif field is not None and field.type == "base64":
                reason = "Selecting base64 data"
        case _:
            pass
    return reason


def _field(org: Org, described: ObjectType, path: Path, alias: str | None) -> FieldType | None:
    """The field a path leads to; None where it leads nowhere, which is for the query itself to refuse."""
    *parents, last = path.names
    own = {described.name.lower(), (alias or described.name).lower()}
    if parents and parents[0].lower() in own:
        del parents[0]
    for name in parents:
        lookup = described.relationship(name)
        parent = org.catalog.find(lookup.reference_to[0]) if lookup is not None else None
        if parent is None:
            return None
        described = parent
    return described.field(last)
