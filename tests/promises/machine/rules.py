"""State machines for hypothesis: each program is a row of steps on a world that has lived through earlier ones."""

import json
import math
import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import stamina
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from machine.steps import ADMINS, PEOPLE, SYSTEM, Act, do
from machine.world import Step, World

#: programs that one world lives through before a new one is made
_LIFE = 17
#: rules of one program at most; a rule is up to four steps
_STEPS = 6
_LARGEST = 2**20
_NUMBERS = st.integers(0, _LARGEST)
#: acts that happen more often, or less often, than others
_OFTEN = {
    "new_child": 5,
    "change": 5,
    "move": 4,
    "delete": 3,
    "hard_delete": 3,
    "ties": 1,
    "transfer": 1,
    "purge": 1,
    "switch_feature": 1,
    "switch_object": 1,
}
_MEANWHILE = tuple(name for name in (*PEOPLE, *SYSTEM) if name not in {"ties", "begin", "commit"})


class Life:
    """The worlds that programs run on, and the first thing that went wrong."""

    def __init__(self, new_database: Callable[[], str], *, until: float = math.inf) -> None:
        self._new_database = new_database
        self._until = until
        self._world: World | None = None
        self._lived = 0
        self.programs = 0
        self.steps = 0
        self.did: Counter[str] = Counter()
        self.failure: str | None = None
        self.failed_steps: list[Step] = []

    def world(self) -> World:
        """The world of the next program."""
        if self._world is None or self._lived >= _LIFE:
            self.close()
            self._world, self._lived = World(self._new_database()), 0
        self._lived += 1
        return self._world

    def do(self, step: Step) -> None:
        """Do a step, unless something has gone wrong before."""
        if self.failure is not None or self._world is None or time.monotonic() > self._until:
            return
        self.steps += 1
        try:
            with stamina.set_testing(True, attempts=5, cap=True):
                do(self._world, step)
        except Exception:  # noqa: BLE001 - whatever it is, it is told with the steps that led to it
            self.failure = traceback.format_exc()
            self.failed_steps = list(self._world.steps)

    def mixed(self, number: int) -> int:
        """A number of a step: the many zeros that are drawn shall not all mean the same record."""
        return (number + 2654435761 * self.steps) % 2**20

    def close(self) -> None:
        """End the present world."""
        if self._world is not None:
            self.did += self._world.did
            self._world.close()
            self._world = None

    @property
    def compared(self) -> int:
        """How often the store was compared with the org and found to be equal."""
        return self.did["comparisons"] + (self._world.did["comparisons"] if self._world is not None else 0)

    def must_be_well(self) -> None:
        """Fail with what went wrong, if something did, and the steps by which it does so again."""
        if self.failure is not None:
            steps = "\n".join(json.dumps(step) for step in self.failed_steps)
            pytest.fail(f"{self.failure}\nThe steps, to be given to soak.py --replay:\n{steps}\n", pytrace=False)


def machine(
    life: Life,
    *,
    kinds: tuple[str, ...] = ("live", "deep"),
    disturbed: bool = False,
    killed: bool = False,
    faulty: bool = False,
    reshaped: bool = True,
    quietly: str = "quiet",
) -> type[RuleBasedStateMachine]:
    """A state machine with this kind of trouble: things happen during passes, passes are killed, the org misbehaves."""

    def begin(self: Any) -> None:
        RuleBasedStateMachine.__init__(self)
        life.world()
        life.programs += 1
        life.do(("time", 5))

    def end(self: Any) -> None:
        life.do((quietly,))

    def one_pass(number: int) -> Step:
        dice = random.Random(life.mixed(number))
        meanwhile = [
            [dice.randint(1, 12), dice.choice(_MEANWHILE), dice.randrange(_LARGEST)]
            for _ in range(dice.randrange(4) if disturbed else 0)
        ]
        call, statement = dice.choice(((0, 0), (0, 0), (dice.randint(1, 15), 0), (0, dice.randint(1, 250))))
        return ("pass", dice.choice(kinds), meanwhile, call * killed, statement * killed)

    body: dict[str, Any] = {"__init__": begin, "teardown": end}
    for turn in range(3):
        body[f"people_{turn}"] = _rule(life, f"{turn}_people", lambda number: _acts(life, PEOPLE, number, most=4))
    body["system"] = _rule(life, "4_system", lambda number: _acts(life, SYSTEM, number, most=1))
    body["time"] = _rule(life, "5_time", lambda number: [("time", life.mixed(number))])
    body["one_pass"] = _rule(life, "6_pass", lambda number: [one_pass(number)])
    body["look"] = _rule(life, "7_look", lambda number: [(quietly,)] if life.mixed(number) % 7 == 0 else [])
    if reshaped:
        body["admins"] = _rule(life, "8_admins", lambda number: _acts(life, ADMINS, number, most=1))
    if faulty:
        body["trouble"] = _rule(life, "9_trouble", lambda number: [("faults", life.mixed(number), number)])
    return type("Machine", (RuleBasedStateMachine,), body)


def _acts(life: Life, acts: Mapping[str, Act], number: int, *, most: int) -> list[Step]:
    dice = random.Random(life.mixed(number))
    names = [name for name in acts for _ in range(_OFTEN.get(name, 2))]
    return [("act", dice.choice(names), dice.randrange(_LARGEST)) for _ in range(dice.randint(1, most))]


def _rule(life: Life, name: str, steps: Callable[[int], list[Step]]) -> Any:
    def do_it(self: Any, number: int) -> None:
        for step in steps(number):
            life.do(step)

    # Hypothesis begins with the smallest numbers and with the first rules by name.
    do_it.__name__ = f"rule_{name}"
    return rule(number=_NUMBERS)(do_it)


def let_live(life: Life, *, programs: int, steps: int = _STEPS, random_seed: int | None = None, **trouble: Any) -> None:
    """Run so many programs; always the same ones unless there is a seed."""
    chosen = settings(
        max_examples=programs,
        stateful_step_count=steps,
        deadline=None,
        derandomize=random_seed is None,
        database=None,
        phases=[Phase.generate],  # programs follow each other on one world: doing one again shrinks nothing
        suppress_health_check=list(HealthCheck),
    )
    made = machine(life, **trouble)
    run_state_machine_as_test(made if random_seed is None else seed(random_seed)(made), settings=chosen)


__all__ = ["Life", "let_live", "machine"]
