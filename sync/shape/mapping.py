"""Which fields of an org fill which line of the brief, as people chose it; what they leave out is found by its name.

An org without a mapping has a brief on its first day: every line is looked for by the aliases. A mapping names only
what that gets wrong, and what no field can tell: what the amount of a deal means, and what recurs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from sync.errors import MappingInvalid
from sync.shape.aliases import ALIASES, PART_OF_ROLE, ROLES, plain

#: (object, API name of the field)
Place = tuple[str, str]
_DEAL_SIDE = ("Opportunity", "Account", "Contract")
_MOST_PLACES = 10
_KEYS = ("fields", "roles", "families", "amount_means", "heavy_discount_percent")


class AmountMeans(StrEnum):
    """What an org writes into the amount of its deals."""

    TCV = "tcv"
    ACV = "acv"
    ARR = "arr"


class Kind(StrEnum):
    """Whether a product is paid again and again."""

    RECURRING = "recurring"
    ONE_OFF = "one_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefMapping:
    """What people chose; what is empty or None is found by itself."""

    #: line of the brief -> the fields that fill it, best first; none at all means that no field does
    fields: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    #: part that a person plays -> further words of a contact role that say so
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: product family -> whether it recurs
    families: Mapping[str, Kind] = field(default_factory=dict)
    amount_means: AmountMeans | None = None
    #: from how many percent below list prices a discount is a risk
    heavy_discount_percent: Decimal = Decimal(30)

    def part_of(self, role: Any) -> tuple[str, int] | None:
        """The part that a contact role names, and how well: what people chose counts most."""
        word = plain(str(role or ""))
        for part, words in self.roles.items():
            if word and any(word == plain(each) for each in words):
                return part, -1
        return PART_OF_ROLE.get(word)

    def kind_of(self, family: Any) -> Kind | None:
        """Whether products of a family recur; None where neither people nor the name say."""
        name = str(family or "").strip().casefold()
        for known, kind in self.families.items():
            if known.strip().casefold() == name:
                return kind
        return _KIND_OF_FAMILY.get(plain(name))


_KIND_OF_FAMILY = {
    **dict.fromkeys(
        ("subscription", "subscriptions", "software", "license", "licenses", "licence", "saas", "support",
         "maintenance", "recurring"),
        Kind.RECURRING,
    ),
    **dict.fromkeys(
        ("service", "services", "professionalservices", "training", "implementation", "hardware", "onetime", "setup"),
        Kind.ONE_OFF,
    ),
}  # fmt: skip


def places_of(line: str) -> tuple[str, ...]:
    """The objects whose fields may fill a line."""
    looked_at = ALIASES[line][0]
    return looked_at if not set(looked_at) <= set(_DEAL_SIDE) else _DEAL_SIDE


def read_mapping(document: Mapping[str, Any]) -> BriefMapping:
    """Read a mapping that was written down.

    Raises:
        MappingInvalid: it has unknown keys or values that are none; each is named, with what to write instead.
    """
    reading = _Reading()
    reading.keys("the mapping", document, _KEYS)
    mapping = BriefMapping(
        fields={line: reading.places(line, value) for line, value in reading.table(document, "fields", ALIASES)},
        roles={part: reading.words(part, value) for part, value in reading.table(document, "roles", ROLES)},
        families={
            name: kind
            for name, value in reading.table(document, "families", None)
            if (kind := reading.one_of(f"families.{name}", value, Kind)) is not None
        },
        amount_means=reading.one_of("amount_means", document.get("amount_means"), AmountMeans),
        heavy_discount_percent=reading.percent(document.get("heavy_discount_percent", Decimal(30))),
    )
    if reading.problems:
        raise MappingInvalid(problems=reading.problems)
    return mapping


def write_mapping(mapping: BriefMapping) -> dict[str, Any]:
    """Return the mapping as JSON-able data that `read_mapping` reads back; what is as by default is left out."""
    heavy = mapping.heavy_discount_percent
    written: dict[str, Any] = {
        "amount_means": mapping.amount_means and mapping.amount_means.value,
        "heavy_discount_percent": None if heavy == 30 else float(heavy) if heavy % 1 else int(heavy),
        "fields": {line: [".".join(place) for place in places] for line, places in sorted(mapping.fields.items())},
        "roles": {part: list(words) for part, words in sorted(mapping.roles.items())},
        "families": {name: kind.value for name, kind in sorted(mapping.families.items())},
    }
    return {name: value for name, value in written.items() if value not in (None, {})}


#: types of fields that can never fill a line: (lines, types, what the line needs)
_UNFIT: tuple[tuple[frozenset[str], frozenset[str], str], ...] = (
    (
        frozenset({"start_on", "renewal_on", "opt_out_on", "kickoff_on", "go_live_on"}),
        frozenset({"boolean", "reference", "currency", "percent", "double", "int", "email", "phone", "url"}),
        "a day",
    ),
    (
        frozenset({"arr", "acv", "tcv", "mrr"}),
        frozenset({"boolean", "reference", "date", "datetime", "email", "phone", "url"}),
        "an amount",
    ),
    (
        frozenset({*ROLES, "csm", "solutions_engineer", "partner_manager"}),
        frozenset({"boolean", "date", "datetime", "currency", "percent", "double", "int"}),
        "a person",
    ),
)


def is_fit(line: str, field_type: str) -> bool:
    """Whether a field of this type can fill a line."""
    return _needs(line, field_type) is None


def _needs(line: str, field_type: str) -> str | None:
    return next((needs for lines, types, needs in _UNFIT if line in lines and field_type in types), None)


def problems_of(mapping: BriefMapping, known: Mapping[Place, str]) -> list[str]:
    """Say what of a mapping the org can't fulfil; `known` are the readable fields of the org with their types."""
    problems = []
    for line, places in mapping.fields.items():
        for place in places:
            name = ".".join(place)
            field_type = known.get(place)
            if field_type is None:
                near = get_close_matches(name, [".".join(each) for each in known], n=1, cutoff=0.75)
                hint = f"did you mean {near[0]}?" if near else "let the sync user read it, or leave it out."
                problems.append(f"fields.{line}: there is no field {name}, or it is hidden: {hint}")
            elif (needs := _needs(line, field_type)) is not None:
                problems.append(f"fields.{line}: {name} is of type {field_type}, and the line needs {needs}.")
    return problems


