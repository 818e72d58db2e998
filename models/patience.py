"""A connection to the database that does not wait for ever.

PostgreSQL ends statements that take too long by itself (`statement_timeout`), but only while it runs. A frozen server,
or a network that swallows packets, must end on our side.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

import psycopg

Answer = TypeVar("Answer")

#: seconds for what asks nothing of the tables: a ping, a commit of nothing, the settings of a connection
AT_REST = 10.0


class PatientConnection(psycopg.Connection[Any]):
    """Gives up on a statement that has no answer after `patience` seconds, and closes itself."""

    patience: float = AT_REST

    def wait(self, gen: Generator[Any, Any, Answer], *args: Any, **kwargs: Any) -> Answer:
        """Consume what talks to the server, as long as it answers in time."""
        return super().wait(self._in_time(gen), *args, **kwargs)

    def _in_time(self, gen: Generator[Any, Any, Answer]) -> Generator[Any, Any, Answer]:
        ends = monotonic() + self.patience
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                # Nothing is ready when the interval of the caller has passed: a tenth of a second.
                if not ready and monotonic() > ends:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {self.patience:.0f} s")
                wanted = gen.send(ready)
        except StopIteration as end:
            answer: Answer = end.value
            return answer
