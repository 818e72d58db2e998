"""One unit of work: the writes of a Salesforce transaction, with one stamp, done by one user.

The public methods are what a client may ask for and follow Salesforce's rules; row(), patch(), add() and their like
are for the semantics, which derive further values from a write.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from demo_org import semantics
from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import (
    SalesforceFault,
    entity_is_deleted,
    malformed_id,
    not_allowed,
    not_found,
    read_only_fields,
    required_missing,
    row_locked,
    unknown_field,
)
from demo_org.ids import normalise, to15
from demo_org.store import bin as recycle_bin
from demo_org.store.journal import ORIGIN, Act, Change, Journal
from demo_org.store.values import stamp_text, stored_value

if TYPE_CHECKING:
    from demo_org.store.late import LateTransaction
    from demo_org.store.org import Org

Row = dict[str, Any]
_STAMPS = frozenset({"SystemModstamp", "LastModifiedDate"})


class Unit:
    """The writes of one transaction; made by Org.transaction() and LateTransaction, never by hand."""

    def __init__(self, org: "Org", *, stamp: datetime, user_id: str, late: "LateTransaction | None" = None) -> None:
        self.org = org
        self.stamp = stamp
        self.user_id = user_id
        #: records this unit wrote, which a transaction that stays open keeps locked
        self.touched: set[str] = set()
        #: history row of each deal saved in this unit: Salesforce writes one row per save, not per statement
        self.histories: dict[str, str] = {}
        #: what the unit did to each record, for the change events of its commit
        self.journal = Journal(kept=org.listened_to)
        #: by which API and for which client it writes
        self.origin = late.origin if late is not None else ORIGIN.get()
        self._late = late
        #: whether it began a while ago, so that others may have saved since
        self.lags = False

    # -- what a client may ask for --------------------------------------------------------------------------------

    def insert(self, object_name: str, values: Mapping[str, Any], *, record_id: str | None = None) -> str:
        """Create a record and return its id."""
        described = self._writable(object_name)
        if not described.createable:
            raise not_allowed("inserted", described.label)
        row = self._stored(described, values, writable="createable")
        with self.statement():
            self._insert(described, row, record_id)
        return str(row["Id"])

    def _insert(self, described: ObjectType, row: Row, record_id: str | None) -> None:
        for field in described.fields.values():
            if field.default is not None and row.get(field.name) is None:
                row[field.name] = stored_value(field, field.default)
        if "OwnerId" in described.fields and row.get("OwnerId") is None:
            row["OwnerId"] = self.user_id
        self._check_references(described, row)
        semantics.before_insert(self, described.name, row)
        missing = [each.name for each in described.fields.values() if _required(each) and row.get(each.name) is None]
        if missing:
            raise required_missing(missing)
        self._check_unique(described, row, None)
        self.add(described.name, row, record_id=record_id)
        self._validate(described, row["Id"])
        semantics.after_save(self, described.name, None, row)

    def update(self, object_name: str, record_id: str, values: Mapping[str, Any]) -> None:
        """Change fields of a live record."""
        described = self._writable(object_name)
        if not described.updateable:
            raise not_allowed("updated", described.label)
        old = self.live(described.name, record_id)
        changes = self._stored(described, values, writable="updateable")
        cleared = [
            name for name, value in changes.items() if value is None and not described.fields[name].nillable
        ]  # fmt: skip
        if cleared:
            raise required_missing(cleared)
        self._check_references(described, changes)
        with self.statement():
            semantics.before_update(self, described.name, old, changes)
            self._check_unique(described, changes, old["Id"])
            self.patch(described.name, old["Id"], changes)
            self._validate(described, old["Id"])
            semantics.after_save(self, described.name, old, old | changes)

    def delete(self, object_name: str, record_id: str) -> None:
        """Put a live record, and what cascades from it, into the recycle bin (or remove it if it has none)."""
        described = self._writable(object_name)
        if not described.deletable:
            raise not_allowed("deleted", described.label)
        old = self.live(described.name, record_id)
        with self.statement():
            if described.recycle_bin and "IsDeleted" in described.fields:
                recycle_bin.throw_away(self, self._whole(described), old["Id"])
            else:
                recycle_bin.remove(self, self._whole(described), old["Id"])
            semantics.after_delete(self, described.name, old)

    def undelete(self, object_name: str, record_id: str) -> None:
        """Take a record, and what was deleted with it, out of the recycle bin."""
        described = self.org.catalog.object(object_name)
        row = self.known(described.name, record_id)
        if not row.get("IsDeleted"):
            raise SalesforceFault(400, "UNDELETE_FAILED", "Entity is not in the recycle bin")
        with self.statement():
            recycle_bin.take_out(self, described, row["Id"])
            semantics.after_undelete(self, described.name, row)

    def hard_delete(self, object_name: str, record_id: str, *, unseen: bool = False) -> None:
        """Remove a record and what cascades from it physically; an unseen removal makes no change event."""
        described = self.org.catalog.object(object_name)
        row = self.known(described.name, record_id)
        with self.statement():
            recycle_bin.remove(self, self._whole(described), row["Id"], unseen=unseen)
            if not row.get("IsDeleted"):
                semantics.after_delete(self, described.name, row)

    def merge(self, object_name: str, winner: str, losers: Sequence[str]) -> None:
        """Let the winner take over the losers' children; the losers go to the bin and point at it."""
        described = self.org.catalog.object(object_name)
        # Cases can be merged, too, though their describe does not say so.
        if not (described.mergeable or described.name == "Case"):
            raise not_allowed("merged", described.label)
        kept = self.live(described.name, winner)["Id"]
        for loser in losers:
            recycle_bin.merge_into(self, self._whole(described), kept, self.live(described.name, loser)["Id"])
        self.patch(described.name, kept, {})

    def purge(self) -> int:
        """Empty the recycle bin."""
        return recycle_bin.empty(self)

    def get(self, object_name: str, record_id: str) -> Row | None:
        """The stored row, as this unit sees it."""
        known = normalise(record_id)
        return None if known is None else self.row(self.org.catalog.stored_object(object_name).name, known)

    @contextmanager
    def statement(self) -> Iterator[None]:
        """One statement of the transaction: refused, it leaves nothing behind and the transaction goes on."""
        histories, noted = dict(self.histories), len(self.journal.changes)
        self.org.connection.execute("SAVEPOINT statement")
        try:
            yield
        except BaseException:
            self.histories = histories
            self.journal.cut(noted)
            self.org.connection.execute("ROLLBACK TO statement")
            raise
        finally:
            self.org.connection.execute("RELEASE statement")

    # -- for the semantics ----------------------------------------------------------------------------------------

    @property
    def stamp_text(self) -> str:
        """The unit's stamp as it is stored."""
        return stamp_text(self.stamp)

    def row(self, object_name: str, record_id: str | None) -> Row | None:
        """The stored row of an id in 18-character form."""
        found = self.rows(object_name, "Id = ?", (record_id,)) if record_id else []
        return found[0] if found else None

    def rows(self, object_name: str, where: str, values: Sequence[object]) -> list[Row]:
        """Stored rows that satisfy an SQL condition written by the semantics."""
        cursor = self.org.connection.execute(f'SELECT * FROM "{object_name}" WHERE {where}', values)  # noqa: S608 - both come from our own code
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, each, strict=True)) for each in cursor]

    def scalar(self, sql: str, values: Sequence[object]) -> Any:
        """The one value of a query written by the semantics."""
        found = self.org.connection.execute(sql, values).fetchone()
        return None if found is None else found[0]

    def known(self, object_name: str, record_id: str) -> Row:
        """The row of an id a client sent, in the bin or not."""
        known = normalise(record_id)
        if known is None:
            raise malformed_id(record_id)
        row = self.row(object_name, known)
        if row is None:
            raise not_found()
        return row

    def live(self, object_name: str, record_id: str) -> Row:
        """The row of an id a client sent; a fault if it is in the bin."""
        row = self.known(object_name, record_id)
        if row.get("IsDeleted"):
            raise entity_is_deleted()
        return row

    def add(self, object_name: str, row: Row, *, record_id: str | None = None, unseen: bool = False) -> str:
        """Write a new row with its audit fields; the row is completed in place. An unseen row makes no change event."""
        described = self.org.catalog.stored_object(object_name)
        row["Id"] = record_id or row.get("Id") or self.org.new_id(object_name)
        audit = {
            "CreatedDate": self.stamp_text,
            "CreatedById": self.user_id,
            "LastModifiedDate": self.stamp_text,
            "LastModifiedById": self.user_id,
            "SystemModstamp": self.stamp_text,
        }
        # An import may bring its own dates and names; SystemModstamp is always the org's.
        own = {name for name in audit if row.get(name) is not None} - {"SystemModstamp"}
        row |= {name: value for name, value in audit.items() if name in described.fields and name not in own}
        names = [name for name in row if name in described.fields]
        columns, slots = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
        self.org.connection.execute(
            f'INSERT INTO "{object_name}" ({columns}) VALUES ({slots})',  # noqa: S608 - names come from the catalogue
            [row[name] for name in names],
        )
        self.touched.add(row["Id"])
        if not unseen:
            self.journal.note(Change(act=Act.CREATE, object_name=described.name, record_id=row["Id"]))
        return str(row["Id"])

    def patch(
        self, object_name: str, record_id: str, changes: Row, *, by_system: bool = False, unseen: bool = False
    ) -> None:
        """Change columns of a row; a change by the system bumps SystemModstamp only, a user's LastModified as well.

        An unseen change makes no change event (a child that a merge hangs on another parent).
        """
        self.touch(record_id)
        if not unseen:
            self.note(Act.UPDATE, object_name, record_id, by_user=not by_system)
        fields = self.org.catalog.stored_object(object_name).fields
        audit = {"SystemModstamp": self.stamp_text}
        if not by_system:
            audit |= {"LastModifiedDate": self.stamp_text, "LastModifiedById": self.user_id}
        whole = changes | {name: value for name, value in audit.items() if name in fields}
        assignments = ", ".join(self.stamped(name) if name in audit else f'"{name}" = ?' for name in whole)
        self.org.connection.execute(
            f'UPDATE "{object_name}" SET {assignments} WHERE Id = ?',  # noqa: S608 - names come from the catalogue
            [*whole.values(), record_id],
        )

    def stamped(self, name: str) -> str:
        """The assignment of a stamp: a record's stamps never go back, even if the transaction began before others."""
        return f'"{name}" = max(?, coalesce("{name}", \'\'))' if self.lags and name in _STAMPS else f'"{name}" = ?'

    def touch(self, record_id: str) -> None:
        """Take the record for this unit; a fault if a transaction that is still open holds it."""
        for other in self.org.late:
            if other is not self._late and record_id in other.locked:
                raise row_locked()
        self.touched.add(record_id)

    def note(self, act: Act, object_name: str, record_id: str, *, by_user: bool = True) -> None:
        """Remember a change of a record that is about to be made, for the change events of the commit."""
        change = Change(act=act, object_name=object_name, record_id=record_id, by_user=by_user)
        self.journal.note(change, lambda: self.row(object_name, record_id))

    # -- inside ---------------------------------------------------------------------------------------------------

    def _whole(self, described: ObjectType) -> ObjectType:
        """The object with what is hidden or switched off: a deletion reaches children no client sees."""
        return self.org.catalog.stored_object(described.name)

    def _writable(self, object_name: str) -> ObjectType:
        return self.org.catalog.writable_object(object_name, restricted=self.user_id == self.org.users.integration)

    def _validate(self, described: ObjectType, record_id: str) -> None:
        """Refuse a record that breaks one of the org's validation rules."""
        for rule in self.org.catalog.admin.rules(described.name):
            sql = f'SELECT {rule.sql.replace("{row}", "t")} FROM "{described.name}" AS t WHERE t.Id = ?'  # noqa: S608 - compiled by our own code
            if self.scalar(sql, (record_id,)):
                fields = () if rule.field is None else (rule.field,)
                raise SalesforceFault(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)

    def _stored(self, described: ObjectType, values: Mapping[str, Any], *, writable: str) -> Row:
        row: Row = {}
        refused: list[str] = []
        for name, value in values.items():
            if name == "attributes":
                continue
            field = described.field(name)
            if field is None:
                raise unknown_field(name, described.name)
            if getattr(field, writable):
                row[field.name] = stored_value(field, value)
            else:
                refused.append(field.name)
        if refused:
            raise read_only_fields(refused)
        return row

    def _check_references(self, described: ObjectType, row: Row) -> None:
        for name, value in row.items():
            field = described.fields[name]
            if field.type == "reference" and value is not None:
                self._check_reference(field, value)

    def _check_reference(self, field: FieldType, value: str) -> None:
        target = self._target(field, value)
        if target is None:
            message = f"{field.label}: id value of incorrect type: {value}"
            raise SalesforceFault(400, "FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
        row = self.row(target, value)
        if row is None:
            raise SalesforceFault(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row.get("IsDeleted"):
            raise SalesforceFault(400, "ENTITY_IS_DELETED", "entity is deleted", (field.name,))

    def _check_unique(self, described: ObjectType, row: Row, record_id: str | None) -> None:
        """Refuse a value another live record has in a field that is unique; case does not tell values apart."""
        # What is hidden from the integration user is filled in all the same.
        described = self._whole(described)
        live = " AND IsDeleted = 0" if "IsDeleted" in described.fields else ""
        for name in [name for name, value in row.items() if value is not None and described.fields[name].unique]:
            sql = f'SELECT Id FROM "{described.name}" WHERE "{name}" = ? COLLATE NOCASE AND Id IS NOT ?{live} LIMIT 1'  # noqa: S608 - names come from the catalogue
            other = self.scalar(sql, (row[name], record_id))
            if other is not None:
                message = f"duplicate value found: {name} duplicates value on record with id: {to15(other)}"
                raise SalesforceFault(400, "DUPLICATE_VALUE", message)

    def _target(self, field: FieldType, value: str) -> str | None:
        candidates: Iterable[str] = (*field.reference_to, "Group") if field.name == "OwnerId" else field.reference_to
        for name in candidates:
            if name in self.org.catalog.stored and self.org.catalog.stored[name].id_prefix == value[:3]:
                return name
        return None


def _required(field: FieldType) -> bool:
    return field.createable and not field.nillable and not field.defaulted_on_create and field.type != "boolean"
