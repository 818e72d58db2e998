"""What the system, or an admin by the thousand, does to records: archiving, renaming, transferring, expiring.

Such changes are the ones a reader misses: some move only SystemModstamp, some move nothing at all.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo_org.errors import SalesforceFault, not_found
from demo_org.store import bin as recycle_bin
from demo_org.store.journal import Act
from demo_org.store.values import stamp_text

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]
#: activities as old as this are archived (Salesforce Help, "Archived Activities"); support may prolong it to ten years
ARCHIVED_AFTER = timedelta(days=365)
#: field history is kept this long, 18 months
HISTORY_KEEPS = timedelta(days=548)


def archive_activities(unit: "Unit", *, older_than: timedelta = ARCHIVED_AFTER) -> int:
    """Archive old events and old closed tasks: only queryAll shows them from now on, and SystemModstamp moves."""
    oldest = (unit.stamp - older_than).date().isoformat()
    due = {
        "Event": "ActivityDate <= ?1",
        "Task": "IsClosed = 1 AND coalesce(ActivityDate, substr(CreatedDate, 1, 10)) <= ?1",
    }
    return sum(
        _mass_change(unit, name, {"IsArchived": 1}, f"{condition} AND IsArchived = 0 AND IsDeleted = 0", (oldest,))
        for name, condition in due.items()
    )


def flip_stage(unit: "Unit", stage: str, *, is_won: bool, is_closed: bool | None = None) -> int:
    """Change what a stage means: all its deals are won, or not, at once, and none of them gets a stamp."""
    closed = int(is_won if is_closed is None else is_closed)
    stages = unit.rows("OpportunityStage", "ApiName = ? OR MasterLabel = ?", (stage, stage))
    if not stages:
        raise not_found()
    category = "Closed" if is_won else "Omitted" if closed else "Pipeline"
    meaning: Row = {"IsWon": int(is_won), "IsClosed": closed, "ForecastCategory": category}
    unit.patch("OpportunityStage", stages[0]["Id"], meaning | {"ForecastCategoryName": category})
    assignments = ", ".join(f'"{name}" = ?' for name in meaning)
    return unit.org.connection.execute(
        f"UPDATE Opportunity SET {assignments} WHERE StageName = ?",  # noqa: S608 - names of our own
        (*meaning.values(), stages[0]["ApiName"]),
    ).rowcount


def rename_value(unit: "Unit", object_name: str, field: str, old: str, new: str) -> int:
    """Replace a picklist value everywhere: the system does it, so only SystemModstamp moves."""
    described = unit.org.catalog.stored_object(object_name)
    known = described.field(field)
    if known is None or known.type not in {"picklist", "combobox"}:
        raise SalesforceFault(400, "INVALID_FIELD", f"{field} is no picklist of {described.name}")
    unit.org.catalog.admin.replace_value(described.name, known.name, old, new)
    changed = _mass_change(unit, described.name, {known.name: new}, f'"{known.name}" = ?1', (old,))
    if (described.name, known.name) == ("Opportunity", "StageName"):
        for stage in unit.rows("OpportunityStage", "ApiName = ?", (old,)):
            unit.patch("OpportunityStage", stage["Id"], {"ApiName": new, "MasterLabel": new})
        _mass_change(unit, "OpportunityHistory", {"StageName": new}, "StageName = ?1", (old,))
    return changed


def touch(unit: "Unit", object_name: str, record_ids: Sequence[str] | None = None) -> int:
    """Move SystemModstamp and nothing else, as a new roll-up field or an internal job does, of some records or all."""
    described = unit.org.catalog.stored_object(object_name)
    if "SystemModstamp" not in described.fields:
        raise SalesforceFault(400, "INVALID_FIELD", f"{described.name} has no SystemModstamp")
    if record_ids is None:
        return _mass_change(unit, described.name, {}, "1", ())
    return sum(_mass_change(unit, described.name, {}, "Id = ?1", (each,)) for each in record_ids)


def transfer(unit: "Unit", former: str, owner: str, *, closed_too: bool = False) -> int:
    """Give a user's accounts to another, with contacts, notes and open deals (closed ones only when asked to)."""
    moved = 0
    theirs = "OwnerId = ? AND IsDeleted = 0"
    deals = theirs if closed_too else f"{theirs} AND IsClosed = 0"
    for name, condition in {"Account": theirs, "Opportunity": deals, "Contact": theirs, "Note": theirs}.items():
        for row in unit.rows(name, f"{condition} ORDER BY Id", (former,)):
            unit.update(name, row["Id"], {"OwnerId": owner})
            moved += 1
    return moved


def expire_bin(unit: "Unit") -> int:
    """Remove for good what has lain in the recycle bin for 15 days; the log of deletions keeps what it has."""
    return recycle_bin.expire(unit)


def purge_history(unit: "Unit") -> int:
    """Remove field history older than 18 months, as Salesforce does: no query and no list of deletions tells."""
    before = stamp_text(unit.stamp - HISTORY_KEEPS)
    return sum(
        unit.org.connection.execute(f'DELETE FROM "{name}" WHERE CreatedDate < ?', (before,)).rowcount  # noqa: S608 - names come from the catalogue
        for name, described in unit.org.catalog.stored.items()
        if described.associate_type == "History"
    )


def _mass_change(unit: "Unit", object_name: str, changes: Row, where: str, values: Iterable[object]) -> int:
    """Change rows in the database, past triggers and events of single records; only SystemModstamp moves."""
    whole = changes | {"SystemModstamp": unit.stamp_text}
    given = list(values)
    ids = [row[0] for row in unit.org.connection.execute(f'SELECT Id FROM "{object_name}" WHERE {where}', given)]  # noqa: S608 - conditions of our own
    unit.journal.note_below(Act.UPDATE, object_name, ids)
    assignments = ", ".join(f'"{name}" = ?{len(given) + number}' for number, name in enumerate(whole, start=1))
    unit.org.connection.execute(
        f'UPDATE "{object_name}" SET {assignments} WHERE {where}',  # noqa: S608 - see above
        [*given, *whole.values()],
    )
    return len(ids)
