"""Custom objects that look up to a deal or a customer: all of them share one table."""

from functools import cache

from sqlalchemy import Index

from models.mirror.table import Mirror, mirror

#: the column that holds what an object's own lookup field names: the deal or the account
PARENT_COLUMN = "parentid"
_TABLE = "custom_record"

CUSTOM_RECORD: Mirror = mirror(
    _TABLE,
    """
    Object text
    ParentId reference Opportunity Account
    Name text
    OwnerId reference Group User
    RecordTypeId reference RecordType
    CurrencyIsoCode text
    IsDeleted boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    """,
    indexed=("parentid",),
)
#: an org's own lookups have no columns, and what is deleted clears them without a stamp
Index(
    f"{_TABLE}_custom",
    CUSTOM_RECORD.table.c.custom,
    postgresql_using="gin",
    postgresql_ops={"custom": "jsonb_path_ops"},
)


@cache
def custom_mirror(object_name: str, parent_field: str) -> Mirror:
    """Return the mirror of a custom object whose lookup `parent_field` leads to a deal or an account."""
    fields = {column: field for column, field in CUSTOM_RECORD.fields.items() if column != "object"}
    return Mirror(
        object_name=object_name, table=CUSTOM_RECORD.table, fields=fields, shared=True, parent_source=parent_field
    )
