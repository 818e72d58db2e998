"""What SELECT asks for: the columns to read, and the form a record has in a REST reply.

A record is a tree: plain values, the records its lookups point at, compound fields, its children, and fields that
depend on what a lookup points at. Each leaf knows its place in the row that SQLite gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeAlias

from demo_org.catalog import Catalog, FieldType, ObjectType
from demo_org.soql import syntax
from demo_org.soql.compound import parts_of
from demo_org.soql.context import Context
from demo_org.soql.errors import SoqlError, error_at, no_such_children, no_such_object, no_such_relationship
from demo_org.soql.operand_parser import NAMED_BY_FIELD
from demo_org.soql.operands import bind, innermost
from demo_org.soql.scope import Column, Parent, Scope
from demo_org.soql.sql import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One plain value of the row."""

    index: int
    field: FieldType


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """An address or a place, put together from several values of the row."""

    parts: tuple[tuple[str, int], ...]


@dataclass(slots=True, kw_only=True)
class Branch:
    """The record itself, or one a lookup points at; the row holds its id."""

    id_index: int
    #: None for a lookup that may point at several objects: its record is shown as a "Name"
    object_name: str | None
    entries: "dict[str, Entry]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """The children of a record, read by their lookup to it."""

    selection: "Selection"
    lookup: str
    query: syntax.Query


@dataclass(frozen=True, slots=True, kw_only=True)
class ByType:
    """The record a lookup points at, with other fields for each object."""

    id_index: int
    #: the first three characters of an id -> what to read
    selections: dict[str, "Selection"]


Entry: TypeAlias = Leaf | Compound | Branch | Children | ByType


def related(branch: Branch) -> Iterator[Children | ByType]:
    """What a record needs from other tables, at any depth."""
    for entry in branch.entries.values():
        if isinstance(entry, Branch):
            yield from related(entry)
        elif isinstance(entry, Children | ByType):
            yield entry


class Selection:
    """The SELECT list of one statement over its scope."""

    def __init__(self, context: Context, scope: Scope, items: tuple[syntax.SelectItem, ...]) -> None:
        self.scope = scope
        self.columns: list[Column] = []
        self._context = context
        self._sql: dict[str, int] = {}
        self._numbers = count()
        #: the expressions that give instants
        self.instants: set[str] = set()
        self.root = Branch(id_index=self._place(scope.own("Id")), object_name=scope.source.name)
        for item in items:
            self._add(item)

    @property
    def expressions(self) -> list[str]:
        """SQL of the values of a row, in their order."""
        return list(self._sql)

    @property
    def nested(self) -> bool:
        """Whether a record is more than a list of values."""
        return any(not isinstance(entry, Leaf) for entry in self.root.entries.values())

    def _add(self, item: syntax.SelectItem) -> None:
        match item:
            case syntax.SelectField(operand, alias):
                self._add_operand(operand, alias)
            case syntax.AllFields(kind):
                for each in fields_of(self.scope.source, kind):
                    self._add_column(self.scope.column(syntax.Path((each.name,), item.position)), item.position)
            case syntax.ChildQuery(query):
                self._add_children(query)
            case syntax.TypeOf():
                self._add_type_of(item)

    def _add_operand(self, operand: syntax.Operand, alias: str | None) -> None:
        column = bind(self.scope, operand)
        if isinstance(operand, syntax.Call) and operand.name not in NAMED_BY_FIELD:
            # A part of a date makes groups of records (SOQL guide, "Date Functions").
            field = self.scope.column(innermost(operand)).field.name
            raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {field}")
        if isinstance(operand, syntax.Distance) and alias is None:
            alias = f"expr{next(self._numbers)}"
        if alias is not None:
            column = replace(column, path=(alias,), parent=None)
        self._add_column(column, operand.position)

    def _add_column(self, column: Column, position: int) -> None:
        branch = self.root if column.parent is None else self._branch(column.parent)
        self._place_entry(branch, column, position)

    def _place_entry(self, branch: Branch, column: Column, position: int) -> None:
        name = column.path[-1]
        if name in branch.entries:
            raise self._twice(column.name, position)
        self.columns.append(column)
        if column.field.type == "datetime":
            self.instants.add(column.sql)
        branch.entries[name] = self._compound(column) or Leaf(index=self._place(column.sql), field=column.field)

    def _twice(self, name: str, position: int) -> SoqlError:
        return error_at(self.scope.query.text, position, "INVALID_FIELD", f"duplicate field selected: {name}")

    def _branch(self, parent: Parent) -> Branch:
        branch = self.root
        for depth in range(1, len(parent.path) + 1):
            name = parent.path[depth - 1]
            found = branch.entries.get(name)
            if not isinstance(found, Branch):
                step = self.scope.parent(parent.path[:depth], syntax.Path(parent.path))
                assert step is not None, "a path of at least one lookup leads to a parent"
                described = step.object
                found = Branch(
                    id_index=self._place(step.id_sql), object_name=None if described is None else described.name
                )
                branch.entries[name] = found
            branch = found
        return branch

    def _compound(self, column: Column) -> Compound | None:
        if not column.field.compound:
            return None
        described = self.scope.source
        alias = self.scope.alias
        if column.parent is not None and column.parent.object is not None:
            described, alias = column.parent.object, column.parent.alias
        parts = [(key, f'{alias}."{name}"') for key, name in parts_of(described, column.field)]
        return Compound(parts=tuple((key, self._place(sql)) for key, sql in parts))

    def _add_children(self, query: syntax.Query) -> None:
        name = self._child_name(query)
        relationship = self.scope.source.children(name)
        if relationship is None or relationship.child_object not in self._context.catalog:
            raise no_such_children(query.text, query.source.position, name)
        child = self._context.catalog.object(relationship.child_object)
        scope = Scope(self._context, child, query)
        assert relationship.relationship_name is not None
        if relationship.relationship_name in self.root.entries:
            raise self._twice(relationship.relationship_name, query.source.position)
        self.root.entries[relationship.relationship_name] = Children(
            selection=Selection(self._context, scope, query.select), lookup=relationship.field, query=query
        )

    def _child_name(self, query: syntax.Query) -> str:
        """The children's name; the object or its alias may stand in front of it."""
        names = query.source.names
        outer = {self.scope.source.name.lower(), (self.scope.query.alias or self.scope.source.name).lower()}
        if len(names) > 1 and names[0].lower() in outer:
            names = names[1:]
        if len(names) > 1:
            reason = "First SObject of a nested query must be a child of its outer query."
            raise error_at(query.text, query.source.position, "MALFORMED_QUERY", reason)
        return names[0]

    def _add_type_of(self, item: syntax.TypeOf) -> None:
        parent = self.scope.parent(item.lookup.names[:-1], item.lookup)
        described = self.scope.source if parent is None else parent.object
        lookup = None if described is None else described.relationship(item.lookup.names[-1])
        if lookup is None or not lookup.polymorphic:
            place = "field path"
            raise no_such_relationship(self.scope.query.text, item.lookup.position, str(item.lookup), place)
        selections = self._by_type(item, lookup)
        assert lookup.relationship_name is not None
        branch = self.root if parent is None else self._branch(parent)
        if lookup.relationship_name in branch.entries:
            raise self._twice(lookup.relationship_name, item.lookup.position)
        alias = self.scope.alias if parent is None else parent.alias
        index = self._place(f"{alias}.{quoted(lookup.name)}")
        branch.entries[lookup.relationship_name] = ByType(id_index=index, selections=selections)

    def _by_type(self, item: syntax.TypeOf, lookup: FieldType) -> "dict[str, Selection]":
        """What to read of each object the lookup may point at; where no WHEN fits, fields that every name has."""
        asked = {self._target(name, lookup).name: paths for name, paths in item.branches}
        found = {}
        for target in (self._context.catalog.find(name) for name in lookup.reference_to):
            if target is None:
                continue
            scope = Scope(self._context, target, replace(self.scope.query, scope=None))
            fields = tuple(syntax.SelectField(path) for path in asked.get(target.name, ()))
            if fields:
                found[target.id_prefix] = Selection(self._context, scope, fields)
            elif item.otherwise:
                named = Selection(self._context, scope, ())
                for path in item.otherwise:
                    named._place_entry(named.root, scope.name_column(path), path.position)
                found[target.id_prefix] = named
        return found

    def _target(self, name: syntax.Path, lookup: FieldType) -> ObjectType:
        found = self._context.catalog.find(str(name))
        if found is None:
            raise no_such_object(self.scope.query.text, name.position, str(name))
        if found.name not in lookup.reference_to:
            reason = f"{lookup.relationship_name} cannot refer to a record of type {found.name}"
            raise error_at(self.scope.query.text, name.position, "MALFORMED_QUERY", reason)
        return found

    def _place(self, sql: str) -> int:
        return self._sql.setdefault(sql, len(self._sql))


def fields_of(described: ObjectType, kind: str) -> list[FieldType]:
    """The fields FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM) stands for."""
    wanted = {"ALL": {True, False}, "STANDARD": {False}, "CUSTOM": {True}}[kind]
    return [each for each in described.fields.values() if each.custom in wanted]


def types_by_prefix(catalog: Catalog) -> dict[str, str]:
    """The object an id belongs to by its first three characters."""
    return {each.id_prefix: each.name for each in catalog.objects.values() if each.id_prefix}
