"""What the org knows about its objects and fields: the words a describe is made of.

All values are frozen; a change of metadata makes new ones, so a reader that holds an ObjectType holds a snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

COMPOUND_TYPES = frozenset({"address", "location"})
TEXT_TYPES = frozenset(
    {"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url", "base64", "anyType"}
)
REAL_TYPES = frozenset({"double", "currency", "percent"})
INTEGER_TYPES = frozenset({"boolean", "int", "long"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """What a roll-up summary field adds up: the children of a record, some of them or all."""

    child_object: str
    #: the child's field that points at the parent
    lookup: str
    #: count, sum, min or max
    operation: str
    #: what is added up; None for a count
    field: str | None = None
    #: (field of the child, operator, value in stored form)
    filters: tuple[tuple[str, str, str | int | float | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """One field of an object, with the flags a describe shows for it."""

    name: str
    type: str
    label: str
    length: int = 0
    #: where it is not what type and length imply
    byte_length: int | None = None
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    filterable: bool = True
    sortable: bool = True
    groupable: bool = False
    aggregatable: bool = False
    custom: bool = False
    #: objects a lookup may point at; more than one makes it polymorphic
    reference_to: tuple[str, ...] = ()
    #: the word in a SOQL path for the record the lookup points at ("Account" in Account.Name)
    relationship_name: str | None = None
    picklist_values: tuple[str, ...] = ()
    #: (value, label) where the label is another text
    picklist_labels: tuple[tuple[str, str], ...] = ()
    restricted_picklist: bool = False
    calculated: bool = False
    formula: str | None = None
    #: SQL by which the value is computed at reading; {row} stands for the record. Such a field has no column
    derivation: str | None = None
    roll_up: RollUp | None = None
    #: whether a formula counts an empty number as zero
    blank_is_zero: bool = True
    default: object = None
    defaulted_on_create: bool = False
    #: the compound field this one is a part of, such as BillingAddress
    compound_field_name: str | None = None
    name_field: bool = False
    auto_number: bool = False
    id_lookup: bool = False
    external_id: bool = False
    unique: bool = False
    extra_type_info: str | None = None

    @property
    def compound(self) -> bool:
        """Whether the value is put together from other fields at reading time and has no column of its own."""
        return self.type in COMPOUND_TYPES

    def sql(self, row: str) -> str:
        """The value in SQL, of the record that goes by this alias."""
        return f'{row}."{self.name}"' if self.derivation is None else self.derivation.replace("{row}", row)

    @property
    def stored(self) -> bool:
        """Whether the value has a column: neither put together nor computed at reading."""
        return not self.compound and self.derivation is None

    @property
    def polymorphic(self) -> bool:
        """Whether the lookup may point at records of several objects."""
        return len(self.reference_to) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRelationship:
    """A lookup from another object to this one, seen from here."""

    child_object: str
    field: str
    #: the word for the child subquery ("OpportunityLineItems"); None = cannot be sub-queried
    relationship_name: str | None = None
    cascade_delete: bool = False
    restricted_delete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """One object as the integration user sees it: hidden fields are absent."""

    name: str
    label: str
    label_plural: str
    #: the first three characters of its ids, as the describe tells them; histories and stages tell none
    key_prefix: str | None
    #: those characters where the describe is silent
    ids: str | None = None
    custom: bool = False
    queryable: bool = True
    createable: bool = False
    updateable: bool = False
    deletable: bool = False
    undeletable: bool = False
    mergeable: bool = False
    replicateable: bool = False
    searchable: bool = False
    bulk: bool = True
    #: a record deleted on its own goes to the recycle bin; without one it is physically removed
    recycle_bin: bool = True
    associate_type: str | None = None
    associate_parent: str | None = None
    fields: Mapping[str, FieldType]
    child_relationships: tuple[ChildRelationship, ...] = ()
    _by_lower: Mapping[str, FieldType] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_lower", {name.lower(): value for name, value in self.fields.items()})

    def field(self, name: str) -> FieldType | None:
        """The field of that name in any case; None if the object has none (or it is hidden)."""
        return self._by_lower.get(name.lower())

    def has(self, name: str) -> bool:
        """Whether the field exists and is visible."""
        return name.lower() in self._by_lower

    def relationship(self, name: str) -> FieldType | None:
        """The lookup field behind a parent path such as Account in Account.Name."""
        wanted = name.lower()
        for each in self.fields.values():
            if each.relationship_name is not None and each.relationship_name.lower() == wanted:
                return each
        return None

    def children(self, relationship_name: str) -> ChildRelationship | None:
        """The child relationship behind a subquery such as (SELECT Id FROM OpportunityLineItems)."""
        wanted = relationship_name.lower()
        for each in self.child_relationships:
            if each.relationship_name is not None and each.relationship_name.lower() == wanted:
                return each
        return None

    @property
    def name_field(self) -> str | None:
        """The field whose value is the record's name (Subject of a task, CaseNumber of a case)."""
        return next((each.name for each in self.fields.values() if each.name_field), None)

    @property
    def id_prefix(self) -> str:
        """The three characters every id of the object begins with."""
        return self.ids or self.key_prefix or ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that are stored, in describe order: all but compound and computed ones."""
        return tuple(each.name for each in self.fields.values() if each.stored)
