"""Our own side: the users who own, create and sign."""

from models.mirror.table import Mirror, mirror

USER: Mirror = mirror(
    "User",
    """
    Username text
    LastName text
    FirstName text
    Name text
    CompanyName text
    Division text
    Department text
    Title text
    Street text
    City text
    State text
    PostalCode text
    Country text
    Latitude number
    Longitude number
    GeocodeAccuracy text
    Email text
    EmailPreferencesAutoBcc boolean
    EmailPreferencesAutoBccStayInTouch boolean
    EmailPreferencesStayInTouchReminder boolean
    SenderEmail text
    SenderName text
    Signature text
    StayInTouchSubject text
    StayInTouchSignature text
    StayInTouchNote text
    Phone text
    Fax text
    MobilePhone text
    Alias text
    CommunityNickname text
    BadgeText text
    IsActive boolean
    TimeZoneSidKey text
    UserRoleId reference UserRole
    LocaleSidKey text
    ReceivesInfoEmails boolean
    ReceivesAdminInfoEmails boolean
    EmailEncodingKey text
    DefaultCurrencyIsoCode text
    CurrencyIsoCode text
    ProfileId reference Profile
    UserType text
    LanguageLocaleKey text
    EmployeeNumber text
    DelegatedApproverId reference Group User
    ManagerId reference User
    LastLoginDate instant
    LastPasswordChangeDate instant
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    NumberOfFailedLogins integer
    OfflineTrialExpirationDate instant
    OfflinePdaTrialExpirationDate instant
    ForecastEnabled boolean
    ContactId reference Contact
    AccountId reference Account
    CallCenterId reference CallCenter
    Extension text
    FederationIdentifier text
    AboutMe text
    FullPhotoUrl text
    SmallPhotoUrl text
    IsExtIndicatorVisible boolean
    OutOfOfficeMessage text
    MediumPhotoUrl text
    DigestFrequency text
    DefaultGroupNotificationFrequency text
    JigsawImportLimitOverride integer
    BannerPhotoUrl text
    SmallBannerPhotoUrl text
    MediumBannerPhotoUrl text
    IsProfilePhotoActive boolean
    IndividualId reference Individual
    PortalRole text
    IsPortalEnabled boolean
    MiddleName text
    Suffix text
    """,
)
