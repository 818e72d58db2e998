"""The mirror: one table per Salesforce object of the closure."""

from models.mirror import account, activity, agreement, opportunity, people, product
from models.mirror.table import Kind, Mirror, StandardField, metadata

__all__ = ["MIRRORS", "Kind", "Mirror", "StandardField", "metadata"]

MIRRORS: dict[str, Mirror] = {
    each.object_name: each
    for each in (
        opportunity.OPPORTUNITY,
        opportunity.OPPORTUNITY_LINE_ITEM,
        opportunity.OPPORTUNITY_CONTACT_ROLE,
        opportunity.OPPORTUNITY_HISTORY,
        opportunity.OPPORTUNITY_STAGE,
        account.ACCOUNT,
        account.CONTACT,
        activity.TASK,
        activity.EVENT,
        activity.NOTE,
        product.PRODUCT2,
        product.PRICEBOOK_ENTRY,
        agreement.QUOTE,
        agreement.CONTRACT,
        people.USER,
    )
}
