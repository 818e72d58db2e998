"""Which statements Bulk API 2.0 refuses although REST takes them (Bulk guide, "SOQL Considerations")."""

from datetime import date

from demo_org.catalog import Catalog
from demo_org.soql import syntax
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError
from demo_org.soql.scope import Scope

REFUSED_GROUPS = "Aggregate functions and GROUP BY are not supported in Bulk Query"
_REFUSED_FIELDS = {
    "address": "Selecting compound data not supported in Bulk Query",
    "location": "Selecting compound data not supported in Bulk Query",
    "base64": "Selecting base64 data not supported in Bulk Query",
}


def bulk_refusal(query: syntax.Query, catalog: Catalog) -> SoqlError | None:
    """Why a Bulk job cannot run the statement; None if it can, or if it is wrong for REST as well."""
    described = catalog.find(query.source.names[-1])
    if described is not None and not described.bulk:
        return SoqlError("INVALIDENTITY", f"Entity '{described.name}' is not supported by the Bulk API.")
    if query.aggregates:
        return _refused(REFUSED_GROUPS)
    if query.offset is not None:
        return _refused("OFFSET is not supported in Bulk Query")
    for item in query.select:
        reason = _refused_item(query, item, catalog)
        if reason is not None:
            return _refused(reason)
    return None


def _refused_item(query: syntax.Query, item: syntax.SelectItem, catalog: Catalog) -> str | None:
    match item:
        case syntax.ChildQuery():
            return "Aggregate Relationships not supported in Bulk Query"
        case syntax.TypeOf():
            return "TYPEOF is not supported in Bulk Query"
        case syntax.AllFields():
            return "FIELDS() is not supported in Bulk Query; name the fields"
        case syntax.SelectField(syntax.Path() as path, _):
            kind = _type_of(query, path, catalog)
            return None if kind is None else _REFUSED_FIELDS.get(kind)
        case _:
            return None


def _type_of(query: syntax.Query, path: syntax.Path, catalog: Catalog) -> str | None:
    try:
        # Only the names matter: no record is looked at, on whatever day.
        context = Context(catalog=catalog, today=date.min, user_id="")
        return Scope.of(context, query).column(path).field.type
    except SoqlError:
        return None  # running the statement tells what is wrong with it


def _refused(reason: str) -> SoqlError:
    return SoqlError("FUNCTIONALITY_NOT_ENABLED", reason)
