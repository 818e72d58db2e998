"""What was offered and signed: quotes, their lines, and contracts."""

from models.mirror.table import Mirror, mirror

QUOTE: Mirror = mirror(
    "Quote",
    """
    OwnerId reference Group User
    IsDeleted boolean
    Name text
    RecordTypeId reference RecordType
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    OpportunityId reference Opportunity
    Pricebook2Id reference Pricebook2
    ContactId reference Contact
    QuoteNumber text
    IsSyncing boolean
    ShippingHandling number
    Tax number
    Status text
    ExpirationDate date
    Description text
    Subtotal number
    TotalPrice number
    LineItemCount integer
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
    QuoteToStreet text
    QuoteToCity text
    QuoteToState text
    QuoteToPostalCode text
    QuoteToCountry text
    QuoteToLatitude number
    QuoteToLongitude number
    QuoteToGeocodeAccuracy text
    AdditionalStreet text
    AdditionalCity text
    AdditionalState text
    AdditionalPostalCode text
    AdditionalCountry text
    AdditionalLatitude number
    AdditionalLongitude number
    AdditionalGeocodeAccuracy text
    BillingName text
    ShippingName text
    QuoteToName text
    AdditionalName text
    Email text
    Phone text
    Fax text
    ContractId reference Contract
    AccountId reference Account
    Discount number
    GrandTotal number
    CanCreateQuoteLineItems boolean
    """,
    indexed=("opportunityid",),
)

CONTRACT: Mirror = mirror(
    "Contract",
    """
    AccountId reference Account
    CurrencyIsoCode text
    Pricebook2Id reference Pricebook2
    OwnerExpirationNotice text
    StartDate date
    EndDate date
    BillingStreet text
    BillingCity text
    BillingState text
    BillingPostalCode text
    BillingCountry text
    BillingLatitude number
    BillingLongitude number
    BillingGeocodeAccuracy text
    ContractTerm integer
    OwnerId reference User
    Status text
    CompanySignedId reference User
    CompanySignedDate date
    CustomerSignedId reference Contact
    CustomerSignedTitle text
    CustomerSignedDate date
    SpecialTerms text
    ActivatedById reference User
    ActivatedDate instant
    StatusCode text
    Description text
    IsDeleted boolean
    ContractNumber text
    LastApprovedDate instant
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    LastActivityDate date
    ShippingStreet text
    ShippingCity text
    ShippingState text
    ShippingPostalCode text
    ShippingCountry text
    ShippingLatitude number
    ShippingLongitude number
    ShippingGeocodeAccuracy text
    RecordTypeId reference RecordType
    """,
    indexed=("accountid",),
)

QUOTE_LINE_ITEM: Mirror = mirror(
    "QuoteLineItem",
    """
    IsDeleted boolean
    LineNumber text
    CurrencyIsoCode text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    QuoteId reference Quote
    PricebookEntryId reference PricebookEntry
    OpportunityLineItemId reference OpportunityLineItem
    Quantity number
    UnitPrice number
    Discount number
    HasRevenueSchedule boolean
    HasQuantitySchedule boolean
    Description text
    ServiceDate date
    Product2Id reference Product2
    SortOrder integer
    HasSchedule boolean
    ListPrice number
    Subtotal number
    TotalPrice number
    """,
    indexed=("quoteid", "product2id", "pricebookentryid"),
)
