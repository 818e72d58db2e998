"""What commands show: progress with rates on a terminal, plain lines elsewhere, and JSON for programs on stdout."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

_LINE_SECONDS = 10  # between two plain lines about the same object


class Progress(Protocol):
    """What the pipeline tells while it works: the stage, the object, and the object's rows so far."""

    def __call__(self, stage: str, object_name: str | None, rows: int) -> None:
        """Show it."""


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object on a line of its own, for programs."""
    sys.stdout.buffer.write(msgspec.json.encode(document) + b"\n")
    sys.stdout.flush()


def say(line: str) -> None:
    """Print a line for people, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def remark(line: str) -> None:
    """Print a line for people beside the output, on stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def progress() -> Iterator[Progress]:
    """Show what happens for the length of a block: bars on a terminal, a line now and then elsewhere."""
    if sys.stderr.isatty():
        with _bars() as shown:
            yield shown
    else:
        lines = _Lines()
        yield lines
        lines.end()


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - see above
    from rich.progress import Progress as Bars  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    class Rate(ProgressColumn):
        """Rows a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f} rows/s" if speed else "")

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,.0f} rows", justify="right"),
        Rate(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[tuple[str, str | None], TaskID] = {}
        counts: dict[tuple[str, str | None], int] = {}

        def show(stage: str, object_name: str | None, rows: int) -> None:
            key = (stage, object_name)
            if key not in tasks:
                for earlier, task in tasks.items():
                    if earlier[0] != stage:  # a new stage begins when the one before is done
                        bars.update(task, total=max(counts[earlier], 1), completed=max(counts[earlier], 1))
                tasks[key] = bars.add_task(_title(stage, object_name), total=None)
            counts[key] = rows
            bars.update(tasks[key], completed=rows)

        yield show


class _Lines:
    """Progress where nobody watches: a line every ten seconds, and one when an object is done, with its rate."""

    def __init__(self) -> None:
        self._key: tuple[str, str | None] | None = None
        self._rows = 0
        self._begun = self._shown = time.monotonic()

    def __call__(self, stage: str, object_name: str | None, rows: int) -> None:
        now = time.monotonic()
        if (stage, object_name) != self._key:
            self.end()
            self._key, self._begun, self._shown = (stage, object_name), self._shown, now
        self._rows = rows
        if now - self._shown >= _LINE_SECONDS:
            self._tell(now)

    def end(self) -> None:
        """Tell the count of the object that is done."""
        now = time.monotonic()
        if self._rows:
            self._tell(now)
        self._shown, self._rows = now, 0

    def _tell(self, now: float) -> None:
        self._shown = now
        seconds = max(now - self._begun, 0.001)
        title = _title(*self._key) if self._key else ""
        remark(f"{title}: {self._rows:,} rows, {self._rows / seconds:,.0f} rows/s")


def _title(stage: str, object_name: str | None) -> str:
    return f"{stage} {object_name}" if object_name else stage
