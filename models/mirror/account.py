"""Who bought: accounts and the contacts that belong to them."""

from models.mirror.table import Mirror, mirror

ACCOUNT: Mirror = mirror(
    "Account",
    """
    IsDeleted boolean
    MasterRecordId reference Account
    Name text
    Type text
    ParentId reference Account
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
    Phone text
    Fax text
    AccountNumber text
    Website text
    PhotoUrl text
    Sic text
    Industry text
    AnnualRevenue number
    NumberOfEmployees integer
    Ownership text
    TickerSymbol text
    Description text
    Rating text
    Site text
    CurrencyIsoCode text
    OwnerId reference User
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    LastActivityDate date
    Jigsaw text
    JigsawCompanyId text
    CleanStatus text
    AccountSource text
    DunsNumber text
    Tradestyle text
    NaicsCode text
    NaicsDesc text
    YearStarted text
    SicDesc text
    DandbCompanyId reference DandBCompany
    OperatingHoursId reference OperatingHours
    RecordTypeId reference RecordType
    IsPartner boolean
    IsCustomerPortal boolean
    ChannelProgramName text
    ChannelProgramLevelName text
    """,
    searched="name",
    indexed=("parentid",),
)

CONTACT: Mirror = mirror(
    "Contact",
    """
    IsDeleted boolean
    MasterRecordId reference Contact
    AccountId reference Account
    LastName text
    FirstName text
    Salutation text
    Name text
    OtherStreet text
    OtherCity text
    OtherState text
    OtherPostalCode text
    OtherCountry text
    OtherLatitude number
    OtherLongitude number
    OtherGeocodeAccuracy text
    MailingStreet text
    MailingCity text
    MailingState text
    MailingPostalCode text
    MailingCountry text
    MailingLatitude number
    MailingLongitude number
    MailingGeocodeAccuracy text
    Phone text
    Fax text
    MobilePhone text
    HomePhone text
    OtherPhone text
    AssistantPhone text
    ReportsToId reference Contact
    Email text
    Title text
    Department text
    AssistantName text
    LeadSource text
    Birthdate date
    Description text
    CurrencyIsoCode text
    OwnerId reference User
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    LastActivityDate date
    LastCURequestDate instant
    LastCUUpdateDate instant
    EmailBouncedReason text
    EmailBouncedDate instant
    IsEmailBounced boolean
    PhotoUrl text
    Jigsaw text
    JigsawContactId text
    CleanStatus text
    IndividualId reference Individual
    HasOptedOutOfEmail boolean
    ContactSource text
    MiddleName text
    RecordTypeId reference RecordType
    HasOptedOutOfFax boolean
    DoNotCall boolean
    Suffix text
    """,
    searched="name",
    indexed=("accountid",),
)
