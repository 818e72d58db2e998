"""What is known of each object of the org between passes: its description, its state, its watermark."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func

from models import org
from models.mirror import MIRRORS
from models.session import ReadSession, WriteSession
from sync.errors import FieldHidden, ObjectMissing, Skip, SyncError
from sync.land.late import Lateness
from sync.record import Field, ObjectShape, Unchanged
from sync.scope.catalog import ACCOUNT, ROOT, ClosureObject, as_chosen, own_objects
from sync.scope.mapping import why_not_read
from sync.scope.scope import ClosureChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownObject:
    """One object of the closure as the store knows it."""

    name: str
    shape: ObjectShape | None
    watermark: datetime | None
    snapshot_at: datetime | None
    unavailable: tuple[str, ...]
    detail: str | None
    #: when it was asked for last, when with the widest overlap, when describe was asked, and how many living records
    #: the mirror has
    read_at: datetime | None = None
    deep_at: datetime | None = None
    described_at: datetime | None = None
    rows: int = 0

    def shows(self, field_name: str) -> bool:
        """Whether the user may read a field, as far as we know."""
        if field_name in self.unavailable:
            return False
        return self.shape is None or any(field.name == field_name for field in self.shape.fields)

    @property
    def needs_snapshot(self) -> bool:
        """Whether the object is there and has not been read whole since it, or one of its fields, appeared."""
        return self.shape is not None and self.snapshot_at is None


def known_objects(session: ReadSession, org_id: str) -> dict[str, KnownObject]:
    """Return what the store knows of the org's objects, by name."""
    return {name: _known(row) for name, row in org.object_states(session, org_id).items()}


def remember_descriptions(
    session: WriteSession,
    org_id: str,
    known: Mapping[str, KnownObject],
    described: Mapping[str, ObjectShape | Unchanged | ObjectMissing],
) -> list[str]:
    """Write what describe said, and return the objects that must be read whole because they grew.

    A field that went away (deleted, or hidden by field-level security) keeps its values and is marked unavailable; a
    field that appeared makes its object be read again, so that all records get it.
    """
    grown: list[str] = []
    for name, answer in described.items():
        before = known.get(name)
        match answer:
            case Unchanged():
                pass
            case ObjectMissing():
                org.set_object_state(session, org_id, name, state="missing", detail=str(answer), shape=None)
                org.set_object_state(session, org_id, name, describe_modified=None, snapshot_at=None)
            case ObjectShape():
                if _write_shape(session, org_id, answer, before):
                    grown.append(name)
        org.set_object_state(session, org_id, name, described_at=func.now())
    return grown


def hide_field(session: WriteSession, org_id: str, object_name: str, field_name: str) -> None:
    """Mark a field that a query could not read, until describe is asked again."""
    row = org.object_states(session, org_id)[object_name]
    unavailable = sorted({*row.unavailable_fields, field_name})
    org.set_object_state(
        session,
        org_id,
        object_name,
        unavailable_fields=unavailable,
        describe_modified=None,
        described_at=None,
        state="ok",
    )


def do_without(session: WriteSession, org_id: str, error: Skip) -> bool:
    """Let the next reading do without a field or object that was refused; whether that changes anything.

    Without the deals, and what tells them, there is nothing to read.
    """
    states = org.object_states(session, org_id)
    match error:
        case FieldHidden(object_name=name, field_name=field_name) if name in states:
            known = states[name]
            if known.shape is None or field_name in known.unavailable_fields:
                return False
            if field_name not in {each["name"] for each in known.shape["fields"]}:
                return False  # nothing that we select
            hide_field(session, org_id, name, field_name)
            return True
        case ObjectMissing(object_name=name) if name in states and name != ROOT and states[name].state == "ok":
            note_failure(session, org_id, name, error)
            return True
    return False


def note_failure(session: WriteSession, org_id: str, object_name: str, error: SyncError) -> None:
    """Write why an object could not be read, in words, and what follows from it."""
    values: dict[str, Any] = {"detail": str(error)}
    if isinstance(error, FieldHidden):
        hide_field(session, org_id, object_name, error.field_name)
    elif isinstance(error, ObjectMissing):
        values |= {"state": "missing", "describe_modified": None, "described_at": None, "snapshot_at": None}
    org.set_object_state(session, org_id, object_name, **values)


