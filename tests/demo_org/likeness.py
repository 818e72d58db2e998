"""Compares an answer of the demo org with a recorded one: same keys, same JSON types, same formats of texts."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from demo_org.ids import normalise

Place = tuple[str, ...]

_KINDS = {
    type(None): "null",
    bool: "a boolean",
    int: "a whole number",
    float: "a double",
    dict: "an object",
    list: "a list",
}
_FORMATS = {
    "an instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000\Z"),
    "an instant with Z": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z"),
    "a day": re.compile(r"\d{4}-\d\d-\d\d\Z"),
    "an instant of HTTP": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\Z"),
    "an API path": re.compile(r"/services/"),
    "an address": re.compile(r"https?://"),
    "a version": re.compile(r"\d\d\.0\Z"),
    "milliseconds": re.compile(r"\d{13}\Z"),
}
_RESOURCES = frozenset(
    {"services", "data", "sobjects", "describe", "layouts", "compactLayouts", "approvalLayouts", "listviews", "results"}
    | {"query", "queryAll", "search", "recent", "limits", "tooling", "composite", "tree", "batch", "graph"}
    | {"quickActions", "jobs", "ingest", "batches", "resultPages"}
)


def assert_alike(
    recorded: Any,
    answered: Any,
    *,
    absent: Collection[str] = (),
    extra: Collection[str] = (),
    nullable: Collection[str] = (),
) -> None:
    """Fail with a list of differences, one a line, each with its place.

    `absent` and `extra` name keys (dotted from the top, * for any element) that the answer may lack or add, `nullable`
    those that may be null where the recorded value is not; a test that uses them says why.
    """
    found = differences(recorded, answered, absent=absent, extra=extra, nullable=nullable)
    assert not found, "the answer differs from the recorded one:\n  " + "\n  ".join(found)


def differences(
    recorded: Any,
    answered: Any,
    *,
    absent: Collection[str] = (),
    extra: Collection[str] = (),
    nullable: Collection[str] = (),
) -> list[str]:
    """What differs, as lines such as `records.0.Amount: recorded a double (12.0), answered null (None)`.

    A recorded null says nothing about the value. The elements of lists of equal length are compared in pairs, else
    all of the answer with the first recorded one.
    """
    return list(_Comparison(absent=absent, extra=extra, nullable=nullable).lines((), recorded, answered))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """How strict one comparison is."""

    absent: Collection[str]
    extra: Collection[str]
    nullable: Collection[str]

    def lines(self, place: Place, recorded: Any, answered: Any) -> Iterator[str]:
        """The differences at and below a place."""
        if isinstance(recorded, dict) and isinstance(answered, dict):
            yield from self._objects(place, recorded, answered)
        elif isinstance(recorded, list) and isinstance(answered, list):
            yield from self._lists(place, recorded, answered)
        elif recorded is not None and not (answered is None and _named(place, self.nullable)):
            yield from self._values(place, recorded, answered)

    def _objects(self, place: Place, recorded: dict[str, Any], answered: dict[str, Any]) -> Iterator[str]:
        for key in [key for key in recorded if key not in answered and not _named((*place, key), self.absent)]:
            yield f"{_shown_place(place)}: lacks {key!r}"
        for key in [key for key in answered if key not in recorded and not _named((*place, key), self.extra)]:
            yield f"{_shown_place(place)}: adds {key!r}"
        for key in [key for key in recorded if key in answered]:
            yield from self.lines((*place, key), recorded[key], answered[key])

    def _lists(self, place: Place, recorded: list[Any], answered: list[Any]) -> Iterator[str]:
        if recorded and not answered:
            yield f"{_shown_place(place)}: recorded with elements, answered empty"
        models = recorded if len(recorded) == len(answered) else recorded[:1] * len(answered)
        for number, (model, each) in enumerate(zip(models, answered, strict=False)):
            yield from self.lines((*place, str(number)), model, each)

    def _values(self, place: Place, recorded: Any, answered: Any) -> Iterator[str]:
        was, now = kind_of(recorded), kind_of(answered)
        # A text may look like anything.
        longer = was == "an id of 15 characters" and now == "an id of 18 characters"  # older versions answered so
        if was != now and not longer and not (was == "text" and isinstance(answered, str)):
            yield f"{_shown_place(place)}: recorded {was} ({_shown(recorded)}), answered {now} ({_shown(answered)})"
        elif was == "an API path" and _skeleton(recorded) != _skeleton(answered):
            yield f"{_shown_place(place)}: recorded {recorded}, answered {answered}"


def kind_of(value: Any) -> str:
    """What a JSON value is: a double, an id, an instant, a text, ..."""
    if not isinstance(value, str):
        return _KINDS[type(value)]
    if len(value) in {15, 18} and normalise(value) is not None and any(each.isdigit() for each in value):
        return f"an id of {len(value)} characters"
    return next((name for name, pattern in _FORMATS.items() if pattern.match(value)), "text")


def _skeleton(path: str) -> list[str]:
    """The path with its resources; version, ids and names of objects differ from org to org."""
    steps = path.partition("?")[0].strip("/").split("/")
    return [step if step in _RESOURCES else "*" for step in steps]


def _named(place: Place, keys: Collection[str]) -> bool:
    patterns = [tuple(each.split(".")) for each in keys]
    return any(
        len(place) == len(pattern) and all(wanted in ("*", step) for step, wanted in zip(place, pattern, strict=True))
        for pattern in patterns
    )


def _shown_place(place: Place) -> str:
    return ".".join(place) or "the whole"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
