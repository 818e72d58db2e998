"""How people were won over: campaigns and who took part in them."""

from models.mirror.table import Mirror, mirror

CAMPAIGN: Mirror = mirror(
    "Campaign",
    """
    IsDeleted boolean
    Name text
    ParentId reference Campaign
    Type text
    Status text
    StartDate date
    EndDate date
    CurrencyIsoCode text
    ExpectedRevenue number
    BudgetedCost number
    ActualCost number
    ExpectedResponse number
    NumberSent number
    IsActive boolean
    Description text
    NumberOfLeads integer
    NumberOfConvertedLeads integer
    NumberOfContacts integer
    NumberOfResponses integer
    NumberOfOpportunities integer
    NumberOfWonOpportunities integer
    AmountAllOpportunities number
    AmountWonOpportunities number
    OwnerId reference User
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    LastActivityDate date
    CampaignMemberRecordTypeId reference RecordType
    RecordTypeId reference RecordType
    HierarchyNumberOfLeads integer
    HierarchyNumberOfConvertedLeads integer
    HierarchyNumberOfContacts integer
    HierarchyNumberOfResponses integer
    HierarchyNumberOfOpportunities integer
    HierarchyNumberOfWonOpportunities integer
    HierarchyAmountAllOpportunities number
    HierarchyAmountWonOpportunities number
    HierarchyNumberSent number
    HierarchyExpectedRevenue number
    HierarchyBudgetedCost number
    HierarchyActualCost number
    TotalEmailsDelivered integer
    UniqueEmailOpens integer
    UniqueEmailTrackedLinkClicks integer
    TotalFormViews integer
    TotalFormSubmissions integer
    UniqueMarketingLinkClicks integer
    TotalLandingPageViews integer
    TotalLandingPageFormSubmissions integer
    HierarchyTotalEmailsDelivered integer
    HierarchyUniqueEmailOpens integer
    HierarchyUniqueEmailTrackedLinkClicks integer
    HierarchyTotalFormViews integer
    HierarchyTotalFormSubmissions integer
    HierarchyUniqueMarketingLinkClicks integer
    HierarchyTotalLandingPageViews integer
    HierarchyTotalLandingPageFormSubmissions integer
    """,
)

CAMPAIGN_MEMBER: Mirror = mirror(
    "CampaignMember",
    """
    IsDeleted boolean
    CampaignId reference Campaign
    LeadId reference Lead
    ContactId reference Contact
    Status text
    HasResponded boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    FirstRespondedDate date
    CurrencyIsoCode text
    Salutation text
    Name text
    FirstName text
    LastName text
    Title text
    Street text
    City text
    State text
    PostalCode text
    Country text
    Email text
    Phone text
    Fax text
    MobilePhone text
    Description text
    DoNotCall boolean
    HasOptedOutOfEmail boolean
    HasOptedOutOfFax boolean
    LeadSource text
    CompanyOrAccount text
    Type text
    LeadOrContactId reference Contact Lead
    LeadOrContactOwnerId reference Group User
    """,
    indexed=(
        "contactid",
        "campaignid",
    ),
)
