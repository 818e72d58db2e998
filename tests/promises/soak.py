"""Lets the machines run for as long as is wanted, on all cores, with new seeds; or does the steps of a failure again.

python tests/promises/soak.py --seconds 3600
python tests/promises/soak.py --replay .soak/failure-12-whole.txt --reduce 120
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from machine.replay import read_steps, reduced, replay
from machine.rules import Life, let_live
from sqlalchemy.engine import make_url

from models.embedded.server import EmbeddedServer
from models.migrate import migrate
from models.session import Store

#: the kinds of trouble that are tried in turn
MACHINES = (
    {"disturbed": True, "killed": True, "faulty": True},
    {"quietly": "quiet live", "disturbed": True, "killed": True, "faulty": True},
    {"disturbed": True, "killed": True, "kinds": ("live", "deep", "snapshot")},
    {},
)
_PROGRAMS = 25
_STEPS = 15
_REDUCING = 60.0  # seconds


@contextmanager
def databases() -> Iterator[Callable[[], str]]:
    """A PostgreSQL of this process, and what makes an empty store in it."""
    with tempfile.TemporaryDirectory(prefix="baton-soak-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedServer(Path(folder), database="template_baton", is_kept=False) as url:
            store = Store(url)
            migrate(store)
            store.close()
            address, numbers = make_url(url), count(1)
            admin = address.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)

            def make() -> str:
                name = f"soak_{next(numbers)}"
                with psycopg.connect(admin, autocommit=True) as connection:
                    for (old,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'soak_%'"):
                        connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
                    connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template_baton')
                return address.set(database=name).render_as_string(hide_password=False)

            yield make


def work(seconds: float, first_seed: int) -> None:
    """Run machines in this process until the time is over; what was done is printed as a line of JSON each time."""
    until, seeds = time.monotonic() + seconds, count(first_seed, 2)
    with databases() as new_database:
        while time.monotonic() < until:
            number = next(seeds)
            life = Life(new_database, until=until)
            let_live(
                life, programs=_PROGRAMS, steps=_STEPS, random_seed=number, **MACHINES[number // 2 % len(MACHINES)]
            )
            life.close()
            said = {"seed": number, "programs": life.programs, "steps": life.steps, "did": life.did}
            print(json.dumps(said | {"failure": life.failure, "failed_steps": life.failed_steps}), flush=True)
            if life.failure is not None:
                kept = reduced(life.failed_steps, new_database, seconds=_REDUCING, told=lambda _: None)
                print(json.dumps({"seed": number, "failure": life.failure, "reduced": kept}), flush=True)


def soak(seconds: float, workers: int, first_seed: int, folder: Path) -> int:
    """Run workers side by side, print what they did, and return how many programs failed."""
    running = [
        subprocess.Popen(
            [sys.executable, __file__, "--worker", "--seconds", str(seconds), "--seed", str(first_seed + number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(workers)
    ]
    folder.mkdir(exist_ok=True)
    tally = Tally(folder)
    readers = [threading.Thread(target=tally.read, args=(each.stdout,)) for each in running]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    broken = sum(process.wait() != 0 for process in running)
    tally.show()
    return tally.failures + broken


class Tally:
    """What the workers did, all in all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self.programs = self.steps = self.failures = 0
        self.did: Counter[str] = Counter()

    def read(self, lines: Iterable[str]) -> None:
        """Take in what a worker says, until it ends; failures are shown and kept at once."""
        for line in lines:
            if not line.startswith("{"):  # a log
                continue
            said = json.loads(line)
            with self._lock:
                if "reduced" in said:
                    self._keep(said, said["reduced"], "reduced")
                    continue
                self.programs, self.steps = self.programs + said["programs"], self.steps + said["steps"]
                self.did.update(said["did"])
                if said["failure"]:
                    self.failures += 1
                    self._keep(said, said["failed_steps"], "whole")

    def show(self) -> None:
        """Print the sums."""
        print(f"programs {self.programs}, steps {self.steps}, failures {self.failures}")
        for name, number in sorted(self.did.items()):
            print(f"{number:8}  {name}")

    def _keep(self, said: dict[str, Any], steps: list[Any], what: str) -> None:
        path = self._folder / f"failure-{said['seed']}-{what}.txt"
        told = "\n".join(json.dumps(each) for each in steps)
        path.write_text(f"{said['failure']}\n{told}\n", encoding="utf-8")
        print(f"seed {said['seed']} failed; try again with --replay {path}\n{said['failure']}", flush=True)
        if what == "reduced":
            print(told, flush=True)


def again(path: Path, reduce: float) -> int:
    """Do the steps of a file again; with time to reduce them, look for fewer that fail."""
    steps = read_steps(path)
    with databases() as new_database:
        if reduce:
            steps = reduced(steps, new_database, seconds=reduce, told=print)
            print("\n".join(json.dumps(each) for each in steps))
        error = replay(steps, new_database)
    print("nothing went wrong" if error is None else f"{type(error).__name__}: {error}")
    return 0 if error is None else 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--folder", type=Path, default=Path(".soak"))
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--replay", type=Path)
    parser.add_argument("--reduce", type=float, default=0, metavar="SECONDS")
    asked = parser.parse_args()
    if asked.replay is not None:
        return again(asked.replay, asked.reduce)
    if asked.worker:
        work(asked.seconds, asked.seed)
        return 0
    return min(1, soak(asked.seconds, asked.workers, asked.seed, asked.folder))


if __name__ == "__main__":
    sys.exit(main())
