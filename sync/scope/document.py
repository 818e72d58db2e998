"""A scope as people write it (TOML, options) and as the store keeps it (JSON), and what is wrong with one.

Mistakes are told all at once, each with what to write instead: a misspelt stage must never silently mean "no deals".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sync.errors import ScopeInvalid
from sync.record import ObjectShape
from sync.scope.scope import MOST_DAYS, AddedObject, ClosingSoon, ClosureChoice, RecordType, Scope

_KEYS = frozenset({"record_types", "stages", "closed_from", "won_from", "closing_soon", "closure"})
#: the objects whose records a record of the org's own can belong to
_PARENTS = ("Opportunity", "Account")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgFacts:
    """What a scope is checked against: what the sync user can read in the org."""

    #: the readable fields of Opportunity
    fields: frozenset[str]
    #: the stages by what people call them: the label, and the name that programs use, which records hold
    stages: Mapping[str, str]
    #: the record types of Opportunity by the name that programs use; None when they can't be read
    record_types: Mapping[str, str] | None
    #: the objects that the scope adds to the closure, as described; absent ones are missing
    added: Mapping[str, ObjectShape]


def read_scope(document: Mapping[str, Any]) -> Scope:
    """Read a scope that was written down.

    Raises:
        ScopeInvalid: it has unknown keys or values that are none; each is named.
    """
    reading = _Reading()
    reading.keys("the scope", document, _KEYS)
    scope = Scope(
        record_types=tuple(_record_type(each) for each in reading.names(document, "record_types", (str, dict))),
        stages=tuple(reading.names(document, "stages", (str,))),
        closed_from=reading.day(document, "closed_from"),
        won_from=reading.day(document, "won_from"),
        closing_soon=reading.closing_soon(document.get("closing_soon")),
        closure=reading.closure(document.get("closure")),
    )
    if reading.problems:
        raise ScopeInvalid(problems=reading.problems)
    return scope


def write_scope(scope: Scope) -> dict[str, Any]:
    """Return the scope as JSON-able data that `read_scope` reads back; what restricts nothing is left out."""
    soon, closure = scope.closing_soon, scope.closure
    written: dict[str, Any] = {
        "record_types": [{"name": each.name, "id": each.id} for each in scope.record_types],
        "stages": list(scope.stages),
        "closed_from": scope.closed_from.isoformat() if scope.closed_from else None,
        "won_from": scope.won_from.isoformat() if scope.won_from else None,
        "closing_soon": {"days": soon.days, "probability": soon.probability} if soon else None,
        "closure": {
            name: value
            for name, value in {
                "leave_out": list(closure.leave_out),
                "add": [
                    {"object": each.name, "parent_field": each.parent_field, "parent": each.parent}
                    for each in closure.add
                ],
            }.items()
            if value
        },
    }
    return {name: value for name, value in written.items() if value}


def checked(scope: Scope, facts: OrgFacts) -> Scope:
    """Return the scope in the org's own spelling, with the ids of its record types.

    Raises:
        ScopeInvalid: the org lacks, or hides, what the scope names.
    """
    spelling = {name.lower(): value for name, value in facts.stages.items()}
    scope = replace(scope, stages=tuple(dict.fromkeys(spelling.get(each.lower(), each) for each in scope.stages)))
    problems = unusable(scope, fields=facts.fields, stages=tuple(dict.fromkeys(facts.stages.values())))
    record_types, unknown = _resolved(scope.record_types, facts)
    added, bad = _added(scope.closure, facts)
    problems += [*unknown, *bad]
    if problems:
        raise ScopeInvalid(problems=problems)
    return replace(scope, record_types=record_types, closure=replace(scope.closure, add=added))


def unusable(scope: Scope, *, fields: frozenset[str], stages: Sequence[str]) -> list[str]:
    """Say why membership can't be told by this scope now: a field is hidden, a stage is gone; empty when it can."""
    problems = [
        f"Opportunity.{name} can't be read: let the sync user read it."
        for name in sorted(scope.fields() - fields)
        if name != "RecordTypeId"
    ]
    if scope.record_types and "RecordTypeId" not in fields:
        problems.append("the org has no record types of opportunities, or hides them: leave record_types out.")
    known = {each.lower() for each in stages}
    problems += [
        f"there is no stage {each!r}: choose among {', '.join(map(repr, stages))}."
        for each in scope.stages
        if each.lower() not in known
    ]
    return problems


