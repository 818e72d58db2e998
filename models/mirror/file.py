"""Which files hang on a deal: links, documents and their newest versions, without what is in the files."""

from models.mirror.table import Mirror, mirror

CONTENT_DOCUMENT_LINK: Mirror = mirror(
    "ContentDocumentLink",
    """
    LinkedEntityId reference Opportunity Account Contact Contract Quote Order User
    ContentDocumentId reference ContentDocument
    IsDeleted boolean
    SystemModstamp instant
    ShareType text
    Visibility text
    """,
    indexed=(
        "linkedentityid",
        "contentdocumentid",
    ),
)

CONTENT_DOCUMENT: Mirror = mirror(
    "ContentDocument",
    """
    CreatedById reference User
    CreatedDate instant
    LastModifiedById reference User
    LastModifiedDate instant
    IsArchived boolean
    ArchivedById reference User
    ArchivedDate date
    IsDeleted boolean
    OwnerId reference User
    SystemModstamp instant
    Title text
    PublishStatus text
    LatestPublishedVersionId reference ContentVersion
    Description text
    ContentSize integer
    FileType text
    FileExtension text
    SharingOption text
    SharingPrivacy text
    ContentModifiedDate instant
    IsInternalOnly boolean
    """,
    indexed=("latestpublishedversionid",),
)

CONTENT_VERSION: Mirror = mirror(
    "ContentVersion",
    """
    ContentDocumentId reference ContentDocument
    IsLatest boolean
    ContentUrl text
    VersionNumber text
    Title text
    Description text
    ReasonForChange text
    SharingOption text
    SharingPrivacy text
    PathOnClient text
    RatingCount integer
    IsDeleted boolean
    ContentModifiedDate instant
    ContentModifiedById reference User
    PositiveRatingCount integer
    NegativeRatingCount integer
    FeaturedContentBoost integer
    FeaturedContentDate date
    CurrencyIsoCode text
    OwnerId reference User
    CreatedById reference User
    CreatedDate instant
    LastModifiedById reference User
    LastModifiedDate instant
    SystemModstamp instant
    TagCsv text
    FileType text
    PublishStatus text
    ContentSize integer
    FileExtension text
    FirstPublishLocationId reference Opportunity Account Contact Contract Quote Order User
    Origin text
    ContentLocation text
    ExternalDocumentInfo1 text
    ExternalDocumentInfo2 text
    Checksum text
    IsMajorVersion boolean
    IsAssetEnabled boolean
    VersionDataUrl text
    """,
)
