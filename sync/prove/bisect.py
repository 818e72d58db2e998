"""From counts to the single records that differ: months, days, ids, each asked only where the one before says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models import proof
from models.session import WriteSession
from sync.errors import Skip, SyncError
from sync.prove.census import CountPart, count_in_org, count_in_store
from sync.prove.compare import Suspects, compared, rows_held
from sync.prove.held import Held
from sync.prove.ids import Asked, OrgIds, questions, questions_by_id
from sync.prove.named import ids_held, ids_named
from sync.prove.spans import Bucket, Span, differing, due_tonight, joined, rows_of
from sync.salesforce.client import Client
from sync.salesforce.soql import PAGE_SIZE
from sync.scope.catalog import ROOT

#: up to so many records, reading all ids costs no more calls than counting them
COUNT_FROM = 2 * PAGE_SIZE
#: months larger than this are counted by days before their ids are read
_LARGE_MONTH = 5 * PAGE_SIZE


@dataclass(slots=True, kw_only=True)
class Look:
    """What a look at the org found of one object."""

    rows: int
    rows_compared: int = 0
    suspects: Suspects = field(default_factory=Suspects)
    months: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: why nothing can be said of it
    failed: SyncError | None = None


@dataclass(slots=True, kw_only=True)
class Chosen:
    """The days of one object whose ids are read, and about how many records they have; None: as many as it has."""

    spans: list[Span]
    rows: int | None = None

    def add(self, buckets: Sequence[Bucket]) -> None:
        """Read these too."""
        self.spans = joined([*self.spans, *(each.span for each in buckets)])
        self.rows = (self.rows or 0) + rows_of(buckets)


class Bisect:
    """One look at the whole closure, inside a transaction that is rolled back."""

    def __init__(
        self, session: WriteSession, client: Client, org_id: str, helds: Mapping[str, Held], *, now: datetime
    ) -> None:
        self._session = session
        self._client = client
        self._org_id = org_id
        self._helds = helds
        self._now = now
        self._mirrors = {name: held.mirror for name, held in helds.items()}
        self._ids = OrgIds(session, client)
        self.looks = {name: Look(rows=rows) for name, rows in rows_held(session, org_id, helds).items()}

    def go(self) -> dict[str, Look]:
        """Look, and return what was found of each object."""
        chosen = self._narrowed()
        self._ids.read([question for name, each in chosen.items() for question in self._questions(name, each)])
        self._ids.read([question for held in self._helds.values() for question in self._questions_by_id(held)])
        for name, each in chosen.items():
            self._compare(name, each)
        return self.looks

    def _questions(self, name: str, chosen: Chosen) -> Iterator[Asked]:
        rows = self.looks[name].rows if chosen.rows is None else chosen.rows
        return questions(self._helds[name], chosen.spans, rows=rows)

    def _questions_by_id(self, held: Held) -> Iterator[Asked]:
        if held.parent is not None:
            parents = ids_held(self._session, self._org_id, held.parent)
            yield from questions_by_id(held, parents, field=str(held.known.parent_field))
        if held.is_named:
            named = ids_named(self._session, self._org_id, held.known, self._mirrors)
            come = self._ids.seen(held.name, named)
            yield from questions_by_id(held, [each for each in named if each not in come])

    def _compare(self, name: str, chosen: Chosen) -> None:
        look = self.looks[name]
        look.failed = look.failed or self._ids.failed.get(name)
        if look.failed is not None:
            return
        side, look.suspects = compared(self._session, self._org_id, self._helds[name], chosen.spans)
        look.rows_compared = side.rows
        if chosen.rows is None:
            look.months = {"": {"rows": side.rows, "checksum": side.checksum, "ids_at": self._now}}

    # --- which days to look into -----------------------------------------------------------------------------------

    def _narrowed(self) -> dict[str, Chosen]:
        """Return what to read the ids of: everything of small objects, of large ones what differs and tonight's share.

        Who is a deal decides about everything else, so all ids of the deals are compared, however many there are.
        """
        chosen = {name: Chosen(spans=[Span()]) for name in self._helds}
        large = [
            held
            for name, held in self._helds.items()
            if held.is_countable and name != ROOT and self.looks[name].rows > COUNT_FROM
        ]
        days: list[CountPart] = []
        for part in self._counted([CountPart(held, grain="month", span=Span()) for held in large]):
            name = part.object_name
            large_months = self._choose_months(part, chosen[name])
            days += [CountPart(self._helds[name], grain="day", span=each.span) for each in large_months]
        for part in self._counted(days):
            held = self._helds[part.object_name]
            ours = count_in_store(self._session, self._org_id, held, grain="day", span=part.span)
            chosen[held.name].add(differing(ours, part.buckets or {}, kept=held.known.kept))
        return chosen

    def _counted(self, parts: list[CountPart]) -> list[CountPart]:
        """Ask for the counts; an object that can't be counted is read whole, one that can't be read is not proven."""
        count_in_org(self._client, parts)
        for part in parts:
            if part.error is not None and not isinstance(part.error, Skip):
                self.looks[part.object_name].failed = part.error
        return [part for part in parts if part.buckets is not None]

    def _choose_months(self, part: CountPart, chosen: Chosen) -> list[Bucket]:
        """Add the months whose ids are read; returns those that differ and are large, to be counted by days."""
        held, look = self._helds[part.object_name], self.looks[part.object_name]
        ours = count_in_store(self._session, self._org_id, held, grain="month")
        looked_into = proof.months(self._session, self._org_id, held.name)
        differ = differing(ours, part.buckets or {}, kept=held.known.kept)
        due = due_tonight(ours, looked_into, now=self._now)
        is_due = {each.label for each in due}
        large = [each for each in differ if each.rows > _LARGE_MONTH and each.label not in is_due]
        whole = {each.label: each for each in (*due, *differ) if each not in large}
        chosen.spans, chosen.rows = [], 0
        chosen.add(list(whole.values()))
        look.months = {
            each.label: {"rows": each.rows, "newest": each.newest, "checksum": None}
            | ({"ids_at": self._now} if each.label in whole else {})
            for each in ours.values()
        }
        return large
