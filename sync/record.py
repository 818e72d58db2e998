"""What one Salesforce record, object and org look like once they have reached us.

These are the values that cross the stages of the pipeline. They know nothing of HTTP, SQL or files, so every stage may
use them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: One record in REST form without "attributes": numbers are exact (Decimal, or int where Salesforce sent no fraction),
#: booleans bool, dates and instants the text Salesforce sent. Keys are field names in Salesforce's own spelling.
Record = dict[str, Any]
Records = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an object, as describe told it."""

    name: str
    type: str
    label: str
    reference_to: tuple[str, ...] = ()
    custom: bool = False
    calculated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectShape:
    """All that describe said about an object: its fields, and whether it can be queried and replicated."""

    name: str
    label: str
    fields: tuple[Field, ...]
    key_prefix: str | None = None
    replicateable: bool = True
    queryable: bool = True
    #: lookups of the org's own objects to this one: (object, field)
    own_children: tuple[tuple[str, str], ...] = ()
    #: the Last-Modified of the describe, for If-Modified-Since
    last_modified: str | None = None
    #: a hash of what was described: fields, their values and formulas, and what may be read
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """The answer for an object whose description is the one we know already."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The fields we read of an object, Id first."""

    shape: ObjectShape
    fields: tuple[Field, ...]

    @property
    def object_name(self) -> str:
        """The object whose fields these are."""
        return self.shape.name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields in the order in which they are selected."""
        return tuple(field.name for field in self.fields)

    def has(self, name: str) -> bool:
        """Whether the field is read, i.e. exists in this org and may be seen."""
        return any(field.name == name for field in self.fields)

    def without(self, name: str) -> "Selection":
        """The same selection less one field that turned out to be hidden."""
        return Selection(shape=self.shape, fields=tuple(field for field in self.fields if field.name != name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open time span [low, high) that is read in one frozen pass. Both ends are aware and UTC."""

    low: datetime
    high: datetime

    def __post_init__(self) -> None:
        if self.low.tzinfo is None or self.high.tzinfo is None:
            message = "A window needs aware instants: give low and high a time zone."
            raise ValueError(message)
        if self.low >= self.high:
            message = f"A window runs forward in time, but {self.low} is not before {self.high}: check the watermark."
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOf:
    """All children that some parents have of one object. `complete` says that their number was verified.

    Only a complete set may delete: a child of these parents that we hold and that is not in `records` is gone.
    """

    object_name: str
    records: Records
    parent_field: str
    parent_ids: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgIdentity:
    """Which org answered: its 18-character id, its name, and what the rest of the store must know of it."""

    org_id: str
    name: str
    instance_url: str
    is_sandbox: bool
    organization_type: str
    time_zone: str
    fiscal_year_start_month: int
    #: the code of the only currency; None in a multi-currency org, where each record carries its own
    currency: str | None