_Choice = TypeVar("_Choice", bound=StrEnum)


class _Reading:
    """Reads values and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def keys(self, what: str, document: Mapping[str, Any], allowed: Sequence[str]) -> None:
        for name in sorted(set(document) - set(allowed)):
            near = get_close_matches(str(name), allowed, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(allowed)}."
            self.problems.append(f"{what} has no {name!r}: {hint}")

    def table(self, document: Mapping[str, Any], name: str, allowed: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
        value = document.get(name) or {}
        if not isinstance(value, Mapping):
            self.problems.append(f"{name} must be a table.")
            return []
        if allowed is not None:
            self.keys(name, value, list(allowed))
        return [(str(key), each) for key, each in value.items() if allowed is None or key in allowed]

    def places(self, line: str, value: Any) -> tuple[Place, ...]:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or len(names) > _MOST_PLACES or not all(isinstance(each, str) for each in names):
            self.problems.append(f'fields.{line} must be a list of fields such as ["Opportunity.Why_Now__c"].')
            return ()
        found = []
        for each in names:
            object_name, _, field_name = each.partition(".")
            if object_name not in places_of(line) or not field_name.replace("_", "").isalnum():
                objects = ", ".join(places_of(line))
                self.problems.append(f"fields.{line}: {each!r} is no field of {objects}: write Object.Field__c.")
            else:
                found.append((object_name, field_name))
        return tuple(dict.fromkeys(found))

    def words(self, part: str, value: Any) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
            return tuple(value)
        self.problems.append(f'roles.{part} must be a list of words such as ["Coach"].')
        return ()

    def one_of(self, name: str, value: Any, choices: type[_Choice]) -> _Choice | None:
        if value is None:
            return None
        try:
            return choices(value)
        except ValueError:
            self.problems.append(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
            return None

    def percent(self, value: Any) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal(-1)
        if isinstance(value, bool) or not 0 < number <= 100:
            self.problems.append("heavy_discount_percent must be a number above 0 and up to 100.")
            return Decimal(30)
        return number
