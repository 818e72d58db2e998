"""Finds what the names of a statement mean: fields of the object in FROM, and of the records its lookups point at.

Every lookup on the way to a field becomes one outer join, so a record without a parent stays in the result.
"""

from dataclasses import dataclass, field

from demo_org.catalog import Catalog, FieldType, ObjectType
from demo_org.soql.context import Context
from demo_org.soql.currencies import CODE_FIELD
from demo_org.soql.errors import SoqlError, error_at, no_such_column, no_such_object, no_such_relationship
from demo_org.soql.filter_scopes import supported, within_scope
from demo_org.soql.sql import Sql, quoted
from demo_org.soql.syntax import Path, Query

DEEPEST_PATH = 5
MOST_RELATIONSHIPS = 55
# Other objects use IsArchived for their own ends: an archived price book entry is still found.
_ARCHIVED = frozenset({"Task", "Event"})

# What may be asked of a lookup that can point at several objects (SOQL guide, the Name object).
_NAME_FIELDS = {
    name.lower(): FieldType(name=name, type=kind, label=name)
    for name, kind in (
        ("Id", "id"), ("Name", "string"), ("Type", "string"), ("FirstName", "string"), ("LastName", "string"),
        ("Email", "email"), ("Phone", "phone"), ("Title", "string"), ("Username", "string"),
        ("ProfileId", "reference"), ("UserRoleId", "reference"), ("IsActive", "boolean"), ("Alias", "string"),
    )
}  # fmt: skip


