"""Keeps the demo alive: every so many seconds a seller wins a deal that nobody has touched for long."""

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from demo_org.salesperson import Salesperson

_LONGEST_JOIN = 1.5


class LiveSeller:
    """A seller who works in a thread of its own until told to stop."""

    def __init__(self, hire: Callable[[], Salesperson], *, every: float) -> None:
        self._hire = hire
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="live-seller", daemon=True)

    def start(self) -> None:
        """Begin; the first win comes after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """Let the present deal be finished, if that is quick, and stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_LONGEST_JOIN)

    def _work(self) -> None:
        seller: Salesperson | None = None
        while not self._stop.wait(self._every):
            try:
                seller = seller or self._hire()
                deal_id = seller.win()
                # Who runs the demonstration tells from this line how soon the deal was readable elsewhere.
                won = {"event": "won", "deal_id": deal_id, "committed_at": datetime.now(UTC).isoformat()}
                sys.stdout.write(json.dumps(won) + "\n")
                sys.stdout.flush()
            except Exception as error:  # noqa: BLE001 - a refused deal must not end the demonstration
                if self._stop.is_set():
                    break
                sys.stderr.write(f"The live seller could not win a deal, the next one follows: {error}\n")
        if seller is not None:
            seller.close()