def own_objects_of(known: Mapping[str, KnownObject], choice: ClosureChoice) -> list[ClosureObject]:
    """Return the org's own objects that look up to deals or accounts, as the descriptions of these two tell.

    `choice` is what people want to be left out of them, or added to them.
    """

    def leads(name: str, field: str | None) -> bool:
        return name not in known or known[name].shows(str(field))

    lookups = [
        (parent, name, field)
        for parent in (ROOT, ACCOUNT)
        if (state := known.get(parent)) is not None and state.shape is not None
        for name, field in state.shape.own_children
        if leads(name, field)
    ]
    return [each for each in as_chosen(own_objects(lookups), choice) if leads(each.name, each.parent_field)]


def count_rows(session: WriteSession, org_id: str, grown: Mapping[str, int]) -> None:
    """Add to the number of records that the mirror holds of some objects, tombstones aside."""
    for name, more in grown.items():
        org.grow(session, org_id, name, more)


def note_late(session: WriteSession, org_id: str, late: Mapping[str, Lateness]) -> None:
    """Remember which objects had records that became visible late, and by how much."""
    for name, each in late.items():
        if each.rows:
            org.note_late(session, org_id, name, rows=each.rows, seconds=int(each.most.total_seconds()))


def _write_shape(session: WriteSession, org_id: str, shape: ObjectShape, before: KnownObject | None) -> bool:
    names = {field.name for field in shape.fields}
    had = {field.name for field in before.shape.fields} if before and before.shape else set()
    lost = (set(before.unavailable) if before else set()) | (had - names)
    mirror = MIRRORS.get(shape.name)
    typed = set() if mirror is None else set(mirror.fields)
    # A standard field that no describe has shown yet may be one the user can't see, or one this org does not have.
    values: dict[str, Any] = {
        "state": "ok" if shape.queryable else "unreadable",
        "detail": None if shape.queryable else "The user may not query it: give the integration user read access.",
        "shape": asdict(shape),
        "describe_modified": shape.last_modified,
        "fields_not_read": why_not_read(shape),
        "unavailable_fields": sorted((lost - names) | _missing_essentials(shape.name, names, typed)),
    }
    org.set_object_state(session, org_id, shape.name, **values)
    appeared = (names - had if had else set()) | (set(before.unavailable) & names if before else set())
    return bool(appeared and before and before.snapshot_at)


#: Fields every org has; where one is absent from describe it is hidden from our user.
_ESSENTIALS = {
    "Opportunity": {"Name", "Amount", "StageName", "CloseDate", "AccountId", "OwnerId", "IsWon", "IsClosed"},
    "Account": {"Name", "OwnerId"},
    "Contact": {"Name", "AccountId", "Email", "Title"},
    "OpportunityContactRole": {"ContactId", "Role", "IsPrimary"},
    "OpportunityLineItem": {"Quantity", "UnitPrice", "TotalPrice"},
}


def _missing_essentials(object_name: str, names: set[str], typed: set[str]) -> set[str]:
    return {name for name in _ESSENTIALS.get(object_name, set()) if name not in names and name.lower() in typed}


def _known(row: Row[Any]) -> KnownObject:
    return KnownObject(
        name=row.object,
        # Without the instant of its description it is described anew, whether or not it has changed since.
        shape=replace(_shape(row.shape), last_modified=row.describe_modified)
        if row.shape and row.state == "ok"
        else None,
        watermark=row.watermark,
        snapshot_at=row.snapshot_at,
        unavailable=tuple(row.unavailable_fields),
        detail=row.detail,
        read_at=row.read_at,
        deep_at=row.deep_at,
        described_at=row.described_at,
        rows=row.rows,
    )


def _shape(stored: Mapping[str, Any]) -> ObjectShape:
    fields: Sequence[Mapping[str, Any]] = stored["fields"]
    return ObjectShape(
        **{
            **stored,
            "own_children": tuple((name, field) for name, field in stored.get("own_children", ())),
            "fields": tuple(Field(**{**each, "reference_to": tuple(each["reference_to"])}) for each in fields),
        }
    )
