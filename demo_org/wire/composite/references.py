"""References of the composite resources: @{name.path} stands for a value an earlier part answered."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

#: a name begins with a letter or digit and holds letters, digits and underscores (REST guide, composite sub-request)
NAME = re.compile(r"[A-Za-z0-9]\w*\Z", re.ASCII)
_REFERENCE = re.compile(r"@\{(?P<name>\w+)(?P<path>[^}]*)\}", re.ASCII)
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]")


class Unresolved(Exception):
    """Nothing answered so far has a value there."""

    def __init__(self, reference: re.Match[str]) -> None:
        path = reference["name"] + reference["path"]
        # The text of API version 52 and later, which blames the name whatever was wrong (REST guide).
        super().__init__(
            f"Invalid reference specified. No value for {path} found in {reference['name']}. Provided referenceId "
            f"('{path}') must start with a letter or a number, and it can contain only letters, numbers and "
            "underscores ('_')."
        )


def resolve(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with every reference replaced; one that is the whole text keeps the type of what it stands for."""
    if isinstance(value, dict):
        return {key: resolve(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, known) for each in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _look_up(whole, known)
    return _REFERENCE.sub(lambda match: _text(_look_up(match, known)), value)


def resolve_url(url: str, known: Mapping[str, Any]) -> str:
    """The address with every reference replaced by its value, encoded as addresses need it."""
    return _REFERENCE.sub(lambda match: quote(_text(_look_up(match, known)), safe="'"), url)


def names_in(value: Any) -> Iterator[str]:
    """The names of all parts a value refers to."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from names_in(each)
    elif isinstance(value, str):
        yield from (match["name"] for match in _REFERENCE.finditer(value))


def _look_up(match: re.Match[str], known: Mapping[str, Any]) -> Any:
    """What the reference stands for; null is a value (since version 52), a missing key is none."""
    try:
        value: Any = known[match["name"]]
        end = 0
        for step in _STEP.finditer(match["path"]):
            value = value[step["key"]] if step["key"] is not None else value[int(step["index"])]
            end = step.end()
    except (LookupError, TypeError):
        raise Unresolved(match) from None
    if end != len(match["path"]) or isinstance(value, dict | list):
        # Only single values can be referred to (REST guide lists the types).
        raise Unresolved(match)
    return value


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
    return str(value)
