"""Reads the standard objects of a Salesforce org from the data files in objects/, one file a family.

They hold facts only, one field a line: `"Name": [type, {what deviates from the type's defaults}]`. Flags in
`is`: ! required, c createable, u updateable, n the name field, a auto number, i usable to look a record up, d filled
in by the org. `not`/`also` list the abilities (f filter, s sort, g group, a aggregate) that deviate from the type.
`children` is the relationship seen from the parent, with * for "deleted with its parent" and ! for "its parent cannot
be deleted while it exists". `ids` begins the ids of an object whose describe tells no prefix.
"""

import json
import re
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, TypedDict

from demo_org.catalog.derived import DERIVATIONS
from demo_org.catalog.types import FieldType, ObjectType

_GROUPABLE = frozenset(
    {"id", "reference", "string", "email", "phone", "url", "picklist", "boolean", "int", "date", "textarea"}
)
_NOT_AGGREGATABLE = frozenset({"boolean", "multipicklist", "address", "location", "base64", "anyType"})
_NOT_SORTABLE = frozenset({"base64", "anyType", "multipicklist", "address", "location"})
_LONG_TEXT = 1333  # a text area longer than this is a long one: neither filterable nor sortable


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How a lookup field looks from the parent: its relationship name and what happens on deletion."""

    name: str | None
    cascade: bool
    restricted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A standard object of the data file, with the parent's view of each of its lookups."""

    object: ObjectType
    #: (field, parent object) -> how the parent sees it
    lookups: dict[tuple[str, str], Lookup]


class Abilities(TypedDict):
    """What SOQL may do with a field."""

    filterable: bool
    sortable: bool
    groupable: bool
    aggregatable: bool


def abilities(type_name: str, length: int, *, lacks: str = "", gains: str = "") -> Abilities:
    """What SOQL may do with a field of this type (computed over real describes), and where the field deviates."""
    long_text = type_name == "textarea" and length > _LONG_TEXT

    def can(letter: str, usual: bool) -> bool:  # noqa: FBT001 - one letter and what its type usually says
        return letter in gains or (usual and letter not in lacks)

    return {
        "filterable": can("f", not (long_text or type_name in {"base64", "anyType"})),
        "sortable": can("s", not (long_text or type_name in _NOT_SORTABLE)),
        "groupable": can("g", type_name in _GROUPABLE and not long_text),
        "aggregatable": can("a", type_name not in _NOT_AGGREGATABLE and not long_text),
    }


def label_of(name: str) -> str:
    """The label an admin would see for an API name: OpportunityId -> Opportunity ID."""
    spaced = "Record ID" if name == "Id" else re.sub(r"Id$", " ID", name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", spaced)


def load_definitions() -> list[Definition]:
    """Every standard object of the demo org."""
    families = files("demo_org.catalog").joinpath("objects").iterdir()
    texts = [each.read_text(encoding="utf-8") for each in sorted(families, key=lambda each: each.name)]
    return [_definition(name, entry) for text in texts for name, entry in json.loads(text).items()]


def _definition(name: str, entry: dict[str, Any]) -> Definition:
    can = entry["can"]
    associate = entry.get("associate", [None, None])
    fields = {
        field: replace(_field(field, *line), derivation=DERIVATIONS.get((name, field)))
        for field, line in entry["fields"].items()
    }
    described = ObjectType(
        name=name,
        label=entry["label"],
        label_plural=entry["plural"],
        key_prefix=entry["prefix"],
        ids=entry.get("ids"),
        createable="c" in can,
        updateable="u" in can,
        deletable="d" in can,
        undeletable="n" in can,
        mergeable="m" in can,
        replicateable="r" in can,
        searchable="s" in can,
        bulk=entry.get("bulk", True),
        recycle_bin=entry.get("bin", True),
        associate_type=associate[0],
        associate_parent=associate[1],
        fields=fields,
    )
    lookups = {
        (field, parent): _lookup(line[1].get("children"), parent)
        for field, line in entry["fields"].items()
        # A loser of a merge points at the winner, but is no child of it.
        if line[0] == "reference" and field != "MasterRecordId"
        for parent in line[1]["to"]
    }
    return Definition(object=described, lookups=lookups)


def _field(name: str, type_name: str, facts: dict[str, Any] | None = None) -> FieldType:
    facts = facts or {}
    flags = facts.get("is", "")
    length = facts.get("length", 18 if type_name in {"id", "reference"} else 0)
    # A number the org hands out is never grouped by.
    lacks = facts.get("not", "") + ("g" if "a" in flags else "")
    precision, scale = numbers_of(type_name, facts)
    return FieldType(
        name=name,
        type=type_name,
        label=facts.get("label", label_of(name)),
        length=length,
        byte_length=facts.get("bytes"),
        precision=precision,
        scale=scale,
        digits=facts.get("digits", 8) if type_name == "int" else 0,
        nillable="!" not in flags,
        createable="c" in flags,
        updateable="u" in flags,
        reference_to=tuple(facts.get("to", ())),
        relationship_name=facts.get("as"),
        picklist_values=tuple(facts.get("values", ())),
        picklist_labels=tuple(facts.get("labels", {}).items()),
        restricted_picklist=facts.get("restricted", False),
        default=facts.get("default"),
        defaulted_on_create="d" in flags,
        compound_field_name=facts.get("part_of"),
        name_field="n" in flags,
        auto_number="a" in flags,
        id_lookup="i" in flags or type_name == "id",
        extra_type_info=facts.get("extra") or _text_kind(type_name),
        **abilities(type_name, length, lacks=lacks, gains=facts.get("also", "")),
    )


def numbers_of(type_name: str, facts: dict[str, Any]) -> tuple[int, int]:
    """Precision and scale, with the type's usual ones where the facts are silent."""
    usual = {"currency": (18, 2), "double": (18, 0), "percent": (3, 0), "multipicklist": (4, 0)}.get(type_name, (0, 0))
    return facts.get("precision", usual[0]), facts.get("scale", usual[1])


def _text_kind(type_name: str) -> str | None:
    return "plaintextarea" if type_name == "textarea" else None


def _lookup(children: str | dict[str, str] | None, parent: str) -> Lookup:
    text = children.get(parent, "") if isinstance(children, dict) else children or ""
    name = text.rstrip("*!")
    return Lookup(name=name or None, cascade="*" in text, restricted="!" in text)
