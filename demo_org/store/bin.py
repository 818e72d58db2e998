"""The recycle bin: what goes with a deleted record, what comes back with it, and what is gone for good.

A deletion takes the children whose relationship cascades and silently empties the plain lookups to the record, without
a stamp on their holders; an undelete brings both back.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from demo_org.catalog import ObjectType
from demo_org.errors import SalesforceFault
from demo_org.store.journal import Act
from demo_org.store.values import stamp_text

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

#: the recycle bin keeps a record this long
KEEPS = timedelta(days=15)
Target = tuple[str, str]


def throw_away(unit: "Unit", described: ObjectType, record_id: str) -> None:
    """Flag the record and its cascade as deleted, log it, and empty plain lookups to it."""
    going = _cascade(unit, described, record_id, refuse_restricted=True)
    for object_name, each in going:
        unit.touch(each)
        _note(unit, Act.DELETE, object_name, each)
        _set_deleted(unit, object_name, each, deleted=True)
        _log(unit, object_name, each)
        unit.org.connection.execute("INSERT OR REPLACE INTO _bin VALUES (?, ?, ?)", (object_name, each, record_id))
    _clear_lookups(unit, going, root=record_id)


def remove(unit: "Unit", described: ObjectType, record_id: str, *, unseen: bool = False) -> None:
    """Remove the record and its cascade physically; only the log of deletions remembers them.

    What leaves the bin makes no change event, for it was gone already; nor does an unseen removal.
    """
    going = _cascade(unit, described, record_id, refuse_restricted=False, binned=True)
    _clear_lookups(unit, going, root=None)
    for object_name, each in going:
        unit.touch(each)
        if not unseen and not _in_bin(unit, object_name, each):
            _note(unit, Act.DELETE, object_name, each)
        _log(unit, object_name, each)
        unit.org.connection.execute(f'DELETE FROM "{object_name}" WHERE Id = ?', (each,))  # noqa: S608 - names come from the catalogue
        unit.org.connection.execute("DELETE FROM _bin WHERE object = ? AND id = ?", (object_name, each))


def take_out(unit: "Unit", described: ObjectType, record_id: str) -> None:
    """Bring the record back with everything that was deleted together with it."""
    connection = unit.org.connection
    back = connection.execute("SELECT object, id FROM _bin WHERE root = ?", (record_id,)).fetchall()
    for object_name, each in dict.fromkeys([(described.name, record_id), *back]):
        unit.touch(each)
        _note(unit, Act.UNDELETE, object_name, each)
        _set_deleted(unit, object_name, each, deleted=False)
        connection.execute("DELETE FROM _deleted_log WHERE object = ? AND id = ?", (object_name, each))
        connection.execute("DELETE FROM _bin WHERE object = ? AND id = ?", (object_name, each))
    for object_name, each, field, value in connection.execute(
        "SELECT object, id, field, value FROM _cleared WHERE root = ?", (record_id,)
    ).fetchall():
        if unit.org.catalog.stored_object(object_name).has(field):
            connection.execute(
                f'UPDATE "{object_name}" SET "{field}" = ? WHERE Id = ? AND "{field}" IS NULL',  # noqa: S608 - names come from the catalogue
                (value, each),
            )
    connection.execute("DELETE FROM _cleared WHERE root = ?", (record_id,))


def expire(unit: "Unit") -> int:
    """Remove for good what has lain in the bin for 15 days, with no change event."""
    due = unit.org.connection.execute(
        "SELECT _bin.object, _bin.id FROM _bin JOIN _deleted_log AS log ON log.object = _bin.object "
        "AND log.id = _bin.id WHERE log.deleted_at <= ? ORDER BY 1, 2",
        (stamp_text(unit.stamp - KEEPS),),
    ).fetchall()
    for object_name, record_id in due:
        if unit.row(object_name, record_id) is not None:  # it may have gone with its parent a moment ago
            remove(unit, unit.org.catalog.stored_object(object_name), record_id, unseen=True)
    return len(due)


def empty(unit: "Unit") -> int:
    """Remove every record in the bin for good; the log keeps what it has."""
    gone = 0
    for name, described in unit.org.catalog.stored.items():
        if "IsDeleted" in described.fields:
            removed = unit.org.connection.execute(f'DELETE FROM "{name}" WHERE IsDeleted = 1').rowcount  # noqa: S608 - names come from the catalogue
            gone += 0 if _is_history(described) else removed
    unit.org.connection.execute("DELETE FROM _bin")
    unit.org.connection.execute("DELETE FROM _cleared")
    return gone


def merge_into(unit: "Unit", described: ObjectType, winner: str, loser: str) -> None:
    """Hang the loser's children on the winner and put the loser into the bin."""
    for child in described.child_relationships:
        if child.field == "MasterRecordId":
            continue
        for (each,) in unit.org.connection.execute(
            f'SELECT Id FROM "{child.child_object}" WHERE "{child.field}" = ?',  # noqa: S608 - names come from the catalogue
            (loser,),
        ).fetchall():
            # Children change their parent without triggers, and so without a change event.
            unit.patch(child.child_object, each, {child.field: winner}, unseen=True)
    unit.note(Act.DELETE, described.name, loser)
    unit.patch(described.name, loser, {"IsDeleted": 1, "MasterRecordId": winner}, unseen=True)
    _log(unit, described.name, loser)
    unit.org.connection.execute("INSERT OR REPLACE INTO _bin VALUES (?, ?, ?)", (described.name, loser, loser))


