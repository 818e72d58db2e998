"""The deal itself and what hangs on it: line items, contact roles, stage history, and the list of stages."""

from models.mirror.table import Mirror, mirror

OPPORTUNITY: Mirror = mirror(
    "Opportunity",
    """
    IsDeleted boolean
    AccountId reference Account
    IsPrivate boolean
    Name text
    Description text
    StageName text
    Amount number
    Probability number
    ExpectedRevenue number
    TotalOpportunityQuantity number
    CloseDate date
    Type text
    NextStep text
    LeadSource text
    IsClosed boolean
    IsWon boolean
    ForecastCategory text
    ForecastCategoryName text
    CurrencyIsoCode text
    CampaignId reference Campaign
    HasOpportunityLineItem boolean
    Pricebook2Id reference Pricebook2
    OwnerId reference User
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    LastActivityDate date
    PushCount integer
    LastStageChangeDate instant
    FiscalQuarter integer
    FiscalYear integer
    Fiscal text
    ContactId reference Contact
    LastAmountChangedHistoryId reference OpportunityHistory
    LastCloseDateChangedHistoryId reference OpportunityHistory
    RecordTypeId reference RecordType
    ContractId reference Contract
    SyncedQuoteId reference Quote
    """,
    searched="name",
    indexed=("accountid", "ownerid", "campaignid"),
)

OPPORTUNITY_LINE_ITEM: Mirror = mirror(
    "OpportunityLineItem",
    """
    OpportunityId reference Opportunity
    SortOrder integer
    PricebookEntryId reference PricebookEntry
    Product2Id reference Product2
    ProductCode text
    Name text
    CurrencyIsoCode text
    Quantity number
    Subtotal number
    Discount number
    TotalPrice number
    UnitPrice number
    ListPrice number
    ServiceDate date
    Description text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsDeleted boolean
    HasRevenueSchedule boolean
    HasQuantitySchedule boolean
    HasSchedule boolean
    CanUseQuantitySchedule boolean
    CanUseRevenueSchedule boolean
    """,
    indexed=(
        "opportunityid",
        "product2id",
    ),
)

OPPORTUNITY_CONTACT_ROLE: Mirror = mirror(
    "OpportunityContactRole",
    """
    OpportunityId reference Opportunity
    ContactId reference Contact
    Role text
    IsPrimary boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsDeleted boolean
    CurrencyIsoCode text
    """,
    indexed=(
        "opportunityid",
        "contactid",
    ),
)

OPPORTUNITY_HISTORY: Mirror = mirror(
    "OpportunityHistory",
    """
    OpportunityId reference Opportunity
    CreatedById reference User
    CreatedDate instant
    StageName text
    Amount number
    ExpectedRevenue number
    CloseDate date
    Probability number
    ForecastCategory text
    CurrencyIsoCode text
    SystemModstamp instant
    IsDeleted boolean
    PrevAmount number
    PrevCloseDate date
    """,
    indexed=("opportunityid",),
)

OPPORTUNITY_STAGE: Mirror = mirror(
    "OpportunityStage",
    """
    MasterLabel text
    ApiName text
    IsActive boolean
    SortOrder integer
    IsClosed boolean
    IsWon boolean
    ForecastCategory text
    ForecastCategoryName text
    DefaultProbability number
    Description text
    CreatedById reference User
    CreatedDate instant
    LastModifiedById reference User
    LastModifiedDate instant
    SystemModstamp instant
    """,
)
