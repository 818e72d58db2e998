"""Which field of an org might fill a line of the brief: by what it is called, its type, and how often it is filled."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from sync.shape.aggregate import Aggregate
from sync.shape.aliases import ALIASES, plain
from sync.shape.brief import shape_brief
from sync.shape.lookup import FieldMap
from sync.shape.mapping import BriefMapping, is_fit, places_of

_NEAR = 0.84  # how alike two names are that may be one
_LEAST = 0.5
_MOST_SUGGESTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgField:
    """A field of the org, and how much of it there is."""

    object_name: str
    name: str
    label: str
    type: str
    custom: bool
    #: in how many of the records of deals it is filled, from 0 to 1; None where there are none
    fill_rate: float | None = None

    @property
    def place(self) -> str:
        """As a mapping names it."""
        return f"{self.object_name}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A field that might fill a line, and how likely that is, from 0 to 1."""

    field: OrgField
    score: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedLine:
    """A line of the brief, what fills it, and what else might."""

    key: str
    label: str
    section: str
    #: the fields in force, and whether people chose them
    fields: tuple[str, ...]
    chosen: bool
    fill_rate: float | None
    suggestions: tuple[Suggestion, ...]


def mapped_lines(fields: Iterable[OrgField], in_force: FieldMap, mapping: BriefMapping) -> list[MappedLine]:
    """Tell of every line what fills it and what else might, in the order of the brief."""
    known = [field for field in fields if field.name != "Id"]
    by_place = {field.place: field for field in known}
    lines = []
    for key, (section, label) in _titles().items():
        places = tuple(".".join(place) for place in in_force.get(key, ()))
        rates = [by_place[place].fill_rate for place in places if place in by_place]
        filled = [rate for rate in rates if rate is not None]
        lines.append(
            MappedLine(
                key=key, label=label, section=section, fields=places, chosen=key in mapping.fields,
                fill_rate=max(filled, default=None),
                suggestions=suggestions(key, [field for field in known if field.place not in places]),
            )
        )  # fmt: skip
    return lines


def suggestions(line: str, fields: Iterable[OrgField]) -> tuple[Suggestion, ...]:
    """Return the fields that are most likely meant for a line, the likeliest first."""
    found = []
    for field in fields:
        if field.custom and field.object_name in places_of(line) and is_fit(line, field.type):
            score, why = _likeness(line, field)
            if score >= _LEAST:
                found.append(Suggestion(field=field, score=round(score, 2), why=why))
    found.sort(key=lambda each: (-each.score, -(each.field.fill_rate or 0), each.field.place))
    return tuple(found[:_MOST_SUGGESTED])


def _likeness(line: str, field: OrgField) -> tuple[float, str]:
    """How likely a field is meant: by its label before its API name; a field that nobody fills is less likely."""
    by_label, label_why = _alike(line, field.label)
    by_name, name_why = _alike(line, field.name)
    score, why = (by_label, f"label {label_why}") if by_label >= by_name * 0.9 else (by_name * 0.9, f"name {name_why}")
    if field.fill_rate is not None and field.fill_rate < 0.01:
        score, why = score * 0.7, f"{why}, but hardly ever filled"
    return score, why


def _alike(line: str, name: str) -> tuple[float, str]:
    """How alike a name is to the best of a line's aliases."""
    words, best, why = _words(name), 0.0, ""
    for alias in ALIASES[line][1]:
        alias_words = _words(alias)
        if plain(name) == plain(alias):
            return 1.0, f"is {alias!r}"
        common = len(words & alias_words)
        if alias_words and alias_words <= words:
            score, reason = 0.6 + 0.3 * common / len(words), f"contains {alias!r}"
        else:
            ratio = SequenceMatcher(None, plain(name), plain(alias)).ratio()
            score, reason = (ratio * 0.9, f"is like {alias!r}") if ratio >= _NEAR else (0.0, "")
        if score > best:
            best, why = score, reason
    return best, why


def _words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("__c"))
    return {word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word}


def _titles() -> Mapping[str, tuple[str, str]]:
    """Every line that a field can fill -> the section it stands in and its label, in the order of the brief."""
    bare = shape_brief(Aggregate(org_id="", instance_url="", currency=None, deal={"id": ""}))
    known = {
        item.key: (section.title, item.label)
        for section in bare.sections
        for item in section.items
        if item.key in ALIASES
    }
    rest = {key: (_ELSEWHERE.get(key, ""), key.replace("_", " ").capitalize()) for key in ALIASES if key not in known}
    return known | rest


#: lines that are part of others, or of each row of a table
_ELSEWHERE = {
    "influence": "Who bought", "sentiment": "Who bought", "renewal_on": "Terms and renewal",
    "opt_out_on": "Terms and renewal", "loss_reason": "Prior history",
}  # fmt: skip
