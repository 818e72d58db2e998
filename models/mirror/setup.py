"""What an org has set up that gives records their meaning: record types and currencies."""

from models.mirror.table import Mirror, mirror

RECORD_TYPE: Mirror = mirror(
    "RecordType",
    """
    Name text
    DeveloperName text
    NamespacePrefix text
    Description text
    SobjectType text
    IsActive boolean
    CreatedById reference User
    CreatedDate instant
    LastModifiedById reference User
    LastModifiedDate instant
    SystemModstamp instant
    """,
)

CURRENCY_TYPE: Mirror = mirror(
    "CurrencyType",
    """
    IsoCode text
    ConversionRate number
    DecimalPlaces integer
    IsActive boolean
    IsCorporate boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    """,
)
