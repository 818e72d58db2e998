"""What was written: e-mails, without their bodies."""

from models.mirror.table import Mirror, mirror

EMAIL_MESSAGE: Mirror = mirror(
    "EmailMessage",
    """
    ParentId reference Case
    ActivityId reference Task
    CreatedById reference User
    CreatedDate instant
    LastModifiedDate instant
    LastModifiedById reference User
    SystemModstamp instant
    Subject text
    Name text
    FromName text
    FromAddress text
    ValidatedFromAddress text
    ToAddress text
    CcAddress text
    BccAddress text
    Incoming boolean
    HasAttachment boolean
    Status text
    MessageDate instant
    IsDeleted boolean
    ReplyToEmailMessageId reference EmailMessage
    IsExternallyVisible boolean
    MessageIdentifier text
    ThreadIdentifier text
    ClientThreadIdentifier text
    IsClientManaged boolean
    RelatedToId reference Account Asset Campaign Case Contract Opportunity Order Product2 Quote
    IsTracked boolean
    IsOpened boolean
    FirstOpenedDate instant
    LastOpenedDate instant
    IsBounced boolean
    FromId reference Contact Lead User
    AttachmentIds text
    AutomationType text
    """,
    indexed=("relatedtoid",),
)
