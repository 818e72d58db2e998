"""The real processes: a demo org, Baton's commands and servers, each started as a user would and ended by its id."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
_STOP_SECONDS = 30


class BenchError(Exception):
    """A bench could not be run; the message says what the process said."""


def clean_environment() -> dict[str, str]:
    """Our environment without anybody's settings of Baton."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}


def baton(*arguments: str) -> list[str]:
    """The command line of `baton <arguments>`, in a fresh interpreter."""
    return [sys.executable, "-m", "app.cli.main", *arguments]


class Process:
    """One process, from its start to the end of a `with` block."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> None:
        self.name = " ".join(command[1:4])
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env=dict(clean_environment() if environment is None else environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def line(self, *, within: float) -> str:
        """The next line it prints."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            with suppress(queue.Empty):
                return self._lines.get(timeout=0.05)
            if not self.runs() and self._lines.empty():
                raise BenchError(f"{self.name} ended with {self._process.returncode}:\n{self.said()}")
        raise BenchError(f"{self.name} printed nothing for {within:.0f} s:\n{self.said()}")

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def finish(self, *, within: float) -> tuple[int, str]:
        """Wait for its end; returns the exit code and what it printed."""
        code = self._process.wait(within)
        self._reader.join(5)
        lines = []
        while not self._lines.empty():
            lines.append(self._lines.get())
        return code, "\n".join(lines)

    def said(self) -> str:
        """The end of what it wrote on stderr."""
        self._errors.seek(0)
        return self._errors.read()[-4000:].decode(errors="replace")

    def stop(self) -> None:
        """Ask it to stop, and kill it when it does not."""
        if self.runs():
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(5)
        self._errors.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))
