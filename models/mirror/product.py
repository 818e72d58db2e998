"""What can be sold: products and their prices."""

from models.mirror.table import Mirror, mirror

PRODUCT2: Mirror = mirror(
    "Product2",
    """
    Name text
    ProductCode text
    Description text
    IsActive boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    Family text
    CurrencyIsoCode text
    ExternalDataSourceId reference ExternalDataSource
    ExternalId text
    DisplayUrl text
    QuantityUnitOfMeasure text
    IsDeleted boolean
    IsArchived boolean
    StockKeepingUnit text
    Type text
    ProductClass text
    QuantityScheduleType text
    QuantityInstallmentPeriod text
    NumberOfQuantityInstallments integer
    RevenueScheduleType text
    RevenueInstallmentPeriod text
    NumberOfRevenueInstallments integer
    IsSerialized boolean
    RecordTypeId reference RecordType
    """,
)

PRICEBOOK_ENTRY: Mirror = mirror(
    "PricebookEntry",
    """
    Name text
    Pricebook2Id reference Pricebook2
    Product2Id reference Product2
    CurrencyIsoCode text
    UnitPrice number
    IsActive boolean
    UseStandardPrice boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    ProductCode text
    IsDeleted boolean
    IsArchived boolean
    """,
)
