"""List views of an object: the standard ones, "All" and "My", with their columns and what they show now."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import not_found
from demo_org.ids import make_id, normalise
from demo_org.soql import execute
from demo_org.store.org import SERVER
from demo_org.store.values import stamp_of
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_MOST = 2000
_SHOWN = 6  # columns a person sees
_HIDDEN = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_PLAIN = frozenset({"string", "picklist", "phone", "email", "currency", "percent", "double", "int", "date", "boolean"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    """One list view; its id is the same whenever it is asked for."""

    id: str
    developer_name: str
    label: str
    described: ObjectType
    mine: bool

    @property
    def fields(self) -> list[FieldType]:
        """The columns a person sees: the name, and the first plain fields."""
        described = self.described
        name = described.fields[described.name_field or "Id"]
        plain = [each for each in described.fields.values() if each.type in _PLAIN and each.createable]
        return list(dict.fromkeys([name, *plain]))[:_SHOWN]

    @property
    def soql(self) -> str:
        """The query behind the view."""
        names = dict.fromkeys([*(each.name for each in self.fields), *_hidden(self.described)])
        scope = " USING SCOPE mine" if self.mine else ""
        order = f"{self.fields[0].name} ASC NULLS FIRST, Id ASC NULLS FIRST"
        return f"SELECT {', '.join(names)} FROM {self.described.name}{scope} ORDER BY {order}"  # noqa: S608 - names come from the catalogue


def listing(context: Context, request: Request) -> Reply:
    """The list views of an object."""
    views = list(_views(context, request))
    content = {
        "done": True,
        "listviews": [_entry(request, each) for each in views],
        "nextRecordsUrl": None,
        "size": len(views),
        "sobjectType": context.org.catalog.object(request.parts["object"]).name,
    }
    return Reply(content=content)


def get(context: Context, request: Request) -> Reply:
    """One list view and where its parts are."""
    return Reply(content=_entry(request, _view(context, request)))


def describe(context: Context, request: Request) -> Reply:
    """The columns of a list view and the query behind it."""
    view = _view(context, request)
    content = {
        "columns": _columns(view),
        "id": view.id,
        "orderBy": [
            {"fieldNameOrPath": name, "nullsPosition": "first", "sortDirection": "ascending"}
            for name in (view.fields[0].name, "Id")
        ],
        "query": view.soql,
        "scope": "mine" if view.mine else None,
        "sobjectType": view.described.name,
        "whereCondition": {"conditions": [], "conjunction": "and"},
    }
    return Reply(content=content)


def results(context: Context, request: Request) -> Reply:
    """What a list view shows now, each value as text."""
    view = _view(context, request)
    found = execute(context.org, view.soql)
    limit = min(_number(request, "limit", 25), _MOST)
    records = found.records(_number(request, "offset", 0), limit, version=request.version)
    columns = _columns(view)
    names = [each["fieldNameOrPath"] for each in columns]
    content = {
        "columns": columns,
        "developerName": view.developer_name,
        "done": True,
        "id": view.id,
        "label": view.label,
        "records": [
            {"columns": [{"fieldNameOrPath": name, "value": _shown(view, name, each[name])} for name in names]}
            for each in records
        ],
        "size": len(records),
    }
    return Reply(content=content)


def _views(context: Context, request: Request) -> Iterator[ListView]:
    described = context.org.catalog.object(request.parts["object"])
    number = list(context.org.catalog.stored).index(described.name) * 2
    plural = described.label_plural
    joined = plural.replace(" ", "")
    for offset, (prefix, mine) in enumerate((("All", False), ("My", True))):
        if not mine or "OwnerId" in described.fields:
            yield ListView(
                id=make_id("00B", SERVER, number + offset + 1),
                developer_name=f"{prefix}{joined}",
                label=f"{prefix} {plural}",
                described=described,
                mine=mine,
            )


def _view(context: Context, request: Request) -> ListView:
    wanted = normalise(request.parts["view"])
    found = next((each for each in _views(context, request) if each.id == wanted), None)
    if found is None:
        raise not_found()
    return found


def _entry(request: Request, view: ListView) -> dict[str, Any]:
    base = f"/services/data/v{request.version}/sobjects/{view.described.name}/listviews/{view.id}"
    return {
        "describeUrl": f"{base}/describe",
        "developerName": view.developer_name,
        "id": view.id,
        "label": view.label,
        "resultsUrl": f"{base}/results",
        "soqlCompatible": True,
        "url": base,
    }


def _columns(view: ListView) -> list[dict[str, Any]]:
    shown = [_column(each, order=number) for number, each in enumerate(view.fields)]
    listed = {each["fieldNameOrPath"] for each in shown}
    hidden = [view.described.fields[name] for name in _hidden(view.described) if name not in listed]
    return shown + [_column(each, order=None) for each in hidden]


def _column(field: FieldType, *, order: int | None) -> dict[str, Any]:
    """A column; the first one is what the view is sorted by, one without an order is not shown."""
    sortable = field.sortable and order is not None
    return {
        "ascendingLabel": "Z-A" if sortable else None,
        "descendingLabel": "A-Z" if sortable else None,
        "fieldNameOrPath": field.name,
        "hidden": order is None,
        "label": field.label,
        "selectListItem": field.name,
        "sortDirection": "ascending" if order == 0 else None,
        "sortIndex": 0 if order == 0 else None,
        "sortable": sortable,
        "type": field.type,
    }


def _hidden(described: ObjectType) -> list[str]:
    return [name for name in _HIDDEN if described.has(name)]


def _shown(view: ListView, name: str, value: Any) -> str | None:
    """The value as a person reads it; instants like Fri Aug 01 21:15:46 GMT 2014."""
    if value is None:
        return None
    if view.described.fields[name].type == "datetime":
        return stamp_of(value).strftime("%a %b %d %H:%M:%S GMT %Y")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(request: Request, name: str, usual: int) -> int:
    given = request.query.get(name, "")
    return int(given) if given.isdigit() else usual