def _resolved(chosen: Sequence[RecordType], facts: OrgFacts) -> tuple[tuple[RecordType, ...], list[str]]:
    known = facts.record_types or {}
    by_name = {name.lower(): RecordType(name=name, id=record_id) for name, record_id in known.items()}
    # An id of 15 characters is the first part of the same id of 18.
    by_id = {record_id[:15]: RecordType(name=name, id=record_id) for name, record_id in known.items()}
    found = [by_id.get((each.id or each.name)[:15]) or by_name.get(each.name.lower()) for each in chosen]
    unknown = [
        f"there is no record type {each.name!r}: choose among {', '.join(map(repr, sorted(known)))}."
        for each, match in zip(chosen, found, strict=True)
        if match is None
    ]
    if unknown and "RecordTypeId" not in facts.fields:
        return (), []  # told already: the org has none at all
    return tuple(dict.fromkeys(each for each in found if each is not None)), unknown


def _added(choice: ClosureChoice, facts: OrgFacts) -> tuple[tuple[AddedObject, ...], list[str]]:
    """Return the added objects with what their fields name, and what is wrong with the choice."""
    added, problems = [], []
    for each in choice.add:
        shape = facts.added.get(each.name)
        if shape is None:
            problems.append(f"there is no object {each.name}, or it is hidden: let the sync user read it.")
            continue
        lookups = {
            field.name: parent
            for field in shape.fields
            for parent in reversed(_PARENTS)
            if parent in field.reference_to
        }
        if each.parent_field in lookups:
            added.append(replace(each, parent=lookups[each.parent_field]))
        else:
            choices = f"choose among {', '.join(lookups)}" if lookups else "it has no such field, so leave it out"
            problems.append(f"{each.name}.{each.parent_field} names no opportunity and no account: {choices}.")
    both = sorted({each.name for each in choice.add} & set(choice.leave_out))
    problems += [f"{name} is both added and left out: choose one." for name in both]
    standard = [name for name in (*choice.leave_out, *(each.name for each in choice.add)) if not name.endswith("__c")]
    problems += [f"{name} is no object of the org's own (…__c): only such are added or left out." for name in standard]
    return tuple(added), problems


class _Reading:
    """Reads values and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def keys(self, what: str, document: Mapping[str, Any], allowed: frozenset[str]) -> None:
        takes = ", ".join(sorted(allowed))
        self.problems += [f"{what} has no {name!r}: it takes {takes}." for name in sorted(document.keys() - allowed)]

    def names(self, document: Mapping[str, Any], name: str, kinds: tuple[type, ...]) -> list[Any]:
        value = document.get(name) or []
        if isinstance(value, list) and all(
            isinstance(each, kinds) and each and "\0" not in str(each) for each in value
        ):
            return list(value)
        self.problems.append(f"{name} must be a list of names.")
        return []

    def day(self, document: Mapping[str, Any], name: str) -> date | None:
        value = document.get(name)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.problems.append(f"{name} must be a day such as 2024-01-31, not {value!r}.")
            return None

    def closing_soon(self, value: Any) -> ClosingSoon | None:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.problems.append("closing_soon must have days and probability.")
            return None
        self.keys("closing_soon", value, frozenset({"days", "probability"}))
        days = self._number(value, "days", least=0, most=MOST_DAYS)
        probability = self._number(value, "probability", least=0, most=100)
        return ClosingSoon(days=days, probability=probability)

    def closure(self, value: Any) -> ClosureChoice:
        if value is None:
            return ClosureChoice()
        if not isinstance(value, Mapping):
            self.problems.append("closure must have leave_out or add.")
            return ClosureChoice()
        self.keys("closure", value, frozenset({"leave_out", "add"}))
        added = []
        for each in self.names(value, "add", (dict,)):
            names = set(each) - {"parent"}
            if names == {"object", "parent_field"} and all(isinstance(part, str) for part in each.values()):
                parent = each.get("parent", "")
                added.append(AddedObject(name=each["object"], parent_field=each["parent_field"], parent=parent))
            else:
                self.problems.append("each object of closure.add needs object and parent_field, and nothing else.")
        return ClosureChoice(leave_out=tuple(self.names(value, "leave_out", (str,))), add=tuple(added))

    def _number(self, value: Mapping[str, Any], name: str, *, least: int, most: int) -> int:
        number = value.get(name)
        if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
            return number
        self.problems.append(f"closing_soon.{name} must be a whole number from {least} to {most}.")
        return least


def _record_type(value: Any) -> RecordType:
    if isinstance(value, str):
        return RecordType(name=value, id="")
    return RecordType(name=str(value.get("name", "")), id=str(value.get("id", "")))
