"""Roll-up summary fields: a parent's count, sum, least or greatest value of its live children.

A child that is saved or deleted saves its parents, so their stamps move as if the child's editor had saved them. A new
definition is worked out for all parents by the system, which moves SystemModstamp alone.
"""

from typing import TYPE_CHECKING, Any

from demo_org.catalog.features import MULTI_CURRENCY
from demo_org.catalog.types import FieldType
from demo_org.semantics import currency, field_history

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


def follow(unit: "Unit", object_name: str, old: Row | None, new: Row | None) -> None:
    """Take anew what the parents of a child sum up, those it left and those it has."""
    parents: dict[tuple[str, str], list[FieldType]] = {}
    for parent_object, field in unit.org.catalog.roll_ups(object_name):
        assert field.roll_up is not None, "the catalogue lists roll-ups"
        for row in (old, new):
            parent_id = None if row is None else row.get(field.roll_up.lookup)
            if parent_id is not None:
                parents.setdefault((parent_object, parent_id), []).append(field)
    for (parent_object, parent_id), fields in parents.items():
        _save(unit, parent_object, parent_id, fields)


def before_insert(unit: "Unit", object_name: str, row: Row) -> None:
    """A record without children counts and sums up to nothing, not to null."""
    for field in unit.org.catalog.stored_object(object_name).fields.values():
        if field.roll_up is not None and field.roll_up.operation in {"count", "sum"}:
            row[field.name] = 0.0


def define(unit: "Unit", object_name: str, field: FieldType) -> None:
    """Work a new roll-up out for every record: no user saves them, so only SystemModstamp moves."""
    assert field.roll_up is not None, "only roll-ups are defined"
    sql, values = _aggregate(unit, object_name, field, f'"{object_name}"')
    unit.org.connection.execute(
        f'UPDATE "{object_name}" SET "{field.name}" = ({sql}), SystemModstamp = ?',  # noqa: S608 - names come from the catalogue
        (*values, unit.stamp_text),
    )


def _save(unit: "Unit", object_name: str, record_id: str, fields: list[FieldType]) -> None:
    old = unit.row(object_name, record_id)
    if old is None or old.get("IsDeleted"):
        return
    changes: Row = {}
    for field in fields:
        sql, values = _aggregate(unit, object_name, field, "parent")
        whole = f'SELECT ({sql}) FROM "{object_name}" AS parent WHERE parent.Id = ?'  # noqa: S608 - names come from the catalogue
        changes[field.name] = unit.scalar(whole, (*values, record_id))
    if all(old[name] == value for name, value in changes.items()):
        return
    unit.patch(object_name, record_id, changes)
    field_history.keep(unit, object_name, old, old | changes)
    follow(unit, object_name, old, old | changes)


def _aggregate(unit: "Unit", object_name: str, field: FieldType, row: str) -> tuple[str, list[Any]]:
    """The SQL of a roll-up for the parent that goes by this alias, and its values."""
    roll_up = field.roll_up
    assert roll_up is not None, "only roll-ups are aggregated"
    child = unit.org.catalog.stored_object(roll_up.child_object)
    conditions = [f'child."{roll_up.lookup}" = {row}."Id"']
    if "IsDeleted" in child.fields:
        conditions.append("child.IsDeleted = 0")
    values: list[Any] = []
    for name, operator, value in roll_up.filters:
        conditions.append(f"{child.fields[name].sql('child')} {operator} ?")
        values.append(value)
    found = f'{_operation(unit, object_name, field, row)} FROM "{child.name}" AS child'
    return f"SELECT {found} WHERE {' AND '.join(conditions)}", values


def _operation(unit: "Unit", object_name: str, field: FieldType, row: str) -> str:
    roll_up = field.roll_up
    assert roll_up is not None, "only roll-ups are aggregated"
    if roll_up.operation == "count" or roll_up.field is None:
        return "CAST(count(*) AS REAL)"
    child = unit.org.catalog.stored_object(roll_up.child_object)
    summed = child.fields[roll_up.field]
    sql = summed.sql("child")
    parent = unit.org.catalog.stored_object(object_name)
    currencies = "CurrencyIsoCode" in child.fields and "CurrencyIsoCode" in parent.fields
    if summed.type == "currency" and currencies and MULTI_CURRENCY in unit.org.catalog.features:
        # Children are converted at the rate of today; when the rate moves, the parent does not (until it is saved).
        sql = currency.converted(unit, child.name, sql, currency.of_row(row))
    if roll_up.operation == "sum":
        return f"round(total({sql}), {field.scale})"
    return f"{roll_up.operation}({sql})"
