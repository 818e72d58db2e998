"""How much memory a process takes at most, its children included, watched from outside while it runs."""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_EVERY_SECONDS = 0.02
_MB = 1_000_000


class PeakMemory:
    """Watches a process for the length of a `with` block.

    The kernel keeps the peak of each process (VmHWM), so nothing is missed between two looks but the last moment.
    Where there is no such file, the highest resident size that was seen counts.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._own = 0
        self._children = 0
        self.looks = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def megabytes(self) -> float:
        """The peak of the process plus that of its children."""
        return (self._own + self._children) / _MB

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                process = psutil.Process(self._pid)
                self._own = max(self._own, _peak(process))
                self._children = max(
                    self._children, sum(_resident(child) for child in process.children(recursive=True))
                )
                self.looks += 1
            except psutil.Error:
                return  # it has ended
            self._stop.wait(_EVERY_SECONDS)


def _peak(process: psutil.Process) -> int:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _resident(process)
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
    return int(kilobytes) * 1024


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
