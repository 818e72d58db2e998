"""Which fields of an object are read: all that a query and a bulk job can deliver and that say something."""

from sync.record import Field, ObjectShape, Selection

#: Compound fields can't be selected in bulk jobs, and their parts are read anyway; binary data come by other requests.
_UNREADABLE_TYPES = frozenset({"address", "location", "base64", "complexvalue", "datacategorygroupreference"})

#: Two change whenever somebody looks at a record; the others are only true while they are read (they count days, or
#: compare with today) and move without a stamp, so a stored copy would be wrong by tomorrow.
_MOMENTARY = frozenset(
    {
        "LastViewedDate",
        "LastReferencedDate",
        "AgeInDays",
        "LastActivityInDays",
        "LastStageChangeInDays",
        "HasOpenActivity",
        "HasOverdueTask",
        "IsPriorityRecord",
    }
)

#: What people wrote in e-mails, and what is in files: personal data that a handoff does without.
_BODIES = frozenset(
    {
        ("EmailMessage", "TextBody"),
        ("EmailMessage", "HtmlBody"),
        ("EmailMessage", "Headers"),
        ("ContentVersion", "TextPreview"),
    }
)

#: About a hundred switches of each user.
_USER_SWITCHES = ("UserPreferences", "UserPermissions")


def select_fields(shape: ObjectShape) -> Selection:
    """Every readable field of an object, Id first and the rest in describe's order."""
    first = [field for field in shape.fields if field.name == "Id"]
    rest = [field for field in shape.fields if field.name != "Id" and _wanted(shape.name, field)]
    return Selection(shape=shape, fields=(*first, *rest))


def _wanted(object_name: str, field: Field) -> bool:
    if field.type in _UNREADABLE_TYPES or field.name in _MOMENTARY or (object_name, field.name) in _BODIES:
        return False
    return not (object_name == "User" and not field.custom and field.name.startswith(_USER_SWITCHES))
