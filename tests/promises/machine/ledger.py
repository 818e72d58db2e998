"""What is kept of each pass: membership, events and watermarks, and what must hold between two of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import text

from models.session import Store

#: how long before its commit a transaction may have begun for a deep look to read its rows again
REACH = timedelta(minutes=15)
#: objects of which no list of changes is asked: they are read whole, or together with their deal
_WITHOUT_LISTS = frozenset(
    {"OpportunityHistory", "OpportunityFieldHistory", "ContentDocumentLink"}
    | {"OpportunityStage", "RecordType", "CurrencyType"}
)


@dataclass(frozen=True, slots=True)
class Page:
    """The state of the store at one moment."""

    members: frozenset[str]
    last_event: int
    watermarks: dict[str, datetime]


class Ledger:
    """Follows a store from pass to pass."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._page = self._read()

    def after_commit(self, *, oldest_open: datetime | None) -> list[str]:
        """What a pass that has committed did wrong."""
        before, self._page = self._page, self._read()
        entered, left = self._page.members - before.members, before.members - self._page.members
        said = self._of_events(before, entered, left)
        for name, watermark in before.watermarks.items():
            now = self._page.watermarks.get(name)
            # A watermark may be forgotten, as that of an object that is out of sight; then all is read anew.
            if now is not None and now < watermark:
                said.append(f"the watermark of {name} moved back from {watermark} to {now}")
        if oldest_open is not None:
            said += [
                f"the watermark of {name} is {now}, and rows of {oldest_open} are not committed yet"
                for name, now in self._page.watermarks.items()
                if name not in _WITHOUT_LISTS and now - REACH > oldest_open
            ]
        return said

    def after_failure(self) -> list[str]:
        """What a pass left behind that did not come to its end."""
        now = self._read()
        same = (now.members, now.last_event, now.watermarks) == (
            self._page.members,
            self._page.last_event,
            self._page.watermarks,
        )
        return [] if same else ["a pass that did not end has changed members, events or watermarks"]

    def of_all_time(self) -> list[str]:
        """What is wrong with the events of each deal since the first pass."""
        said = []
        with self._store.reading() as session:
            rows = session.execute(text("SELECT deal_id, type FROM cs.event WHERE type <> 'deal.updated' ORDER BY seq"))
            told: dict[str, list[str]] = {}
            for deal, kind in rows:
                told.setdefault(deal, []).append(kind)
        for deal, kinds in told.items():
            if any(first == second for first, second in pairwise(kinds)):
                said.append(f"the events of {deal} do not alternate: {kinds}")
            if (kinds[-1] == "deal.won") is not (deal in self._page.members):
                said.append(f"the last event of {deal} is {kinds[-1]}, and its membership says otherwise")
        return said

    def _of_events(self, before: Page, entered: frozenset[str], left: frozenset[str]) -> list[str]:
        with self._store.reading() as session:
            rows = session.execute(
                text("SELECT type, deal_id FROM cs.event WHERE seq > :seq"), {"seq": before.last_event}
            )
            told = [(row[0], row[1]) for row in rows]
        said = [f"the event {each} was written twice" for each in {each for each in told if told.count(each) > 1}]
        came = {deal for kind, deal in told if kind == "deal.won"}
        went = {deal for kind, deal in told if kind == "deal.unwon"}
        both = came & went  # in and out within one pass
        if before.watermarks and (came - both, went - both) != (set(entered), set(left)):
            said.append(f"came {sorted(entered)} with events {sorted(came)}, left {sorted(left)} with {sorted(went)}")
        return said

    def _read(self) -> Page:
        with self._store.reading() as session:
            members = session.execute(text("SELECT opportunity_id FROM ops.scope_member WHERE state = 'in'")).scalars()
            last = session.execute(text("SELECT coalesce(max(seq), 0) FROM cs.event")).scalar_one()
            marks: list[Any] = list(
                session.execute(text("SELECT object, watermark FROM ops.object_state WHERE watermark IS NOT NULL"))
            )
            return Page(frozenset(members), last, {row[0]: row[1] for row in marks})
