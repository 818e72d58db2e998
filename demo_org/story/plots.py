"""The plots of the story: per kind of customer, what hurts, what is bought, who decides; read from the TOML files."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
KINDS = ("clinic", "hospital", "lab", "insurer")
PARTS = ("champion", "buyer", "tech", "sponsor", "sceptic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One reason to buy: all its texts fit together."""

    key: str
    topic: str
    product: str
    addons: tuple[str, ...]
    one_off: tuple[str, ...]
    #: months the texts speak of; None = any
    term: int | None
    #: percent the texts speak of; None = any
    discount: int | None
    #: weeks from the signature to go-live that the texts speak of; None = some months
    live_in_weeks: tuple[int, int] | None
    #: number in the texts -> least and greatest value
    numbers: Mapping[str, tuple[int, int]]
    #: everything that is told, by name: one text, several to choose from, or several that go together
    texts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of customer with its people, its way to decide and its plots."""

    key: str
    facts: Mapping[str, Any]
    plots: tuple[Plot, ...]

    def titles(self, part: str) -> list[str]:
        """What a person who plays the part is called there."""
        titles: list[str] = self.facts[part]
        return titles


_OWN = {"key", "topic", "product", "addons", "one_off", "term", "discount", "live_in_weeks", "numbers"}


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds of customers, as the files tell them."""
    return tuple(_kind(name) for name in KINDS)


@cache
def names() -> Mapping[str, Any]:
    """Invented names of people, places and cities."""
    return _read(_HERE / "names.toml")


@cache
def talk() -> Mapping[str, Any]:
    """What every deal has in common: first mails, slips, paper work."""
    return _read(_HERE / "talk.toml")


@cache
def beside() -> Mapping[str, Any]:
    """What lies beside a deal's fields and talks: mails, files, rivals, cases."""
    return _read(_HERE / "beside.toml")


def _kind(name: str) -> Kind:
    content = _read(_HERE / "plots" / f"{name}.toml")
    return Kind(key=name, facts=content["kind"], plots=tuple(_plot(entry) for entry in content["plot"]))


def _plot(entry: dict[str, Any]) -> Plot:
    return Plot(
        key=entry["key"],
        topic=entry["topic"],
        product=entry["product"],
        addons=tuple(entry["addons"]),
        one_off=tuple(entry["one_off"]),
        term=entry.get("term"),
        discount=entry.get("discount"),
        live_in_weeks=tuple(entry["live_in_weeks"]) if "live_in_weeks" in entry else None,
        numbers={name: (low, high) for name, (low, high) in entry["numbers"].items()},
        texts={name: value for name, value in entry.items() if name not in _OWN},
    )


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)
