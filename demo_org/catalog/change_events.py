"""Objects such as AccountChangeEvent: described like others, but with nothing to query behind them.

Which objects have one is told by the Object Reference ("Objects That Support Change Events"); every custom object
has one.
"""

from dataclasses import replace

from demo_org.catalog.types import FieldType, ObjectType

_SUPPORTED = frozenset(
    {"Account", "AccountContactRelation", "AccountContactRole", "Asset", "Campaign", "CampaignMember"}
    | {"CampaignMemberStatus", "Case", "Contact", "ContentDocument", "ContentDocumentLink", "ContentVersion"}
    | {"Contract", "ContractLineItem", "EmailMessage", "Event", "EventRelation", "Individual", "Lead", "Opportunity"}
    | {"OpportunityContactRole", "OpportunityLineItem", "OpportunitySplit", "Order", "OrderItem", "Pricebook2"}
    | {"PricebookEntry", "ProcessInstance", "ProcessInstanceStep", "Product2", "Quote", "QuoteLineItem"}
    | {"ServiceContract", "Task", "TaskRelation", "User", "VideoCall", "VoiceCall"}
)
#: never part of an event: what is computed at reading (but roll-ups are saved), and what the header tells
_LEFT_OUT = frozenset(
    {"Id", "IsDeleted", "SystemModstamp", "LastViewedDate", "LastReferencedDate", "LastActivityDate"}
    | {"MasterRecordId", "PhotoUrl", "IsPriorityRecord", "HasOpenActivity", "HasOverdueTask"}
)
#: what real describes of change events lack besides
_LEFT_OUT_OF = {
    "Account": "IsPartner IsCustomerPortal ChannelProgramName ChannelProgramLevelName",
    "Asset": "ProductCode AssetLevel StockKeepingUnit",
    "CampaignMember": "Salutation Name FirstName LastName Title Street City State PostalCode Country Email Phone Fax "
    "MobilePhone Description DoNotCall HasOptedOutOfEmail HasOptedOutOfFax LeadSource CompanyOrAccount Type "
    "LeadOrContactId LeadOrContactOwnerId",
    "Case": "ContactPhone ContactMobile ContactEmail ContactFax Comments",
    "Contract": "RecordTypeId",
    "Order": "RecordTypeId",
    "Contact": "IsEmailBounced Suffix",
    "ContentDocument": "Description ContentSize FileType FileExtension SharingOption SharingPrivacy",
    "ContentVersion": "TagCsv VersionData FileExtension Checksum IsAssetEnabled VersionDataUrl",
    "EmailMessage": "Name ValidatedFromAddress IsOpened FromId AttachmentIds",
    "Event": "StartDateTime EndDateTime EndDate IsArchived EventSubtype IsRecurrence2 IsRecurrence2Exception "
    "Recurrence2PatternStartDate Recurrence2PatternTimeZone WhoCount WhatCount RecordTypeId",
    "Lead": "Suffix",
    "Opportunity": "PushCount FiscalQuarter FiscalYear Fiscal SyncedQuoteId AgeInDays LastActivityInDays "
    "LastStageChangeInDays",
    "OpportunityContactRole": "IsPrimary",
    "OpportunityLineItem": "HasRevenueSchedule HasQuantitySchedule HasSchedule CanUseQuantitySchedule "
    "CanUseRevenueSchedule",
    "OrderItem": "TotalPrice",
    "PricebookEntry": "Name ProductCode",
    "Product2": "QuantityScheduleType QuantityInstallmentPeriod NumberOfQuantityInstallments RevenueScheduleType "
    "RevenueInstallmentPeriod NumberOfRevenueInstallments IsSerialized RecordTypeId",
    "Task": "IsHighPriority IsArchived TaskSubtype WhoCount WhatCount RecordTypeId",
    "User": "BadgeText FullPhotoUrl SmallPhotoUrl IsExtIndicatorVisible OutOfOfficeMessage MediumPhotoUrl "
    "BannerPhotoUrl SmallBannerPhotoUrl MediumBannerPhotoUrl PortalRole IsPortalEnabled Suffix",
}

_CAMPAIGN_STATISTICS = ("NumberOf", "Amount", "HierarchyNumberOf", "HierarchyAmount", "HierarchyBudgeted")


def event_name(object_name: str) -> str:
    """AccountChangeEvent for Account, Renewal__ChangeEvent for Renewal__c."""
    if object_name.endswith("__c"):
        return f"{object_name.removesuffix('__c')}__ChangeEvent"
    return f"{object_name}ChangeEvent"


def object_of(name: str) -> str | None:
    """Account for AccountChangeEvent, Renewal__c for Renewal__ChangeEvent; None if it is no such name."""
    if name.endswith("__ChangeEvent"):
        return f"{name.removesuffix('__ChangeEvent')}__c"
    return name.removesuffix("ChangeEvent") if name.endswith("ChangeEvent") and name != "ChangeEvent" else None


def has_change_events(described: ObjectType) -> bool:
    """Whether changes of the object's records can be told by events."""
    return described.custom or described.name in _SUPPORTED


def change_event(described: ObjectType) -> ObjectType | None:
    """The change event object of an object; None if it has none."""
    if not has_change_events(described):
        return None
    label = f"{described.label} Change Event"
    fields = [
        _plain(FieldType(name="Id", type="id", label=f"{label} ID")),
        _plain(FieldType(name="ReplayId", type="string", label="Replay ID")),
        _plain(FieldType(name="ChangeEventHeader", type="complexvalue", label="Change Event Header", nillable=False)),
        *(_plain(each) for each in described.fields.values() if told(described.name, each)),
    ]
    return ObjectType(
        name=event_name(described.name),
        label=label,
        label_plural=label,
        key_prefix=None,
        queryable=False,
        associate_type="ChangeEvent",
        associate_parent=described.name,
        fields={each.name: each for each in fields},
    )


def told(object_name: str, field: FieldType) -> bool:
    """Whether events of the object have the field."""
    left_out = _LEFT_OUT_OF.get(object_name, "").split()
    computed = (field.calculated and field.roll_up is None) or field.derivation is not None
    statistics = object_name == "Campaign" and field.name.startswith(_CAMPAIGN_STATISTICS)
    return field.name not in _LEFT_OUT and field.name not in left_out and not computed and not statistics


def _plain(field: FieldType) -> FieldType:
    """The field without anything a client could do with it."""
    return replace(
        field,
        createable=False, updateable=False, filterable=False, sortable=False, groupable=False, aggregatable=False,
        id_lookup=False, defaulted_on_create=False, default=None,
    )  # fmt: skip
