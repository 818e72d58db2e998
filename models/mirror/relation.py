"""Who else belongs to an account: contacts of other accounts, and the team that looks after it."""

from models.mirror.table import Mirror, mirror

ACCOUNT_CONTACT_RELATION: Mirror = mirror(
    "AccountContactRelation",
    """
    AccountId reference Account
    ContactId reference Contact
    Roles text
    IsDirect boolean
    IsActive boolean
    StartDate date
    EndDate date
    IsDeleted boolean
    CurrencyIsoCode text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    """,
    indexed=("accountid",),
)

ACCOUNT_TEAM_MEMBER: Mirror = mirror(
    "AccountTeamMember",
    """
    AccountId reference Account
    UserId reference User
    TeamMemberRole text
    PhotoUrl text
    Title text
    AccountAccessLevel text
    OpportunityAccessLevel text
    CaseAccessLevel text
    ContactAccessLevel text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsDeleted boolean
    """,
    indexed=("accountid",),
)
