"""Finds the object a file holds and the field a column fills, in any common spelling of Salesforce's names.

Warehouse loaders write API names in snake_case and cut __c to _c: stage_name, pricebook_2_id, foo_c.
"""

import re
from collections.abc import Iterable

from demo_org.catalog import Catalog, FieldType, ObjectType

_FRAMES = re.compile(r"^(?:sf|sfdc|salesforce)_+|_+(?:data|export|extract)$", re.IGNORECASE)
_NAME_LENGTH = 40
#: columns a warehouse loader adds about its own work
LOADER_PREFIXES = ("_fivetran_", "_airbyte_", "_sdc_", "_dlt_")
#: a table with this column holds versions of rows, not rows
VERSION_COLUMNS = frozenset({"_fivetran_start", "_fivetran_end"})


def plain(name: str) -> str:
    """A name without case, spaces and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def object_of(stem: str, catalog: Catalog) -> ObjectType | None:
    """The object whose rows a file of that name holds; None if there is none."""
    bare = stem
    while (shorter := _FRAMES.sub("", bare)) != bare:
        bare = shorter
    known = {plain(name): described for name, described in catalog.stored.items()}
    word = plain(bare)
    for candidate in (word, word.removesuffix("s"), re.sub("ies$", "y", word)):
        if candidate in known:
            return known[candidate]
    return None


def field_of(column: str, described: ObjectType) -> FieldType | None:
    """The field a column fills; None if the object has no such field."""
    exact = described.field(column)
    if exact is not None:
        return exact if exact.stored else None
    word = plain(column)
    for field in described.fields.values():
        if field.stored and plain(field.name) == word:
            return field
    return None


def custom_name(column: str, taken: Iterable[str]) -> str:
    """The API name of the custom field for a column the object does not know."""
    bare = re.sub(r"_+c$", "", column, flags=re.IGNORECASE)
    bare = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", bare)).strip("_")
    if not bare or not bare[0].isalpha():
        bare = f"X{bare}"
    bare = bare[:_NAME_LENGTH].rstrip("_")
    used, name, number = {each.lower() for each in taken}, bare, 1
    while f"{name}__c".lower() in used:
        number += 1
        name = f"{bare[: _NAME_LENGTH - 3]}_{number}"
    return f"{name}__c"


def is_loader_column(column: str) -> bool:
    """Whether a warehouse loader wrote the column for itself."""
    return column.lower().startswith(LOADER_PREFIXES)
