"""What SELECT asks for: the columns to read, and the form a record has in a REST reply.

A record is a tree: plain values, the records its lookups point at, compound fields, its children, and fields that
depend on what a lookup points at. Each leaf knows its place in the row that SQLite gives.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from demo_org.catalog import Catalog, FieldType, ObjectType
from demo_org.soql import syntax
from demo_org.soql.context import Context
from demo_org.soql.errors import error_at, no_such_object, no_such_relationship
from demo_org.soql.operands import bind
from demo_org.soql.scope import Column, Parent, Scope

_ADDRESS_PARTS = (
    ("city", "City"), ("country", "Country"), ("countryCode", "CountryCode"), ("geocodeAccuracy", "GeocodeAccuracy"),
    ("latitude", "Latitude"), ("longitude", "Longitude"), ("postalCode", "PostalCode"), ("state", "State"),
    ("stateCode", "StateCode"), ("street", "Street"),
)  # fmt: skip


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


class Selection:
    """The SELECT list of one statement over its scope."""

    def __init__(self, context: Context, scope: Scope, items: tuple[syntax.SelectItem, ...]) -> None:
        self.scope = scope
        self.columns: list[Column] = []
        self._context = context
        self._sql: dict[str, int] = {}
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
            case syntax.SelectField(operand, _):
                self._add_operand(operand)
            case syntax.AllFields(kind):
                for each in fields_of(self.scope.source, kind):
                    self._add_column(self.scope.column(syntax.Path((each.name,), item.position)), item.position)
            case syntax.ChildQuery(query):
                self._add_children(query)
            case syntax.TypeOf():
                self._add_type_of(item)

    def _add_operand(self, operand: syntax.Operand) -> None:
        column = bind(self.scope, operand)
        if isinstance(operand, syntax.Call) and not column.path:
            reason = f"{operand.name} can be selected in a grouped query only"
            raise error_at(self.scope.query.text, operand.position, "MALFORMED_QUERY", reason)
        self._add_column(column, operand.position)

    def _add_column(self, column: Column, position: int) -> None:
        branch = self.root if column.parent is None else self._branch(column.parent)
        name = column.path[-1]
        if name in branch.entries:
            reason = f"duplicate field selected: {column.name}"
            raise error_at(self.scope.query.text, position, "INVALID_FIELD", reason)
        self.columns.append(column)
        if column.field.type == "datetime":
            self.instants.add(column.sql)
        branch.entries[name] = self._compound(column) or Leaf(index=self._place(column.sql), field=column.field)

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
        name = query.source.names[-1]
        relationship = self.scope.source.children(name)
        if relationship is None or relationship.child_object not in self._context.catalog:
            raise no_such_relationship(query.text, query.source.position, name, "FROM part of query call")
        child = self._context.catalog.object(relationship.child_object)
        scope = Scope(self._context.catalog, child, query)
        assert relationship.relationship_name is not None
        self.root.entries[relationship.relationship_name] = Children(
            selection=Selection(self._context, scope, query.select), lookup=relationship.field, query=query
        )

    def _add_type_of(self, item: syntax.TypeOf) -> None:
        lookup = self.scope.source.relationship(item.lookup.names[-1])
        if lookup is None or not lookup.polymorphic or len(item.lookup.names) > 1:
            place = "field path"
            raise no_such_relationship(self.scope.query.text, item.lookup.position, str(item.lookup), place)
        asked = {self._target(name).name: paths for name, paths in item.branches}
        selections = {}
        for target in (self._context.catalog.find(name) for name in lookup.reference_to):
            paths = item.otherwise if target is None else asked.get(target.name, item.otherwise)
            if target is not None and paths:
                scope = Scope(self._context.catalog, target, self.scope.query)
                fields = tuple(syntax.SelectField(path) for path in paths)
                selections[target.id_prefix] = Selection(self._context, scope, fields)
        assert lookup.relationship_name is not None
        index = self._place(self.scope.own(lookup.name))
        self.root.entries[lookup.relationship_name] = ByType(id_index=index, selections=selections)

    def _target(self, name: syntax.Path) -> ObjectType:
        found = self._context.catalog.find(str(name))
        if found is None:
            raise no_such_object(self.scope.query.text, name.position, str(name))
        return found

    def _place(self, sql: str) -> int:
        return self._sql.setdefault(sql, len(self._sql))


def fields_of(described: ObjectType, kind: str) -> list[FieldType]:
    """The fields FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM) stands for."""
    wanted = {"ALL": {True, False}, "STANDARD": {False}, "CUSTOM": {True}}[kind]
    return [each for each in described.fields.values() if each.custom in wanted]


def parts_of(described: ObjectType, compound: FieldType) -> list[tuple[str, str]]:
    """The key in the compound value and the field it comes from, as far as the object has them."""
    if compound.type == "location":
        stem = compound.name.removesuffix("__c")
        names = [("latitude", f"{stem}__Latitude__s"), ("longitude", f"{stem}__Longitude__s")]
    else:
        stem = compound.name.removesuffix("Address")
        names = [(key, f"{stem}{part}") for key, part in _ADDRESS_PARTS]
    return [(key, name) for key, name in names if described.has(name)]


def types_by_prefix(catalog: Catalog) -> dict[str, str]:
    """The object an id belongs to by its first three characters."""
    return {each.key_prefix: each.name for each in catalog.objects.values() if each.key_prefix}