# Lookups of users that the Name object has as well.
_BEHIND_NAMES = {"profile": "Profile", "userrole": "UserRole"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The record a lookup points at; without an object of its own if it may be one of several."""

    path: tuple[str, ...]
    id_sql: str
    object: ObjectType | None = None
    alias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A value of the result or of a condition: its SQL, its type and the path by which clients know it."""

    sql: str
    field: FieldType
    path: tuple[str, ...] = ()
    parent: Parent | None = None
    #: SQL of the currency an amount is in; None where there is but one
    currency: str | None = None

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


@dataclass(slots=True)
class Scope:
    """One FROM: its object, and the parents that were asked for so far."""

    context: Context
    source: ObjectType
    query: Query
    alias: str = "t"
    joins: list[str] = field(default_factory=list)
    #: SQL of the fields of GROUP BY that the present subtotal sums up
    summed_up: frozenset[str] = frozenset()
    _parents: dict[tuple[str, ...], Parent] = field(default_factory=dict)

    @classmethod
    def of(cls, context: Context, query: Query, *, alias: str = "t") -> "Scope":
        """The scope of a statement whose FROM names an object."""
        name = query.source.names[-1]
        source = context.catalog.find(name)
        if source is None or not source.queryable or len(query.source.names) > 1:
            raise no_such_object(query.text, query.source.position, str(query.source))
        if query.scope is not None and not supported(source, query.scope):
            raise SoqlError("INVALID_QUERY_SCOPE", f"invalid query scope: {query.scope}")
        return cls(context, source, query, alias)

    @property
    def catalog(self) -> Catalog:
        """The org's objects."""
        return self.context.catalog

    @property
    def table(self) -> str:
        """The object's table under the alias the columns use."""
        return f"{quoted(self.source.name)} AS {self.alias}"

    def own(self, name: str) -> str:
        """A column of the object itself."""
        return f"{self.alias}.{quoted(name)}"

    def live(self) -> list[Sql]:
        """Conditions that hide the recycle bin, archived activities, and what is not in the USING SCOPE."""
        found = []
        if not self.context.include_deleted:
            # The stored object, because the flags hide records whether the user may see the flags or not.
            stored = self.catalog.stored_object(self.source.name).fields
            flags = ("IsDeleted", "IsArchived") if self.source.name in _ARCHIVED else ("IsDeleted",)
            found += [Sql(f"{self.own(flag)} = 0") for flag in flags if flag in stored]
        if self.query.scope is not None:
            found += within_scope(self.source, self.alias, self.query.scope, self.context.user_id)
        return found

    def column(self, path: Path) -> Column:
        """The field a path leads to."""
        names = self._without_alias(path.names)
        if len(names) - 1 > DEEPEST_PATH:
            reason = f"Only {DEEPEST_PATH} levels of child-to-parent relationships can be traversed: {path}"
            raise error_at(self.query.text, path.position, "MALFORMED_QUERY", reason)
        parent = self.parent(names[:-1], path)
        if parent is None:
            return self._field(self.source, names[-1], path, Parent(path=(), id_sql="", alias=self.alias))
        if parent.object is None:
            return self._name_field(parent, names[-1], path)
        return self._field(parent.object, names[-1], path, parent)

    def parent(self, names: tuple[str, ...], path: Path) -> Parent | None:
        """The record a path of lookups leads to; None for the record itself."""
        found: Parent | None = None
        for name in names:
            found = self._step(found, name, path)
        return found

    def _step(self, start: Parent | None, name: str, path: Path) -> Parent:
        if start is not None and start.object is None:
            return self._step_from_name(start, name, path)
        described = self.source if start is None else start.object
        alias = self.alias if start is None else start.alias
        lookup = None if described is None else described.relationship(name)
        if lookup is None or not any(target in self.catalog for target in lookup.reference_to):
            raise no_such_relationship(self.query.text, path.position, name, "field path")
        assert lookup.relationship_name is not None
        full = (*(start.path if start else ()), lookup.relationship_name)
        if full not in self._parents:
            if len(self._parents) == MOST_RELATIONSHIPS:
                reason = f"A query can use at most {MOST_RELATIONSHIPS} child-to-parent relationships"
                raise error_at(self.query.text, path.position, "MALFORMED_QUERY", reason)
            self._parents[full] = self._join(full, lookup, alias)
        return self._parents[full]

    def _step_from_name(self, start: Parent, name: str, path: Path) -> Parent:
        """From a record of any object to its profile or role, which only users have."""
        target = _BEHIND_NAMES.get(name.lower())
        if target is None or target not in self.catalog:
            raise no_such_relationship(self.query.text, path.position, name, "field path")
        full = (*start.path, target)
        if full not in self._parents:
            key = self._by_prefix(start, f"{target}Id")
            self._parents[full] = self._joined(full, self.catalog.object(target), key)
        return self._parents[full]

    def _join(self, full: tuple[str, ...], lookup: FieldType, alias: str) -> Parent:
        key = f"{alias}.{quoted(lookup.name)}"
        if lookup.polymorphic:
            return Parent(path=full, id_sql=key)
        return self._joined(full, self.catalog.object(lookup.reference_to[0]), key)

    def _joined(self, full: tuple[str, ...], target: ObjectType, key: str) -> Parent:
        joined = f"{self.alias}{len(self.joins) + 1}"
        self.joins.append(f'LEFT JOIN {quoted(target.name)} AS {joined} ON {joined}."Id" = {key}')
        return Parent(path=full, id_sql=f'{joined}."Id"', object=target, alias=joined)

    def _field(self, described: ObjectType, name: str, path: Path, parent: Parent) -> Column:
        found = described.field(name)
        if found is None:
            raise no_such_column(self.query.text, path.position, name, described.name)
        return Column(
            sql="NULL" if found.compound else found.sql(parent.alias),
            field=found,
            path=(*parent.path, found.name),
            parent=parent if parent.path else None,
            currency=self._currency(described, found, parent.alias),
        )

    def _currency(self, described: ObjectType, field: FieldType, alias: str) -> str | None:
        if field.type != "currency" or self.context.currencies is None:
            return None
        return (
            f"{alias}.{quoted(CODE_FIELD)}" if CODE_FIELD in self.catalog.stored_object(described.name).fields else None
        )

    def name_column(self, path: Path) -> Column:
        """What a record of any object has because it has a name; null where the object has no such field."""
        found = _NAME_FIELDS.get(path.names[-1].lower()) if len(path.names) == 1 else None
        if found is None:
            raise no_such_column(self.query.text, path.position, str(path), "Name")
        column = self.source.name_field if found.name == "Name" else found.name
        if found.name == "Type":
            sql = f"'{self.source.name}'"
        else:
            sql = self.own(column) if column is not None and self.source.has(column) else "NULL"
        return Column(sql=sql, field=found, path=(found.name,))

    def _name_field(self, parent: Parent, name: str, path: Path) -> Column:
        found = _NAME_FIELDS.get(name.lower())
        if found is None:
            raise no_such_column(self.query.text, path.position, name, "Name")
        sql = parent.id_sql if found.name == "Id" else self._by_prefix(parent, found.name)
        return Column(sql=sql, field=found, path=(*parent.path, found.name), parent=parent)

    def _by_prefix(self, parent: Parent, name: str) -> str:
        """The value from whichever object the id belongs to, told by its first three characters."""
        cases = []
        for target in self._targets(parent.path):
            column = target.name_field if name == "Name" else name
            if name == "Type":
                cases.append(f"WHEN '{target.id_prefix}' THEN '{target.name}'")
            elif column is not None and column in target.fields:
                from_target = f'FROM {quoted(target.name)} WHERE "Id" = {parent.id_sql}'
                value = f"(SELECT {quoted(column)} {from_target})"
                cases.append(f"WHEN '{target.id_prefix}' THEN {value}")
        return f"CASE substr({parent.id_sql}, 1, 3) {' '.join(cases)} END" if cases else "NULL"

    def _targets(self, path: tuple[str, ...]) -> list[ObjectType]:
        start = self._parents.get(path[:-1])
        described = self.source if start is None else start.object
        lookup = described.relationship(path[-1]) if described is not None else None
        names = lookup.reference_to if lookup is not None else ()
        return [self.catalog.object(name) for name in names if name in self.catalog]

    def _without_alias(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The path from the object on: an alias, or the object's own name, in front means nothing more."""
        if len(names) == 1:
            return names
        first = names[0].lower()
        if self.query.alias is not None and first == self.query.alias.lower():
            return names[1:]
        for path, alias in self.query.joined:
            if first == alias.lower():
                return (*self._without_alias(path.names), *names[1:])
        if first == self.source.name.lower() and self.source.relationship(first) is None:
            return names[1:]
        return names
