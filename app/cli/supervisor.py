"""Runs the parts of Baton as child processes of one command, and ends them together."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from app.cli.failures import LIFELINE, CommandError

_STOP_SECONDS = 3.5  # Ctrl-C ends everything within five, the database included
_TAIL_LINES = 12
_LARGEST_LOG = 10_000_000
_CODE_ROOT = str(Path(__file__).resolve().parents[2])
# The user's directory never comes first on the path of a child: a folder `app` there would be taken for ours.
_ENTRY = f"import sys; sys.path.append({_CODE_ROOT!r}); from app.cli.main import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One part that runs: its process, its log, and the lines it printed on stdout."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    lines: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)

    def tail(self) -> str:
        """The last lines of its log."""
        with self.log.open(encoding="utf-8", errors="replace") as log:
            return "".join(f"  {self.name} | {line.rstrip()}\n" for line in deque(log, maxlen=_TAIL_LINES))


class ChildDied(CommandError):
    """A part ended although nobody told it to; what it said last is in the message's `tail`."""

    def __init__(self, child: Child) -> None:
        code = child.process.returncode
        self.tail = child.tail()
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        super().__init__(f"{child.name} {how}; everything else was stopped. Its log is {child.log}")


class Supervisor:
    """Starts children, watches them, and stops all of them at the end of a `with` block."""

    def __init__(self, home: Path) -> None:
        self._logs = home / "logs"
        self._children: list[Child] = []

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, arguments: Sequence[str], *, environment: Mapping[str, str]) -> Child:
        """Start `baton <arguments>`; a Ctrl-C in the terminal reaches us only, and we tell the children in turn."""
        self._logs.mkdir(parents=True, exist_ok=True)
        path = self._logs / f"{name}.log"
        if path.exists() and path.stat().st_size > _LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-P", "-u", "-c", _ENTRY, *arguments],
                stdin=subprocess.PIPE,  # its end tells the child that we are gone, however we went
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env={**environment, LIFELINE: "1"},
            )
        child = Child(name=name, process=process, log=path)
        self._children.append(child)
        threading.Thread(target=_read_lines, args=(child,), name=f"lines of {name}", daemon=True).start()
        return child

    def check(self) -> None:
        """Raise ChildDied when a child has ended by itself."""
        for child in self._children:
            if child.process.poll() is not None:
                raise ChildDied(child)

    def next_line(self, child: Child, *, seconds: float) -> str | None:
        """Return the next line the child prints, or None when it prints none for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                return child.lines.get(timeout=0.05)
            self.check()
        return None

    def stop(self) -> None:
        """Tell every child to stop, newest first, and kill what has not gone after a few seconds."""
        running = [child for child in reversed(self._children) if child.process.poll() is None]
        for child in running:
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in running:
            try:
                child.process.wait(timeout=max(0.01, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        for child in self._children:
            if child.process.stdin is not None:
                child.process.stdin.close()
        self._children.clear()


def clean_environment(*without: str) -> dict[str, str]:
    """Return our environment without the variables that begin with one of the given words."""
    return {name: value for name, value in os.environ.items() if not name.startswith(without)}


def _read_lines(child: Child) -> None:
    assert child.process.stdout is not None
    with child.process.stdout as lines, child.log.open("ab", buffering=0) as log:
        for line in lines:
            child.lines.put(line.decode(errors="replace").rstrip())
            if b"secret" not in line and b"password" not in line:
                log.write(line)