def _cascade(
    unit: "Unit", described: ObjectType, record_id: str, *, refuse_restricted: bool, binned: bool = False
) -> list[Target]:
    """The record and all that goes with it, parents first."""
    going: dict[Target, None] = {(described.name, record_id): None}
    queue = [(described, record_id)]
    while queue:
        parent, parent_id = queue.pop(0)
        for child in parent.child_relationships:
            if not (child.cascade_delete or (child.restricted_delete and refuse_restricted)):
                continue
            child_type = unit.org.catalog.stored_object(child.child_object)
            ids = _children(unit, child_type, child.field, parent_id, binned=binned)
            if ids and not child.cascade_delete:
                raise _associated(unit, parent, parent_id, child_type, ids)
            fresh = [each for each in ids if (child_type.name, each) not in going]
            going |= {(child_type.name, each): None for each in fresh}
            queue += [(child_type, each) for each in fresh]
    return list(going)


def _children(unit: "Unit", child: ObjectType, field: str, parent_id: str, *, binned: bool) -> list[str]:
    live = "" if binned or "IsDeleted" not in child.fields else " AND IsDeleted = 0"
    sql = f'SELECT Id FROM "{child.name}" WHERE "{field}" = ?{live} ORDER BY Id'  # noqa: S608 - names come from the catalogue
    return [row[0] for row in unit.org.connection.execute(sql, (parent_id,))]


def _in_bin(unit: "Unit", object_name: str, record_id: str) -> bool:
    sql = "SELECT 1 FROM _bin WHERE object = ? AND id = ?"
    return unit.scalar(sql, (object_name, record_id)) is not None


def _set_deleted(unit: "Unit", object_name: str, record_id: str, *, deleted: bool) -> None:
    fields = unit.org.catalog.stored_object(object_name).fields
    stamped = not _is_history(unit.org.catalog.stored_object(object_name)) and "SystemModstamp" in fields
    assignment = f"IsDeleted = ?, {unit.stamped('SystemModstamp')}" if stamped else "IsDeleted = ?"
    values = (int(deleted), unit.stamp_text, record_id) if stamped else (int(deleted), record_id)
    unit.org.connection.execute(f'UPDATE "{object_name}" SET {assignment} WHERE Id = ?', values)  # noqa: S608 - names come from the catalogue


def _log(unit: "Unit", object_name: str, record_id: str) -> None:
    # A record deleted softly before keeps the instant at which users lost it.
    unit.org.connection.execute(
        "INSERT OR IGNORE INTO _deleted_log (object, id, deleted_at) VALUES (?, ?, ?)",
        (object_name, record_id, unit.stamp_text),
    )


def _clear_lookups(unit: "Unit", going: list[Target], *, root: str | None) -> None:
    """Empty lookups to what goes, held by records that stay."""
    leaving = {record_id for _, record_id in going}
    for object_name, record_id in going:
        described = unit.org.catalog.stored_object(object_name)
        if _is_history(described):
            continue
        for child in described.child_relationships:
            if child.field != "MasterRecordId":
                _clear(unit, child.child_object, child.field, record_id, leaving=leaving, root=root)


def _clear(unit: "Unit", object_name: str, field: str, value: str, *, leaving: set[str], root: str | None) -> None:
    described = unit.org.catalog.stored_object(object_name)
    if not described.fields[field].nillable:
        return
    for each in _children(unit, described, field, value, binned=True):
        if each in leaving:
            continue
        if root is not None:
            unit.org.connection.execute(
                "INSERT INTO _cleared VALUES (?, ?, ?, ?, ?)", (root, object_name, each, field, value)
            )
        unit.org.connection.execute(f'UPDATE "{object_name}" SET "{field}" = NULL WHERE Id = ?', (each,))  # noqa: S608 - names come from the catalogue


def _note(unit: "Unit", act: Act, object_name: str, record_id: str) -> None:
    if not _is_history(unit.org.catalog.stored_object(object_name)):
        unit.note(act, object_name, record_id)


def _is_history(described: ObjectType) -> bool:
    """Whether its rows come and go with their parent without a stamp of their own."""
    return described.associate_type == "History" or described.name == "OpportunityHistory"


def _associated(unit: "Unit", parent: ObjectType, parent_id: str, child: ObjectType, ids: list[str]) -> SalesforceFault:
    # Salesforce names the record and the first few that stand in the way.
    name = _name(unit, parent, parent_id)
    others = ", ".join(_name(unit, child, each) for each in ids[:5])
    message = (
        f"Your attempt to delete {name} could not be completed because it is associated with the following "
        f"{child.label_plural.lower()}.: {others}\n"
    )
    return SalesforceFault(400, "DELETE_FAILED", message)


def _name(unit: "Unit", described: ObjectType, record_id: str) -> str:
    row = unit.row(described.name, record_id) or {}
    return str(row.get(described.name_field or "Id") or record_id)
