"""Which fields of an object are read: all that a query and a bulk job can deliver and that say something."""

from sync.record import Field, ObjectShape, Selection

#: Compound fields can't be selected in bulk jobs, and their parts are read anyway; binary data come by other requests.
_UNREADABLE_TYPES = {
    "address": "its parts are read",
    "location": "its parts are read",
    "base64": "the content of files is not copied",
    "complexvalue": "it can't be read by a query",
    "datacategorygroupreference": "it can't be read by a query",
}

#: Two change whenever somebody looks at a record; the others count days, or compare with today, and move without a
#: stamp, so a stored copy would be wrong by tomorrow.
_MOMENTARY = {
    "LastViewedDate": "it changes when somebody looks at the record",
    "LastReferencedDate": "it changes when somebody looks at the record",
    "AgeInDays": "it is true only while it is read",
    "LastActivityInDays": "it is true only while it is read",
    "LastStageChangeInDays": "it is true only while it is read",
    "HasOpenActivity": "it is true only while it is read",
    "HasOverdueTask": "it is true only while it is read",
    "IsPriorityRecord": "it is true only while it is read",
}

#: What people wrote in e-mails, and what is in files: personal data that a handoff does without.
_BODIES = {
    ("EmailMessage", "TextBody"): "what people wrote is not copied",
    ("EmailMessage", "HtmlBody"): "what people wrote is not copied",
    ("EmailMessage", "Headers"): "what people wrote is not copied",
    ("ContentVersion", "TextPreview"): "the content of files is not copied",
}

#: About a hundred switches of each user.
_USER_SWITCHES = ("UserPreferences", "UserPermissions")


def select_fields(shape: ObjectShape) -> Selection:
    """Every readable field of an object, Id first and the rest in describe's order."""
    first = [field for field in shape.fields if field.name == "Id"]
    rest = [field for field in shape.fields if field.name != "Id" and _wanted(shape.name, field)]
    return Selection(shape=shape, fields=(*first, *rest))


def why_not_read(shape: ObjectShape) -> dict[str, str]:
    """The fields of an object that the org shows and that are not read, each with the reason."""
    return {field.name: why for field in shape.fields if (why := _why_not(shape.name, field)) is not None}


def _wanted(object_name: str, field: Field) -> bool:
    return _why_not(object_name, field) is None


def _why_not(object_name: str, field: Field) -> str | None:
    if object_name == "User" and not field.custom and field.name.startswith(_USER_SWITCHES):
        return "it is a switch of the user's own"
    return _UNREADABLE_TYPES.get(field.type) or _MOMENTARY.get(field.name) or _BODIES.get((object_name, field.name))
