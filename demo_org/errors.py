"""What the demo org answers when it refuses a request, in Salesforce's own words.

The one exception of the package: the wire turns it into the JSON array Salesforce sends, a test reads its attributes.
Codes and texts are those of the REST guide; a text that only approximates the real one is kept short.
"""

from collections.abc import Sequence

#: refusals of a save: they list the fields they are about even when it is none ("…: []" in the logs of real orgs)
_OF_A_SAVE = frozenset(
    {"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DELETE_FAILED", "DUPLICATE_EXTERNAL_ID", "DUPLICATE_VALUE"}
    | {"ENTITY_IS_DELETED", "FIELD_INTEGRITY_EXCEPTION", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT"}
    | {"UNABLE_TO_LOCK_ROW"}
)


class SalesforceFault(Exception):
    """A refusal: HTTP status, Salesforce's stable code, its message and the fields concerned."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def as_dict(self) -> dict[str, object]:
        """One element of the error array of a REST reply."""
        body: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields or self.code in _OF_A_SAVE:
            body["fields"] = list(self.fields)
        return body


def not_found() -> SalesforceFault:
    """No such resource, record or object."""
    return SalesforceFault(404, "NOT_FOUND", "The requested resource does not exist")


def entity_is_deleted() -> SalesforceFault:
    """The record lies in the recycle bin, or is gone; undelete it or create another."""
    return SalesforceFault(404, "ENTITY_IS_DELETED", "entity is deleted")


def malformed_id(value: object) -> SalesforceFault:
    """The text is not a Salesforce id; send 15 or 18 characters with a right checksum."""
    return SalesforceFault(400, "MALFORMED_ID", f"malformed id {value}")


def unknown_field(field: str, object_name: str) -> SalesforceFault:
    """The object has no such field, or it is hidden from this user (both look the same)."""
    return SalesforceFault(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {object_name}")


def read_only_fields(fields: Sequence[str]) -> SalesforceFault:
    """The fields exist but the org alone writes them."""
    message = (
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field and "
        "verify that it is read/write for your profile or permission set."
    )
    return SalesforceFault(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, tuple(fields))


def required_missing(fields: list[str]) -> SalesforceFault:
    """Values that every record of the object must have are absent."""
    return SalesforceFault(
        400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(fields)}]", tuple(fields)
    )


def not_allowed(act: str, label: str) -> SalesforceFault:
    """Nobody may do this to records of the object, such as editing the history of a deal."""
    return SalesforceFault(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be {act}: {label}")


def row_locked() -> SalesforceFault:
    """Another open transaction holds the record; try again after it commits."""
    return SalesforceFault(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
