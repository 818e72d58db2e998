"""Reads faults as people write them, in JSON for the control plane or in TOML for `--faults`."""

import difflib
import random
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from demo_org.faults.catalogue import KINDS
from demo_org.faults.kinds import BadFault, Kind, Parameter
from demo_org.faults.rule import Chance, Rule

_NUMBER = (int, float)
#: what every fault may have besides the parameters of its kind
MATCHING: Mapping[str, Parameter] = {
    "kind": Parameter(default="answer", doc="a name of the table below"),
    "name": Parameter(doc="what the log calls it; its kind unless told"),
    "path": Parameter(doc="regular expression, searched in path and query"),
    "statement": Parameter(doc="regular expression, searched in the SOQL, that of a Bulk job too"),
    "method": Parameter(doc="GET, POST, …"),
    "object": Parameter(type=(str, list), doc="an object, or several, that must be asked for"),
    "call": Parameter(
        type=(str, list), doc="kinds of calls as /demo/calls counts them: query, records, bulk, login, …"
    ),
    "agent": Parameter(doc="regular expression, searched in the User-Agent"),
    "part": Parameter(type=bool, doc="only parts of composite requests, or only whole requests"),
    "nth": Parameter(type=(int, list), doc="only the nth call that matches, or several of them"),
    "probability": Parameter(type=_NUMBER, default=1, doc="share of the calls that match"),
    "seed": Parameter(type=int, default=0, doc="for other calls to be that share"),
    "times": Parameter(type=int, default=1, doc="strikes in all; 0 is for ever"),
    "from": Parameter(type=(str, datetime), doc="instant of the org's clock at which it begins"),
    "until": Parameter(type=(str, datetime), doc="instant of the org's clock at which it ends"),
}
_CHANCE: Mapping[str, Parameter] = {
    "seed": Parameter(type=int, default=0, doc="the same seed and the same calls give the same faults"),
    "rate": Parameter(type=_NUMBER, default=0.1, doc="share of all calls that are struck"),
    "kinds": Parameter(type=list, doc="names, or faults with parameters; all that pass by themselves unless told"),
}


def read_order(order: Any) -> tuple[list[Rule], Chance | None]:
    """Faults out of a list of them, one of them, or {"faults": [...], "random": {...}}."""
    if isinstance(order, list):
        order = {"faults": order}
    if not isinstance(order, dict):
        raise BadFault("send a list of faults, or an object with faults and random")
    if not set(order) <= {"faults", "random"}:
        order = {"faults": [order]}
    faults = order.get("faults", [])
    if not isinstance(faults, list):
        raise BadFault("faults is a list")
    chance = order.get("random")
    return [read_rule(each) for each in faults], None if chance is None else _chance(chance)


def read_file(path: str | Path) -> dict[str, Any]:
    """What a file of faults says; a ValueError or an OSError if it can't be read."""
    try:
        order = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        _check_tables(order)
        read_order(order)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, BadFault) as error:
        message = error.message if isinstance(error, BadFault) else str(error)
        raise ValueError(f"the faults in {path} can't be read: {message}") from None
    return order


def read_rule(described: Any) -> Rule:
    """One fault."""
    if not isinstance(described, dict):
        raise BadFault('a fault is an object such as {"kind": "slow", "path": "/query", "seconds": 2}')
    kind = _kind(described.get("kind", "answer"))
    known = {**MATCHING, **kind.parameters}
    given = {name: _checked(kind.name, name, value, known) for name, value in described.items()}
    values = {name: given.get(name, each.default) for name, each in kind.parameters.items()}
    return Rule(
        kind=kind,
        values=values,
        name=given.get("name") or kind.name,
        path=_pattern("path", given.get("path")),
        statement=_pattern("statement", given.get("statement")),
        method=given["method"].upper() if given.get("method") else None,
        objects=frozenset(each.lower() for each in _several(given.get("object"))),
        calls=frozenset(_several(given.get("call"))),
        agent=_pattern("agent", given.get("agent")),
        part=given.get("part"),
        nth=frozenset(_several(given.get("nth"))),
        probability=given.get("probability", 1),
        dice=random.Random(given.get("seed", 0)),
        times=given.get("times", 1),
        begins=_instant("from", given.get("from")),
        ends=_instant("until", given.get("until")),
    )


def _chance(described: Any) -> Chance:
    if not isinstance(described, dict):
        raise BadFault('random is an object such as {"seed": 1, "rate": 0.1}')
    given = {name: _checked("random", name, value, _CHANCE) for name, value in described.items()}
    kinds: Sequence[Any] = given.get("kinds") or [kind.name for kind in KINDS.values() if kind.by_chance]
    rules = [read_rule({"kind": each} if isinstance(each, str) else each) for each in kinds]
    return Chance(seed=given.get("seed", 0), rate=given.get("rate", 0.1), rules=tuple(rules))


def _kind(name: Any) -> Kind:
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise BadFault(f"there is no fault {name!r}{_near(str(name), KINDS)}")
    return kind


def _checked(owner: str, name: str, value: Any, known: Mapping[str, Parameter]) -> Any:
    parameter = known.get(name)
    if parameter is None:
        raise BadFault(f"{owner} has no {name!r}{_near(name, known)}")
    kinds = parameter.type if isinstance(parameter.type, tuple) else (parameter.type,)
    # A truth value is an int for Python, and nothing anybody means by a number.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise BadFault(f"{owner}: {name} can't be {value!r}; it is {parameter.doc}")
    if parameter.choices and value not in parameter.choices:
        raise BadFault(f"{owner}: {name} can't be {value!r}{_near(str(value), parameter.choices)}")
    if isinstance(value, _NUMBER) and value < 0 and name in {"times", "probability", "rate", "delay", "keep"}:
        raise BadFault(f"{owner}: {name} can't be below 0")
    return value


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else f"; there are {', '.join(sorted(names))}"


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _pattern(name: str, text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise BadFault(f"{name} is no regular expression: {error}") from None


def _instant(name: str, value: str | date | None) -> datetime | None:
    if value is None:
        return None
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise BadFault(f"{name} is no instant; write it like 2026-01-31T12:00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _check_tables(order: Mapping[str, Any]) -> None:
    unknown = set(order) - {"faults", "random"}
    if unknown:
        raise BadFault(f"there is no table {min(unknown)}; write [[faults]] and [random]")
