"""Fields that move without a stamp: what Salesforce computes when a record is read, and what it writes by itself.

Polls find changes by their stamp, so these are read again on a schedule.
"""

from sync.record import Field, Selection

#: Standard fields that describe does not call calculated and that move without their record being saved.
_MOVING: dict[str, frozenset[str]] = {
    # what a stage means is copied into its opportunities when an admin changes it; the fiscal calendar likewise
    "Opportunity": frozenset(
        {"IsWon", "IsClosed", "ForecastCategory", "ForecastCategoryName", "Fiscal", "FiscalQuarter", "FiscalYear"}
        | {"LastActivityDate", "HasOpportunityLineItem", "PushCount"}
    ),
    "Account": frozenset({"LastActivityDate"}),
    "Contact": frozenset({"LastActivityDate", "IsEmailBounced", "ReportsToName"}),
    "Contract": frozenset({"Status", "StatusCode", "LastActivityDate"}),  # it expires by itself
    "Order": frozenset({"TotalAmount", "StatusCode"}),
    "Case": frozenset({"IsClosed", "IsEscalated"}),
    "Task": frozenset({"IsClosed", "IsHighPriority"}),
    # computed for today
    "Asset": frozenset({"CurrentMrr", "CurrentQuantity", "CurrentAmount", "TotalLifecycleAmount"}),
    # copies of what the record they name says
    "OpportunityLineItem": frozenset({"Name", "ProductCode"}),
    "QuoteLineItem": frozenset({"LineNumber"}),
    "PricebookEntry": frozenset({"Name", "ProductCode", "IsArchived"}),
    "OpportunityTeamMember": frozenset({"Name", "Title", "PhotoUrl"}),
    "AccountTeamMember": frozenset({"Title", "PhotoUrl"}),
    "CampaignMember": frozenset(
        {"Name", "FirstName", "LastName", "Salutation", "Title", "Email", "Phone", "Fax", "MobilePhone"}
        | {"CompanyOrAccount", "Street", "City", "State", "PostalCode", "Country", "LeadSource", "Description"}
        | {"HasOptedOutOfEmail", "HasOptedOutOfFax", "DoNotCall", "HasResponded", "LeadOrContactOwnerId"}
    ),
    # sums over members, leads and deals
    "Campaign": frozenset(
        {"NumberOfLeads", "NumberOfConvertedLeads", "NumberOfContacts", "NumberOfResponses", "NumberOfOpportunities"}
        | {"NumberOfWonOpportunities", "AmountAllOpportunities", "AmountWonOpportunities"}
        | {f"Hierarchy{name}" for name in ("NumberOfLeads", "NumberOfContacts", "NumberOfOpportunities")}
    ),
    "Quote": frozenset(
        {"LineItemCount", "Subtotal", "Discount", "TotalPrice", "GrandTotal", "TotalPriceWithTax", "IsSyncing"}
    ),
    "User": frozenset({"LastLoginDate", "ProfileId"}),
}


def moving_fields(selection: Selection) -> tuple[Field, ...]:
    """The fields of an object that move without a stamp: formulas, roll-ups, and the standard ones known to.

    An org's own lookups are among them: what is deleted takes itself out of them.
    """
    known = _MOVING.get(selection.object_name, frozenset())
    return tuple(
        field
        for field in selection.fields
        if field.calculated or field.name in known or (field.custom and field.reference_to)
    )


def moving_selection(selection: Selection) -> Selection | None:
    """What a refresh reads of an object: id, stamp and the moving fields. None when it has none, or no stamp.

    Without a stamp nobody could tell whether the rest of the record is as new as what was read now.
    """
    moving = moving_fields(selection)
    if not moving or not selection.has("SystemModstamp"):
        return None
    first = tuple(field for field in selection.fields if field.name in {"Id", "SystemModstamp"})
    return Selection(shape=selection.shape, fields=(*first, *moving))
