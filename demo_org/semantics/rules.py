"""Finds the rules of an object and applies them at the four moments of a write."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo_org.semantics import (
    activity,
    campaign,
    catalogue,
    contract,
    currency,
    email,
    field_history,
    file,
    line_item,
    opportunity,
    partner,
    person,
    quote,
    record_type,
    relation,
    role,
    roll_up,
    service,
    team,
)

if TYPE_CHECKING:
    from demo_org.store.unit import Unit

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The functions of one object; a moment without a rule is None."""

    #: (unit, new row): completes the row in place
    before_insert: "Callable[[Unit, Row], None] | None" = None
    #: (unit, old row, changes): completes the changes in place
    before_update: "Callable[[Unit, Row, Row], None] | None" = None
    #: (unit, old row or None, new row): writes to other records
    after_save: "Callable[[Unit, Row | None, Row], None] | None" = None
    #: (unit, row as it was): after a deletion, and after an undelete
    after_delete: "Callable[[Unit, Row], None] | None" = None


_RULES = {
    "Opportunity": Rules(
        before_insert=opportunity.before_insert,
        before_update=opportunity.before_update,
        after_save=opportunity.after_save,
    ),
    "OpportunityLineItem": Rules(
        before_insert=line_item.before_insert,
        before_update=line_item.before_update,
        after_save=line_item.after_save,
        after_delete=line_item.after_delete,
    ),
    "OpportunityContactRole": Rules(after_save=role.after_save, after_delete=role.after_delete),
    "Contract": Rules(before_insert=contract.before_insert, before_update=contract.before_update),
    "Quote": Rules(before_insert=quote.before_insert, before_update=quote.before_update),
    "QuoteLineItem": Rules(
        before_insert=quote.line_before_insert,
        before_update=quote.line_before_update,
        after_save=quote.line_after_save,
        after_delete=quote.line_after_delete,
    ),
    "Task": Rules(
        before_insert=activity.task_before_insert,
        before_update=activity.task_before_update,
        after_save=activity.after_save,
    ),
    "Event": Rules(
        before_insert=activity.event_before_insert,
        before_update=activity.event_before_update,
        after_save=activity.after_save,
    ),
    "Contact": Rules(
        before_insert=person.before_insert,
        before_update=person.before_update,
        after_save=relation.contact_after_save,
    ),
    "AccountContactRelation": Rules(before_insert=relation.before_insert),
    "Lead": Rules(before_insert=person.before_insert, before_update=person.lead_before_update),
    "User": Rules(before_insert=person.before_insert, before_update=person.before_update),
    "Campaign": Rules(after_save=campaign.after_save),
    "CampaignMember": Rules(
        before_insert=campaign.member_before_insert,
        before_update=campaign.member_before_update,
        after_save=campaign.member_after_save,
        after_delete=campaign.member_after_delete,
    ),
    "EmailMessage": Rules(
        before_insert=email.before_insert, before_update=email.before_update, after_save=email.after_save
    ),
    "Document": Rules(before_insert=file.document_before_insert, before_update=file.attachment_before_update),
    "Attachment": Rules(before_insert=file.attachment_before_insert, before_update=file.attachment_before_update),
    "ContentVersion": Rules(before_insert=file.version_before_insert, after_save=file.version_after_save),
    "ContentDocumentLink": Rules(before_insert=file.link_before_insert),
    "ContentNote": Rules(
        before_insert=file.note_before_insert, after_save=file.note_after_save, after_delete=file.note_after_delete
    ),
    "Partner": Rules(
        before_insert=partner.before_insert, after_save=partner.after_save, after_delete=partner.after_delete
    ),
    "PricebookEntry": Rules(before_insert=catalogue.entry_before_insert),
    "Case": Rules(before_insert=service.before_insert, before_update=service.before_update),
    "Order": Rules(before_insert=catalogue.order_before_insert),
    "OpportunityTeamMember": Rules(before_insert=team.deal_member_before_insert),
    "AccountTeamMember": Rules(before_insert=team.account_member_before_insert),
    "OpportunitySplit": Rules(before_insert=team.split_before_insert, before_update=team.split_before_update),
    "RecordType": Rules(after_save=record_type.after_save),
    "DatedConversionRate": Rules(after_save=currency.dated_after_save),
    "CurrencyType": Rules(before_insert=currency.type_before_insert, after_save=currency.type_after_save),
}
_NONE = Rules()


def before_insert(unit: "Unit", object_name: str, row: Row) -> None:
    """Complete a new row before it is checked and written."""
    currency.before_insert(unit, object_name, row)
    record_type.before_insert(unit, object_name, row)
    roll_up.before_insert(unit, object_name, row)
    rule = _RULES.get(object_name, _NONE).before_insert
    if rule is not None:
        rule(unit, row)


def before_update(unit: "Unit", object_name: str, old: Row, changes: Row) -> None:
    """Complete the changes of a row before they are written."""
    record_type.check(unit, object_name, changes)
    rule = _RULES.get(object_name, _NONE).before_update
    if rule is not None:
        rule(unit, old, changes)


def after_save(unit: "Unit", object_name: str, old: Row | None, new: Row) -> None:
    """Carry a save over to the records around it; old is None for a new record."""
    field_history.keep(unit, object_name, old, new)
    if old is not None:
        currency.after_update(unit, object_name, old, new)
    rule = _RULES.get(object_name, _NONE).after_save
    if rule is not None:
        rule(unit, old, new)
    roll_up.follow(unit, object_name, old, new)


def after_delete(unit: "Unit", object_name: str, row: Row) -> None:
    """Carry a deletion over to the records around it."""
    rule = _RULES.get(object_name, _NONE).after_delete
    if rule is not None:
        rule(unit, row)
    roll_up.follow(unit, object_name, row, None)


def after_undelete(unit: "Unit", object_name: str, row: Row) -> None:
    """Carry an undelete over to the records around it: sums are taken anew, as after a deletion."""
    after_delete(unit, object_name, row)
