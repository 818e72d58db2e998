"""The org's own tables as a reader of Salesforce may see them: records by id, without what is hidden."""

from typing import Any

from demo_org.store import Org

Row = dict[str, Any]
Rows = dict[str, Row]

#: Fields that are never read: binary ones, what is written in e-mails and files, those that change when somebody
#: looks, those that are only true while they are read, and the switches of each user.
_NEVER = frozenset(
    {"LastViewedDate", "LastReferencedDate", "IsPriorityRecord", "HasOpenActivity", "HasOverdueTask", "AgeInDays"}
    | {"LastActivityInDays", "LastStageChangeInDays"}
)
_BODIES = frozenset(
    {("EmailMessage", "HtmlBody"), ("EmailMessage", "TextBody"), ("EmailMessage", "Headers")}
    | {("ContentVersion", "TextPreview")}
)
_NEVER_TYPES = frozenset({"base64", "address", "location", "complexvalue"})
_NEVER_OF_USERS = ("UserPreferences", "UserPermissions")


def visible_fields(org: Org, name: str) -> list[str]:
    """The stored fields of an object that are in sight and read; none where the org lacks the object."""
    described = org.catalog.find(name)
    if described is None:
        return []
    return [
        field.name
        for field in described.fields.values()
        if field.stored
        and field.type not in _NEVER_TYPES
        and field.name not in _NEVER
        and (name, field.name) not in _BODIES
        and not (name == "User" and field.name.startswith(_NEVER_OF_USERS))
    ]


def alive(org: Org, name: str) -> Rows:
    """The records of an object that are not deleted, with the fields in sight."""
    fields = visible_fields(org, name)
    if not fields:
        return {}
    condition = " WHERE NOT IsDeleted" if "IsDeleted" in org.catalog.stored_object(name).fields else ""
    columns = ", ".join(f'"{field}"' for field in fields)
    with org.reading() as connection:
        found = connection.execute(f'SELECT {columns} FROM "{name}"{condition}').fetchall()
    where = fields.index("Id")
    return {row[where]: dict(zip(fields, row, strict=True)) for row in found}
