"""How a record's page is laid out: the one layout each object has here, in its long and its compact form.

Nobody designs pages in a demo org, so the layout is the plainest one: every field users see, two in a row, in the order
of the describe.
"""

from typing import Any

from demo_org.catalog import FieldType, ObjectType
from demo_org.catalog.describe import describe_field
from demo_org.errors import not_found
from demo_org.ids import MASTER_RECORD_TYPE, make_id, normalise
from demo_org.store.org import SERVER
from demo_org.wire.context import Context
from demo_org.wire.message import Reply, Request

_COLUMNS = 2
_COMPACT = 4  # fields of a compact layout that nobody designed
_KEPT_UP = frozenset({"Id", "IsDeleted", "SystemModstamp", "MasterRecordId"})


def layouts(context: Context, request: Request) -> Reply:
    """The layout of an object, and that its records all use it."""
    described = _laid_out(context, request)
    layout = _layout(context, described)
    mapping = _mapping() | {
        "layoutId": layout["id"],
        "picklistsForRecordType": None,
        "urls": {"layout": _place(request, described, "layouts", MASTER_RECORD_TYPE)},
    }
    return Reply(content={"layouts": [layout], "recordTypeMappings": [mapping], "recordTypeSelectorRequired": [False]})


def layout(context: Context, request: Request) -> Reply:
    """The layout of the records of one type; the master one is the only type."""
    described = _laid_out(context, request)
    if normalise(request.parts["type"]) != MASTER_RECORD_TYPE:
        raise not_found()
    return Reply(content=_layout(context, described))


def compact_layouts(context: Context, request: Request) -> Reply:
    """The few fields at the head of a page: those of the system, as nobody chose others."""
    described = _laid_out(context, request)
    primary = _place(request, described, "compactLayouts", "primary")
    mapping = _mapping() | {
        "compactLayoutId": None,
        "compactLayoutName": "SYSTEM",
        "urls": {"compactLayout": _place(request, described, "compactLayouts", MASTER_RECORD_TYPE)},
    }
    mapping.pop("defaultRecordTypeMapping")
    content = {
        "compactLayouts": [_compact(described)],
        "defaultCompactLayoutId": None,
        "recordTypeCompactLayoutMappings": [mapping],
        "urls": {"primary": primary},
    }
    return Reply(content=content)


def compact_layout(context: Context, request: Request) -> Reply:
    """The compact layout of the records of one type, or the primary one: there is but one."""
    described = _laid_out(context, request)
    asked = request.parts["type"]
    if asked.lower() != "primary" and normalise(asked) != MASTER_RECORD_TYPE:
        raise not_found()
    return Reply(content=_compact(described))


def approval_layouts(context: Context, request: Request) -> Reply:
    """No approval processes, no layouts for them."""
    _laid_out(context, request)
    return Reply(content={"approvalLayouts": []})


def quick_actions(context: Context, request: Request) -> Reply:
    """Nobody made quick actions."""
    _laid_out(context, request)
    return Reply(content=[])


def _laid_out(context: Context, request: Request) -> ObjectType:
    described = context.org.catalog.object(request.parts["object"])
    if not described.createable:
        raise not_found()
    return described


def _layout(context: Context, described: ObjectType) -> dict[str, Any]:
    number = list(context.org.catalog.stored).index(described.name) + 1
    fields = list(enumerate(_fields(described), start=1))
    rows = [
        {"layoutItems": [_item(described, field, order) for order, field in pair], "numItems": len(pair)}
        for pair in (fields[first : first + _COLUMNS] for first in range(0, len(fields), _COLUMNS))
    ]
    section = {
        "collapsed": False,
        "columns": _COLUMNS,
        "heading": f"{described.label} Information",
        "layoutRows": rows,
        "layoutSectionId": make_id("01B", SERVER, number),
        "parentLayoutId": make_id("00h", SERVER, number),
        "rows": len(rows),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": False,
    }
    return {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": [section],
        "editLayoutSections": [section],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": make_id("00h", SERVER, number),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def _compact(described: ObjectType) -> dict[str, Any]:
    written = [each for each in _fields(described) if each.createable]
    shown = sorted(written, key=lambda field: not field.name_field)[:_COMPACT]
    return {
        "actions": [],
        "fieldItems": [_item(described, each, order) for order, each in enumerate(shown, start=1)],
        "id": None,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": described.name,
    }


def _fields(described: ObjectType) -> list[FieldType]:
    """What a person sees of a record; parts of an address are seen as the address."""
    return [
        each
        for each in described.fields.values()
        if each.name not in _KEPT_UP and not (each.compound_field_name and each.type != "boolean")
    ]


def _item(described: ObjectType, field: FieldType, order: int) -> dict[str, Any]:
    component = {
        "details": describe_field(field),
        "displayLines": 1,
        "tabOrder": order,
        "type": "Field",
        "value": field.name,
    }
    return {
        "editableForNew": field.createable,
        "editableForUpdate": field.updateable and described.updateable,
        "label": field.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": field.createable and not field.nillable and not field.defaulted_on_create,
    }


def _mapping() -> dict[str, Any]:
    """What a mapping says of the only record type."""
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
    }


def _place(request: Request, described: ObjectType, *steps: str) -> str:
    return f"/services/data/v{request.version}/sobjects/{described.name}/describe/{'/'.join(steps)}"
