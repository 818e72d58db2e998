"""The mirror: one table per Salesforce object of the closure, and one that all custom objects share."""

from models.mirror import (
    account,
    activity,
    agreement,
    file,
    fulfilment,
    marketing,
    message,
    opportunity,
    people,
    product,
    relation,
    selling,
    service,
    setup,
)
from models.mirror.custom import CUSTOM_RECORD, custom_mirror
from models.mirror.table import Kind, Mirror, StandardField, metadata

__all__ = ["CUSTOM_RECORD", "MIRRORS", "Kind", "Mirror", "StandardField", "custom_mirror", "metadata"]

MIRRORS: dict[str, Mirror] = {
    each.object_name: each
    for each in (
        opportunity.OPPORTUNITY,
        opportunity.OPPORTUNITY_LINE_ITEM,
        opportunity.OPPORTUNITY_CONTACT_ROLE,
        opportunity.OPPORTUNITY_HISTORY,
        opportunity.OPPORTUNITY_STAGE,
        selling.OPPORTUNITY_FIELD_HISTORY,
        selling.OPPORTUNITY_TEAM_MEMBER,
        selling.OPPORTUNITY_COMPETITOR,
        selling.PARTNER,
        account.ACCOUNT,
        account.CONTACT,
        relation.ACCOUNT_CONTACT_RELATION,
        relation.ACCOUNT_TEAM_MEMBER,
        activity.TASK,
        activity.EVENT,
        activity.NOTE,
        message.EMAIL_MESSAGE,
        file.CONTENT_DOCUMENT_LINK,
        file.CONTENT_DOCUMENT,
        file.CONTENT_VERSION,
        product.PRODUCT2,
        product.PRICEBOOK_ENTRY,
        agreement.QUOTE,
        agreement.QUOTE_LINE_ITEM,
        agreement.CONTRACT,
        fulfilment.ORDER,
        fulfilment.ORDER_ITEM,
        fulfilment.ASSET,
        fulfilment.ASSET_STATE_PERIOD,
        service.CASE,
        marketing.CAMPAIGN,
        marketing.CAMPAIGN_MEMBER,
        people.USER,
        setup.RECORD_TYPE,
        setup.CURRENCY_TYPE,
    )
}
"""By object name: the standard objects. A custom object's mirror is made by `custom_mirror`."""
