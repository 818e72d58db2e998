"""How a mirrored object becomes a PostgreSQL table.

A mirror table holds the records of one Salesforce object verbatim. Standard fields have a typed column named as
Heroku Connect names it (the API name in lower case); every other field is kept in `custom`, by its exact API name.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, MetaData, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

SCHEMA = "salesforce"
metadata = MetaData()

#: Objects of the mirror whose records people delete. Salesforce then clears the lookups to them and stamps nothing, so
#: whoever holds such a lookup is found by an index. Users can't be deleted, and history goes with its deal.
DELETABLE = frozenset({
    "Account", "AccountContactRelation", "AccountTeamMember", "Asset", "AssetStatePeriod", "Campaign",
    "CampaignMember", "Case", "Contact", "ContentDocument", "ContentDocumentLink", "ContentVersion", "Contract",
    "EmailMessage", "Event", "Note", "Opportunity", "OpportunityCompetitor", "OpportunityContactRole",
    "OpportunityLineItem", "OpportunityTeamMember", "Order", "OrderItem", "Partner", "PricebookEntry", "Product2",
    "Quote", "QuoteLineItem", "Task",
})  # fmt: skip


class Kind(StrEnum):
    """What a standard field holds, and so which column type keeps it exactly."""

    TEXT = "text"
    REFERENCE = "reference"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"

    def column_type(self) -> TypeEngine[Any]:
        """Return the SQL type of a column of this kind."""
        match self:
            case Kind.TEXT | Kind.REFERENCE:
                return Text()
            case Kind.BOOLEAN:
                return Boolean()
            case Kind.INTEGER:
                return BigInteger()
            case Kind.NUMBER:
                return Numeric()
            case Kind.DATE:
                return Date()
            case Kind.INSTANT:
                return DateTime(timezone=True)

    def cast(self, expression: str) -> str:
        """Return SQL that reads the text Salesforce sent as this kind (47.0 is a valid integer on its wire)."""
        match self:
            case Kind.TEXT | Kind.REFERENCE:
                return expression
            case Kind.BOOLEAN:
                return f"{expression}::boolean"
            case Kind.INTEGER:
                return f"{expression}::numeric::bigint"
            case Kind.NUMBER:
                return f"{expression}::numeric"
            case Kind.DATE:
                return f"{expression}::date"
            case Kind.INSTANT:
                return f"{expression}::timestamptz"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardField:
    """One standard field of a mirrored object."""

    name: str
    kind: Kind
    reference_to: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """The column that holds it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """One mirrored object: its table and the standard fields that have a column of their own."""

    object_name: str
    table: Table
    fields: dict[str, StandardField]
    """By column name; the Id is not among them."""
    shared: bool = False
    """Whether other objects have their records in the same table, told apart by the column `object`."""
    parent_source: str | None = None
    """The field whose value is also kept as `parentid`, where the table is shared."""

    @property
    def name(self) -> str:
        """The table's name within its schema."""
        return self.table.name

    @property
    def records(self) -> str:
        """SQL for this object's records in the mirror, tombstones included."""
        return self._own(SCHEMA)

    @property
    def closure(self) -> str:
        """SQL for this object's records that are in the closure now."""
        return self._own("closure")

    @property
    def joined(self) -> list[str]:
        """The columns by which this object's records are found from others, and others from them."""
        lookups = [field.column for field in self.fields.values() if field.kind is Kind.REFERENCE]
        return ["org_id", "id", *(["object"] if self.shared else []), *lookups, "tombstone"]

    def _own(self, schema: str) -> str:
        if not self.shared:
            return f"{schema}.{self.name}"
        if not self.object_name.replace("_", "").isalnum():
            raise ValueError(f"not an object name: {self.object_name!r}")
        return f"(SELECT * FROM {schema}.{self.name} WHERE object = '{self.object_name}')"  # noqa: S608 - checked above

    def references_to(self, target: str) -> list[str]:
        """Return the columns that may hold the Id of a record of `target`."""
        return [field.column for field in self.fields.values() if target in field.reference_to]


def mirror(object_name: str, fields: str, *, indexed: tuple[str, ...] = (), searched: str | None = None) -> Mirror:
    """Declare the mirror of one object.

    Args:
        object_name: its API name.
        fields: a line `ApiName kind [objects it refers to]` per standard field.
        indexed: the columns by which the closure finds its records. Other lookups to what people delete have an index
            of the records that fill them.
        searched: the column in which people search for words.
    """
    parsed = [_field(line.split()) for line in fields.strip().splitlines()]
    table = Table(
        object_name.lower(),
        metadata,
        Column("org_id", Text, primary_key=True),
        Column("id", Text, primary_key=True),
        *(Column(field.column, field.kind.column_type()) for field in parsed),
        Column("custom", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
        # Which pass read this copy, and how we know that the record is gone (NULL: it is there).
        Column("generation", BigInteger, nullable=False),
        Column("tombstone", Text),
        Column("landed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        schema=SCHEMA,
    )
    for column in indexed:
        Index(f"{table.name}_{column}", table.c.org_id, table.c[column])
    for field in parsed:
        if field.column not in indexed and not DELETABLE.isdisjoint(field.reference_to):
            lookup = table.c[field.column]
            # Most of these lookups are empty in most records.
            Index(f"{table.name}_{field.column}", table.c.org_id, lookup, postgresql_where=lookup.is_not(None))
    if searched is not None:
        trigrams(table, searched)
    return Mirror(object_name=object_name, table=table, fields={field.column: field for field in parsed})


def trigrams(table: Table, column: str) -> None:
    """Index a column for the search of parts of words."""
    name = f"{table.name}_{column}_trigrams"
    Index(name, table.c[column], postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})


def _field(words: list[str]) -> StandardField:
    name, kind, *targets = words
    return StandardField(name=name, kind=Kind(kind), reference_to=tuple(targets))
