"""Runs the benches: python -m bench [snapshot | memory | pass | idle | latency | api | demo_org]."""

import argparse
import json
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench import api, demo_org, idle, latency, narrow, passing, snapshot
from bench.figures import Figure, table
from bench.processes import BenchError
from bench.stage import stage

_SMALL_SCALE = 10
_SMALL_ROUNDS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for, print one table; 1 when a figure misses its limit, 2 when a bench could not be run."""
    options = _parser().parse_args(arguments)
    began = time.perf_counter()
    try:
        figures = _measure(options)
    except BenchError as error:
        print(f"The bench could not be run: {error}", file=sys.stderr)
        return 2
    print(_machine())
    print(table(figures))
    print(f"Measured in {time.perf_counter() - began:.0f} s.")
    if options.json:
        Path(options.json).write_text(
            json.dumps([each.as_dict() for each in figures], indent=2) + "\n", encoding="utf-8"
        )
    missed = [each for each in figures if not each.is_kept]
    for each in missed:
        print(f"{each.bench}: {each.name} misses its limit", file=sys.stderr)
    return 1 if missed else 0


def _measure(options: argparse.Namespace) -> list[Figure]:
    wanted = options.bench
    figures: list[Figure] = []
    if wanted in {None, "snapshot"}:
        scale = options.scale or _SMALL_SCALE
        figures += snapshot.run(scale=scale, rounds=options.rounds or _SMALL_ROUNDS)
    if wanted == "memory":  # five million rows take minutes
        figures += narrow.run()
    if wanted in {None, "pass"}:
        figures += passing.run(scale=options.scale or 1 if wanted else 1)
    if wanted in {None, "demo_org"}:
        figures += demo_org.run(scale=options.scale or (demo_org.SCALE if wanted else _SMALL_SCALE))
    if wanted not in {"snapshot", "memory", "pass", "demo_org"}:
        with stage(scale=(options.scale if wanted else None) or 1) as where:
            for each in (idle, latency, api):
                if wanted in {None, each.__name__.rpartition(".")[2]}:
                    figures += each.run(where)
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast Baton is, beside peers.")
    parser.add_argument(
        "bench",
        nargs="?",
        choices=["snapshot", "memory", "pass", "idle", "latency", "api", "demo_org"],
        help="which; all but memory unless given",
    )
    parser.add_argument(
        "--scale", type=int, help="size of the org; 1 is about 600 opportunities, 167 about 100,000 (1.5 million rows)"
    )
    parser.add_argument("--rounds", type=int, help=f"rounds of the snapshot (default: {_SMALL_ROUNDS})")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    return parser


def _machine() -> str:
    load = ", ".join(f"{each:.1f}" for each in psutil.getloadavg())
    return (
        f"{psutil.cpu_count()} processors, {psutil.virtual_memory().total / 1e9:.0f} GB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, load {load}"
    )


if __name__ == "__main__":
    sys.exit(main())
