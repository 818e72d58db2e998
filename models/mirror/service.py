"""What the customer asked for help with."""

from models.mirror.table import Mirror, mirror

CASE: Mirror = mirror(
    "Case",
    """
    IsDeleted boolean
    MasterRecordId reference Case
    CaseNumber text
    ContactId reference Contact
    AccountId reference Account
    AssetId reference Asset
    ParentId reference Case
    SuppliedName text
    SuppliedEmail text
    SuppliedPhone text
    SuppliedCompany text
    Type text
    Status text
    Reason text
    Origin text
    Subject text
    Priority text
    Description text
    IsClosed boolean
    ClosedDate instant
    IsEscalated boolean
    CurrencyIsoCode text
    OwnerId reference Group User
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    ContactPhone text
    ContactMobile text
    ContactEmail text
    ContactFax text
    Comments text
    RecordTypeId reference RecordType
    Language text
    """,
    indexed=("accountid",),
)
