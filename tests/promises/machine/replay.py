"""Doing steps again on a new world, and leaving out those that are not needed for the failure."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import stamina

from machine.steps import do
from machine.world import Step, World


def read_steps(path: Path) -> list[Step]:
    """The steps of a file that has one a line; other lines are passed over."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [tuple(json.loads(line)) for line in lines if line.startswith("[")]


def replay(steps: Sequence[Step], new_database: Callable[[], str]) -> Exception | None:
    """Do the steps on a new world; what went wrong, or None."""
    world = World(new_database())
    try:
        with stamina.set_testing(True, attempts=5, cap=True):
            for step in steps:
                do(world, step)
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return error
    finally:
        world.close()
    return None


def reduced(
    steps: Sequence[Step], new_database: Callable[[], str], *, seconds: float, told: Callable[[str], None]
) -> list[Step]:
    """The fewest steps found in some time that still fail in the same way."""
    known = replay(steps, new_database)
    if known is None:
        told("the steps do not fail again")
        return list(steps)
    until, kept, piece = time.monotonic() + seconds, list(steps), max(1, len(steps) // 2)
    while time.monotonic() < until:
        start, shorter = 0, False
        while start < len(kept) and time.monotonic() < until:
            tried = kept[:start] + kept[start + piece :]
            if _alike(replay(tried, new_database), known):
                kept, shorter = tried, True
                told(f"{len(kept)} steps fail")
            else:
                start += piece
        if piece == 1 and not shorter:
            break
        piece = max(1, piece // 2)
    return kept


def _alike(error: Exception | None, known: Exception) -> bool:
    return error is not None and type(error) is type(known) and _first(error) == _first(known)


def _first(error: Exception) -> str:
    """What went wrong, without the ids it happened to: object and field, or the first words."""
    words = str(error).split("\n", 1)[0].split()
    return " ".join(word for word in words[:5] if not any(letter.isdigit() for letter in word))
