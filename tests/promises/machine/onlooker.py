"""Somebody who reads the store all the time, and the states of deals that the passes have committed."""

import threading
from collections import defaultdict
from types import TracebackType
from typing import Any, Self

import psycopg

#: everything that CS sees of a deal, record by record, as one checksum
DIGESTS = """
    SELECT piece.deal, md5(string_agg(piece.said, '|' ORDER BY piece.said))
      FROM (
        SELECT id AS deal, md5(r::text) AS said FROM closure.opportunity AS r
        UNION ALL SELECT opportunityid, md5(r::text) FROM closure.opportunitylineitem AS r
        UNION ALL SELECT opportunityid, md5(r::text) FROM closure.opportunitycontactrole AS r
        UNION ALL SELECT opportunityid, md5(r::text) FROM closure.opportunityhistory AS r
        UNION ALL SELECT opportunityid, md5(r::text) FROM closure.quote AS r
        UNION ALL SELECT whatid, md5(r::text) FROM closure.task AS r
        UNION ALL SELECT parentid, md5(r::text) FROM closure.note AS r
        UNION ALL SELECT deal_id, md5(format('%s %s', version, digest)) FROM cs.brief
        UNION ALL SELECT deal_id, md5(format('%s %s', type, seq)) FROM cs.event
      ) AS piece
      JOIN ops.scope_member AS member ON member.opportunity_id = piece.deal AND member.state = 'in'
     GROUP BY piece.deal
"""
_PAUSE = 0.1


def digests(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """The checksum of each deal, all of one moment."""
    return {deal: str(digest) for deal, digest in connection.execute(DIGESTS)}


class Onlooker:
    """Reads all deals of the store again and again, each time in one snapshot, until it is told to stop."""

    def __init__(self, store_url: str) -> None:
        self._address = store_url.replace("postgresql+psycopg:", "postgresql:")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="onlooker", daemon=True)
        self._error: Exception | None = None
        #: deal -> states in which it was seen
        self.seen: dict[str, set[str]] = defaultdict(set)
        #: deal -> states that passes have committed
        self.committed: dict[str, set[str]] = defaultdict(set)
        self.looks = 0
        self._own = psycopg.connect(self._address, autocommit=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._own.close()

    def note_commit(self) -> None:
        """A pass has committed: these are states that may be seen."""
        for deal, digest in digests(self._own).items():
            self.committed[deal].add(digest)

    def strange(self) -> list[str]:
        """What was seen and never committed by a pass."""
        if self._error is not None:
            raise self._error
        found = [
            f"deal {deal} was seen in a state that no pass has committed"
            for deal, states in list(self.seen.items())
            if set(states) - self.committed[deal]
        ]
        self.seen.clear()
        return found

    def _look(self) -> None:
        try:
            with psycopg.connect(self._address) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                while not self._stop.wait(_PAUSE):
                    for deal, digest in digests(connection).items():
                        self.seen[deal].add(digest)
                    connection.rollback()
                    self.looks += 1
        except Exception as error:  # noqa: BLE001 - told by strange(), in the thread that asks
            self._error = error
