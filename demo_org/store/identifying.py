"""Finds records by a field that identifies them: an external id, or a field marked for look-up such as an email."""

from collections.abc import Sequence

from demo_org.catalog import FieldType, ObjectType
from demo_org.errors import SalesforceFault
from demo_org.store.org import Org
from demo_org.store.values import stored_value

_MOST = 20


def identifying_field(described: ObjectType, name: str) -> FieldType | None:
    """The field of that name if it identifies records of the object."""
    field = described.field(name)
    return field if field is not None and (field.external_id or field.id_lookup) else None


def checked_field(described: ObjectType, name: str) -> FieldType:
    """The field of that name; NOT_FOUND in Salesforce's words if it does not identify records."""
    field = identifying_field(described, name)
    if field is None:
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise SalesforceFault(404, "NOT_FOUND", message)
    return field


def several(field: FieldType, found: Sequence[str]) -> SalesforceFault:
    """More than one record has the value, so it tells none of them apart."""
    message = f"{field.name}: more than one record found for external id field: [{', '.join(found)}]"
    return SalesforceFault(400, "DUPLICATE_EXTERNAL_ID", message)


def having(org: Org, described: ObjectType, field: FieldType, value: object) -> list[str]:
    """Ids of the live records with the value, compared without regard to case as external ids are."""
    try:
        stored = stored_value(field, value)
    except SalesforceFault:
        return []
    if stored is None:
        return []
    live = " AND IsDeleted = 0" if "IsDeleted" in described.fields else ""
    compared = "" if field.type in {"id", "reference"} else " COLLATE NOCASE"
    with org.reading() as connection:
        rows = connection.execute(
            f'SELECT Id FROM "{described.name}" WHERE "{field.name}" = ?{compared}{live} ORDER BY Id LIMIT {_MOST}',  # noqa: S608 - names come from the catalogue
            (stored,),
        ).fetchall()
    return [row[0] for row in rows]
