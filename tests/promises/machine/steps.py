"""The steps a program is made of, by name; a step is plain data, so that it can be printed and done again."""

from collections.abc import Callable, Mapping
from typing import Any

from machine import admins, children, passes, people
from machine.passes import Disturbance, Killed, one_pass
from machine.world import Step, World

Act = Callable[[World, int], object]

PEOPLE: Mapping[str, Act] = {
    act.__name__: act
    for act in (
        children.new_deal, children.new_child, people.change, people.move, people.win, people.reopen,
        people.toggle_twice, people.delete, people.hard_delete, people.undelete, people.purge, people.merge,
        people.convert, people.synchronise, people.transfer, people.several, people.begin, people.commit,
    )
}  # fmt: skip
SYSTEM: Mapping[str, Act] = {
    act.__name__: act
    for act in (
        admins.touch, admins.ties, admins.flip_stage, admins.restore_stages, admins.archive, admins.rename_value,
        admins.purge_history, admins.old_history, admins.track,
    )
}  # fmt: skip
ADMINS: Mapping[str, Act] = {
    act.__name__: act
    for act in (
        admins.hide_or_show, admins.add_or_remove_field, admins.switch_feature, admins.switch_object,
        admins.restore_sight,
    )
}  # fmt: skip
ACTS: Mapping[str, Act] = {**PEOPLE, **SYSTEM, **ADMINS}
#: acts before which the store must be known to be equal, since what they hide stays as it was read last
_AFTER_A_LOOK = frozenset({"switch_feature", "switch_object"})

#: seconds that may pass at once
SPANS = (0, 1, 2, 5, 30, 61, 300, 1000)
#: faults that pass by themselves and change no record
FAULTS: tuple[tuple[Any, ...], ...] = (
    ("session_killed", "session_rejected", "locators_evicted", "locator_invalid"),
    ("maintenance_503", "maintenance_page", "login_page", "server_unavailable", "unknown_exception", "edge_420"),
    ("reset_before", "reset_body", "broken_body", "cut_body", "cut_gzip", "chopped_body"),
    ("page_short", "page_empty", "rows_shuffled", "rows_repeated", "count_wrong", "csv_cut", "locator_changed"),
    ("part_failed", "query_timeout", "operation_too_large", "query_too_complicated", "bulk_refused"),
    ("log_trimmed", "covered_held_back", "too_many_ids", "bad_replication_date"),
    ("too_many_requests", "concurrent_limit", "request_limit", "not_acceptable"),
    ("job_failed", "job_aborted", "results_refused", "results_missing"),
)
_RATE = 0.25


def do(world: World, step: Step) -> None:
    """Do one step, and take note of it first."""
    world.steps.append(step)
    name, *rest = step
    match name:
        case "act":
            _act(world, *rest)
        case "time":
            world.move_clock(SPANS[rest[0] % len(SPANS)])
        case "pass":
            _pass(world, *rest)
        case "faults":
            _faults(world, *rest)
        case "quiet":
            passes.quiet(world)
        case "quiet live":
            passes.quiet_live(world)
        case "prove":
            passes.prove(world)
        case _:
            raise ValueError(step)


def _act(world: World, name: str, number: int) -> None:
    if name not in _AFTER_A_LOOK:
        return world.act(name, ACTS[name], number)
    passes.quiet(world)
    shown = set(world.org.catalog.objects)
    world.memory.keep_all(world.org, world.oracle.closure())
    world.act(name, ACTS[name], number)
    world.memory.lose_sight(shown - set(world.org.catalog.objects))
    return None


def _pass(world: World, kind: Any, disturbed: list[list[Any]], killed_call: int, killed_statement: int) -> None:
    disturbances: list[Disturbance] = [
        (call, lambda name=name, number=number: world.act(name, ACTS[name], number)) for call, name, number in disturbed
    ]
    if killed_call:
        disturbances.append((killed_call, _kill))
    faulty = not world.served.app.context.faults.idle
    for each in disturbed:
        world.did[f"during a pass: {each[1]}"] += 1
    one_pass(
        world,
        kind,
        disturbances=disturbances,
        killed_at=killed_statement or None,
        may_fail=faulty or any(name in ADMINS for _, name, _ in disturbed),
    )
    struck = world.served.app.context.faults.log()
    for each in struck[world.struck :]:
        world.did[f"fault {each['kind']}"] += 1
    world.struck = len(struck)


def _kill() -> None:
    raise Killed


def _faults(world: World, number: int, seed: int) -> None:
    kinds = FAULTS[number % len(FAULTS)]
    world.struck = 0
    world.served.app.context.faults.replace({"random": {"seed": seed, "rate": _RATE, "kinds": list(kinds)}})
