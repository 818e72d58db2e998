"""Describes the columns of a statement's answer (…/query?columns=true); the Salesforce CLI asks for them first."""

from typing import Any

from demo_org.catalog import FieldType
from demo_org.soql import syntax
from demo_org.soql.context import Context
from demo_org.soql.groups import group_columns
from demo_org.soql.parser import parse
from demo_org.soql.printer import operand_text
from demo_org.soql.rules import check
from demo_org.soql.scope import Scope
from demo_org.soql.selection import Branch, ByType, Children, Compound, Leaf, Selection
from demo_org.store import Org

#: the type a field has in Apex, by its type in a describe
_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "int": "Integer",
    "long": "Long",
    "double": "Double",
    "currency": "Double",
    "percent": "Double",
    "date": "Date",
    "datetime": "Datetime",
    "time": "Time",
    "base64": "Blob",
    "address": "Address",
    "location": "Location",
    "anyType": "Object",
}
_NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})


def columns(org: Org, text: str) -> dict[str, Any]:
    """The columns of a statement and what it selects from."""
    query = parse(text)
    check(query)
    context = Context.of(org)
    scope = Scope.of(context, query)
    if query.aggregates:
        found = _groups(scope)
    else:
        root = Selection(context, scope, query.select).root
        found = _entries(context, root)
    return {
        "columnMetadata": found,
        "entityName": scope.source.name,
        "groupBy": bool(query.group_by),
        "idSelected": any(each["columnName"] == "Id" for each in found),
        "keyPrefix": scope.source.key_prefix,
    }


def _groups(scope: Scope) -> list[dict[str, Any]]:
    grouped = zip(scope.query.select, group_columns(scope), strict=True)
    found = []
    for item, each in grouped:
        assert isinstance(item, syntax.SelectField), "a grouped query selects fields and functions only"
        called = isinstance(item.operand, syntax.Call)
        shown = operand_text(item.operand) if called else each.column.name
        found.append(_column(each.name, each.column.field, shown=shown, aggregate=called))
    return found


def _entries(context: Context, branch: Branch) -> list[dict[str, Any]]:
    found = []
    for name, entry in branch.entries.items():
        match entry:
            case Leaf(field=field):
                found.append(_column(name, field))
            case Compound():
                found.append(_column(name, FieldType(name=name, type="address", label=name)))
            case Branch():
                found.append(_joined(name, _entries(context, entry), aggregate=False))
            case Children(selection=selection):
                found.append(_joined(name, _entries(context, selection.root), aggregate=True))
            case ByType():
                found.append(_joined(name, [], aggregate=False))
    return found


def _joined(name: str, inner: list[dict[str, Any]], *, aggregate: bool) -> dict[str, Any]:
    """A relationship: the parent's fields, or the children, which count as an aggregate."""
    whole = _column(name, FieldType(name=name, type="anyType", label=name), aggregate=aggregate)
    return whole | {"apexType": "", "joinColumns": inner}


def _column(name: str, field: FieldType, *, shown: str | None = None, aggregate: bool = False) -> dict[str, Any]:
    apex = _APEX_TYPES.get(field.type, "String")
    return {
        "aggregate": aggregate,
        "apexType": apex,
        "booleanType": field.type == "boolean",
        "columnName": name,
        "custom": field.custom,
        "displayName": shown or name,
        "foreignKeyName": field.relationship_name,
        "insertable": field.createable,
        "joinColumns": [],
        "numberType": field.type in _NUMBERS,
        "textType": apex == "String",
        "updatable": field.updateable,
    }
