"""Tells of each deal that arrives in the demo, and how long it took from the org's commit to being readable."""

import contextlib
import json
import queue
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from app.cli.output import say
from app.cli.ready import ask
from app.cli.supervisor import Child, Supervisor

_LOOK_SECONDS = 0.2


@dataclass(slots=True, kw_only=True)
class Narrator:
    """Looks at the newest deals of the API and at what the org says of its wins."""

    client: httpx.Client
    supervisor: Supervisor
    org: Child
    #: instants of the org's commits by deal
    _commits: dict[str, datetime] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    def tell(self) -> None:
        """Tell until a part dies or somebody stops the demo."""
        self._known = {deal["deal_id"] for deal in self._newest()}
        while True:
            self.supervisor.check()
            self._hear()
            for deal in self._newest():
                if deal["deal_id"] not in self._known:
                    self._known.add(deal["deal_id"])
                    self._hear()
                    say(self._sentence(deal, seen=datetime.now(UTC)))
            time.sleep(_LOOK_SECONDS)

    def _newest(self) -> list[dict[str, Any]]:
        answer = ask(self.client, "/api/v1/deals", sort="-synced_at", limit=20) or {}
        newest: list[dict[str, Any]] = answer.get("data", [])
        return newest

    def _hear(self) -> None:
        """Take in what the org printed: one JSON line per win, with the deal and the instant of its commit."""
        with contextlib.suppress(queue.Empty):
            while True:
                with contextlib.suppress(ValueError, TypeError, KeyError):
                    said = json.loads(self.org.lines.get_nowait())
                    self._commits[said["deal_id"]] = datetime.fromisoformat(said["committed_at"])

    def _sentence(self, deal: dict[str, Any], *, seen: datetime) -> str:
        amount = (
            "" if deal["amount"] is None else f", {deal['currency'] or ''} {deal['amount']:,.2f}".replace(",  ", ", ")
        )
        committed = self._commits.get(deal["deal_id"])
        late = ""
        if committed is not None:
            late = f"; readable {max(0.0, (seen - committed).total_seconds()):.1f} s after the org's commit"
        return (
            f"{seen:%H:%M:%S}  won: {deal['name']}{amount}, for {deal['customer_name'] or 'an unknown customer'}{late}"
            f"\n          brief: /api/v1/deals/{deal['deal_id']}/brief"
        )
