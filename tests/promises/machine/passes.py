"""Passes of the sync over a world: quiet ones, disturbed ones, and ones that are killed in the middle."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import event

from machine.world import World
from sync.errors import SyncError
from sync.prove import prove_once
from sync.run import PassReport, connected_org, run_pass
from sync.salesforce.client import connect

Kind = Literal["live", "deep", "snapshot"]
#: (number of the call before which it happens, what happens)
Disturbance = tuple[int, Callable[[], object]]
#: live passes after which all objects have been asked about, the org's own ones among them. Time stands still in the
#: org but between them, so the first may ask what was asked a moment ago.
ROTATION = 7
_POLL = 30  # seconds between two of them


class Killed(BaseException):
    """The process ends here; nothing may catch this and go on."""


class Broken(AssertionError):
    """A promise is broken; the message says which."""


class Disturbed:
    """A client before whose calls other things happen; all it is asked, the true one answers."""

    def __init__(self, client: Any, disturbances: Sequence[Disturbance]) -> None:
        self._client = client
        self._waiting = sorted(disturbances, key=lambda each: each[0])
        self._lock = threading.Lock()  # a pass may have several calls under way
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found) or name == "close":
            return found

        def ask(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                self.asked += 1
                while self._waiting and self._waiting[0][0] <= self.asked:
                    self._waiting.pop(0)[1]()
            return found(*arguments, **named)

        return ask


@contextmanager
def killed_at_statement(world: World, number: int | None) -> Iterator[None]:
    """End the process when it sends its nth statement to the database."""
    engine = world.store._engine
    sent = 0

    def count(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == number:
            raise Killed

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


def one_pass(
    world: World,
    kind: Kind,
    *,
    disturbances: Sequence[Disturbance] = (),
    killed_at: int | None = None,
    may_fail: bool = False,
) -> PassReport | None:
    """Do one pass and check what must hold after it; None if it failed or was killed.

    Raises:
        Broken: something that must hold does not.
        SyncError: it failed although nothing disturbed it.
    """
    oldest = world.org.oldest_open()
    world.memory.look(world.org)
    try:
        with killed_at_statement(world, killed_at), connect(world.login) as client:
            org_id = connected_org(world.store, client)
            asked: Any = Disturbed(client, disturbances)
            report = run_pass(world.store, asked, org_id, kind=kind)
    except (Killed, SyncError) as error:
        world.did["killed" if isinstance(error, Killed) else "failed passes"] += 1
        check(world.ledger.after_failure())
        if isinstance(error, SyncError) and not may_fail:
            raise
        return None
    world.did[f"{kind} passes"] += 1
    world.onlooker.note_commit()
    check(world.ledger.after_commit(oldest_open=oldest))
    if kind != "live":
        world.reshaped = False
    return report


def quiet(world: World) -> None:
    """Nothing is under way and nothing misbehaves: one complete pass, and the store is the org."""
    _calm(world)
    report = one_pass(world, "deep")
    if report is not None and report.merged:  # what changed since the jobs is the next pass's
        one_pass(world, "deep")
    compare(world)


def quiet_live(world: World) -> None:
    """The same by live passes alone, as many as it takes to ask about everything."""
    if world.reshaped:
        return quiet(world)
    _calm(world)
    for _ in range(ROTATION):
        one_pass(world, "live")
        world.move_clock(_POLL)
    return compare(world)


def compare(world: World) -> None:
    """Every value, every column of the views, every event since the first pass, and all that was seen meanwhile."""
    world.memory.find_again(world.org)
    check(world.oracle.differences(world.store))
    check(world.ledger.of_all_time())
    check(world.onlooker.strange())
    world.did["comparisons"] += 1


def prove(world: World) -> None:
    """The product's own proof says the same."""
    quiet(world)
    report = prove_once(world.store, world.login)
    found = {name: each for name, each in report.objects.items() if each["drift_rows"]}
    check([f"the proof finds drift: {found}"] if report.drift_rows else [])
    world.did["proofs"] += 1


def check(said: Sequence[str]) -> None:
    """Nothing may have been said."""
    if said:
        raise Broken("\n".join(said[:20]))


def _calm(world: World) -> None:
    world.end_transaction()
    world.served.app.context.faults.replace([])
    world.struck = 0
