"""What was said and done: tasks, events and notes."""

from models.mirror.table import Mirror, mirror

TASK: Mirror = mirror(
    "Task",
    """
    WhoId reference Contact Lead
    WhatId reference Opportunity Account Contract Quote
    Subject text
    ActivityDate date
    Status text
    Priority text
    IsHighPriority boolean
    OwnerId reference Group User
    Description text
    CurrencyIsoCode text
    IsDeleted boolean
    AccountId reference Account
    IsClosed boolean
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsArchived boolean
    CallDurationInSeconds integer
    CallType text
    CallDisposition text
    CallObject text
    ReminderDateTime instant
    IsReminderSet boolean
    RecurrenceActivityId reference Task
    IsRecurrence boolean
    RecurrenceStartDateOnly date
    RecurrenceEndDateOnly date
    RecurrenceTimeZoneSidKey text
    RecurrenceType text
    RecurrenceInterval integer
    RecurrenceDayOfWeekMask integer
    RecurrenceDayOfMonth integer
    RecurrenceInstance text
    RecurrenceMonthOfYear text
    RecurrenceRegeneratedType text
    TaskSubtype text
    CompletedDateTime instant
    Type text
    RecordTypeId reference RecordType
    WhoCount integer
    WhatCount integer
    """,
    searched="subject",
    indexed=(
        "whatid",
        "whoid",
    ),
)

EVENT: Mirror = mirror(
    "Event",
    """
    WhoId reference Contact Lead
    WhatId reference Opportunity Account Contract Quote
    Subject text
    Location text
    IsAllDayEvent boolean
    ActivityDateTime instant
    ActivityDate date
    DurationInMinutes integer
    StartDateTime instant
    EndDateTime instant
    EndDate date
    Description text
    AccountId reference Account
    OwnerId reference Calendar User
    CurrencyIsoCode text
    IsPrivate boolean
    ShowAs text
    IsDeleted boolean
    IsChild boolean
    IsGroupEvent boolean
    GroupEventType text
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    IsArchived boolean
    RecurrenceActivityId reference Event
    IsRecurrence boolean
    RecurrenceStartDateTime instant
    RecurrenceEndDateOnly date
    RecurrenceTimeZoneSidKey text
    RecurrenceType text
    RecurrenceInterval integer
    RecurrenceDayOfWeekMask integer
    RecurrenceDayOfMonth integer
    RecurrenceInstance text
    RecurrenceMonthOfYear text
    ReminderDateTime instant
    IsReminderSet boolean
    EventSubtype text
    IsRecurrence2Exclusion boolean
    Recurrence2PatternText text
    Recurrence2PatternVersion text
    IsRecurrence2 boolean
    IsRecurrence2Exception boolean
    Recurrence2PatternStartDate instant
    Recurrence2PatternTimeZone text
    ServiceAppointmentId reference ServiceAppointment
    Type text
    RecordTypeId reference RecordType
    WhoCount integer
    WhatCount integer
    """,
    indexed=(
        "whatid",
        "whoid",
    ),
)

NOTE: Mirror = mirror(
    "Note",
    """
    IsDeleted boolean
    ParentId reference Opportunity Account Contact Contract
    Title text
    IsPrivate boolean
    Body text
    OwnerId reference User
    CreatedDate instant
    CreatedById reference User
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    """,
    searched="title",
    indexed=("parentid",),
)
