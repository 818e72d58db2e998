"""What belongs to selling beside the deal itself: its field history, its team, competitors and partners."""

from models.mirror.table import Mirror, mirror

OPPORTUNITY_FIELD_HISTORY: Mirror = mirror(
    "OpportunityFieldHistory",
    """
    IsDeleted boolean
    OpportunityId reference Opportunity
    CreatedById reference User
    CreatedDate instant
    Field text
    DataType text
    OldValue text
    NewValue text
    """,
    indexed=("opportunityid",),
)

OPPORTUNITY_TEAM_MEMBER: Mirror = mirror(
    "OpportunityTeamMember",
    """
    OpportunityId reference Opportunity
    UserId reference User
    Name text
    PhotoUrl text
    Title text
    TeamMemberRole text
    OpportunityAccessLevel text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsDeleted boolean
    """,
    indexed=("opportunityid",),
)

OPPORTUNITY_COMPETITOR: Mirror = mirror(
    "OpportunityCompetitor",
    """
    OpportunityId reference Opportunity
    CompetitorName text
    Strengths text
    Weaknesses text
    CreatedById reference User
    CreatedDate instant
    LastModifiedById reference User
    LastModifiedDate instant
    SystemModstamp instant
    IsDeleted boolean
    """,
    indexed=("opportunityid",),
)

PARTNER: Mirror = mirror(
    "Partner",
    """
    OpportunityId reference Opportunity
    AccountFromId reference Account
    AccountToId reference Account
    Role text
    IsPrimary boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsDeleted boolean
    ReversePartnerId reference Partner
    """,
    indexed=("opportunityid",),
)
