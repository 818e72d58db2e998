"""What was ordered and what the customer has: orders, their lines, assets and their states over time."""

from models.mirror.table import Mirror, mirror

ORDER: Mirror = mirror(
    "Order",
    """
    OwnerId reference Group User
    ContractId reference Contract
    AccountId reference Account
    Pricebook2Id reference Pricebook2
    OriginalOrderId reference Order
    EffectiveDate date
    EndDate date
    IsReductionOrder boolean
    Status text
    Description text
    CustomerAuthorizedById reference Contact
    CustomerAuthorizedDate date
    CompanyAuthorizedById reference User
    CompanyAuthorizedDate date
    Type text
    BillingStreet text
    BillingCity text
    BillingState text
    BillingPostalCode text
    BillingCountry text
    BillingLatitude number
    BillingLongitude number
    BillingGeocodeAccuracy text
    ShippingStreet text
    ShippingCity text
    ShippingState text
    ShippingPostalCode text
    ShippingCountry text
    ShippingLatitude number
    ShippingLongitude number
    ShippingGeocodeAccuracy text
    Name text
    PoDate date
    PoNumber text
    OrderReferenceNumber text
    BillToContactId reference Contact
    ShipToContactId reference Contact
    ActivatedDate instant
    ActivatedById reference User
    StatusCode text
    CurrencyIsoCode text
    OrderNumber text
    TotalAmount number
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    IsDeleted boolean
    SystemModstamp instant
    RecordTypeId reference RecordType
    """,
    indexed=("accountid",),
)

ORDER_ITEM: Mirror = mirror(
    "OrderItem",
    """
    Product2Id reference Product2
    IsDeleted boolean
    OrderId reference Order
    PricebookEntryId reference PricebookEntry
    OriginalOrderItemId reference OrderItem
    AvailableQuantity number
    Quantity number
    CurrencyIsoCode text
    UnitPrice number
    ListPrice number
    TotalPrice number
    ServiceDate date
    EndDate date
    Description text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    OrderItemNumber text
    """,
    indexed=(
        "orderid",
        "product2id",
        "pricebookentryid",
    ),
)

ASSET: Mirror = mirror(
    "Asset",
    """
    ContactId reference Contact
    AccountId reference Account
    ParentId reference Asset
    RootAssetId reference Asset
    Product2Id reference Product2
    ProductCode text
    IsCompetitorProduct boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsDeleted boolean
    CurrencyIsoCode text
    Name text
    SerialNumber text
    InstallDate date
    PurchaseDate date
    UsageEndDate date
    LifecycleStartDate instant
    LifecycleEndDate instant
    Status text
    Price number
    Quantity number
    Description text
    OwnerId reference User
    AssetProvidedById reference Account
    AssetServicedById reference Account
    IsInternal boolean
    AssetLevel integer
    StockKeepingUnit text
    HasLifecycleManagement boolean
    CurrentMrr number
    CurrentLifecycleEndDate instant
    CurrentQuantity number
    CurrentAmount number
    TotalLifecycleAmount number
    Street text
    City text
    State text
    PostalCode text
    Country text
    Latitude number
    Longitude number
    GeocodeAccuracy text
    """,
    indexed=(
        "accountid",
        "product2id",
    ),
)

ASSET_STATE_PERIOD: Mirror = mirror(
    "AssetStatePeriod",
    """
    IsDeleted boolean
    AssetStatePeriodNumber text
    CurrencyIsoCode text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    AssetId reference Asset
    StartDate instant
    EndDate instant
    Quantity number
    Mrr number
    Amount number
    """,
    indexed=("assetid",),
)
