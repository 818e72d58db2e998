"""The cheap look: how many records each month has and how new they are, counted by Salesforce itself."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import text

from models.session import ReadSession
from sync.errors import BadReply, SyncError
from sync.extract.parts import drain
from sync.prove.held import Held
from sync.prove.spans import Bucket, Span
from sync.salesforce.client import Client
from sync.salesforce.composite import SubReply, SubRequest, query_page
from sync.salesforce.soql import query_url, select

Grain = Literal["month", "day"]

# Date functions take instants in UTC, in both languages.
_SOQL_GROUPS: dict[Grain, tuple[str, ...]] = {
    "month": ("CALENDAR_YEAR(CreatedDate)", "CALENDAR_MONTH(CreatedDate)"),
    "day": ("DAY_ONLY(CreatedDate)",),
}
_SQL_LABELS: dict[Grain, str] = {"month": "YYYY-MM", "day": "YYYY-MM-DD"}


class CountPart:
    """Asks how many records there are in each month, or on each day, and how new the newest is; one request."""

    is_query = True

    def __init__(self, held: Held, *, grain: Grain, span: Span) -> None:
        self.object_name = held.name
        self._held = held
        self._grain: Grain = grain
        self.span = span
        self.buckets: dict[str, Bucket] | None = None
        self.error: SyncError | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it is still to be asked."""
        return self.buckets is None and self.error is None

    @property
    def soql(self) -> str:
        """The statement."""
        groups = _SOQL_GROUPS[self._grain]
        named = [f"{group} g{number}" for number, group in enumerate(groups)]
        wanted = [*named, "COUNT(Id) counted", *([f"MAX({self._held.stamp}) newest"] if self._held.stamp else [])]
        where = [*self._held.scopes, *self._held.alive, *self.span.conditions()]
        return f"{select(wanted, self._held.name, where=where)} GROUP BY {', '.join(groups)}"

    def request(self, client: Client) -> SubRequest:
        """The request; its reference is set by the call it travels in."""
        url = query_url(client.base, self.soql, include_deleted=self._held.known.archived)
        return SubRequest(reference="count", url=url)

    def absorb(self, reply: SubReply) -> None:
        """Read the counts. Groups have no next page, so an answer that is not done is none."""
        self.error = reply.error(object_name=self.object_name)
        if self.error is not None:
            return
        try:
            page = query_page(reply.body, what=f"the count of {self.object_name}")
            if not page.done or page.total_size != len(page.records):
                raise BadReply(what=f"the count of {self.object_name}", detail="groups are missing")
            self.buckets = {bucket.label: bucket for bucket in map(_bucket, page.records)}
        except SyncError as error:
            self.error = error


def count_in_org(client: Client, parts: Sequence[CountPart]) -> None:
    """Ask all of them, five to a call."""
    drain(client, parts)


def count_in_store(
    session: ReadSession, org_id: str, held: Held, *, grain: Grain, span: Span | None = None
) -> dict[str, Bucket]:
    """Count the same records in the closure."""
    rows = session.execute(
        text(f"""
            SELECT to_char(record.createddate AT TIME ZONE 'UTC', '{_SQL_LABELS[grain]}') AS label,
                   count(*) AS counted, max({held.stamp_column}) AS newest
              FROM {held.source}
             WHERE record.org_id = :org_id AND {held.within(span or Span())}
             GROUP BY 1
        """),
        {"org_id": org_id},
    )
    return {
        row.label: Bucket(label=row.label, rows=row.counted, newest=row.newest and row.newest.astimezone(UTC))
        for row in rows
        if row.label is not None
    }


def _bucket(record: Mapping[str, Any]) -> Bucket:
    label = f"{int(record['g0']):04}-{int(record['g1']):02}" if "g1" in record else str(record["g0"])[:10]
    newest = record.get("newest")
    return Bucket(
        label=label,
        rows=int(record["counted"]),
        newest=None if newest is None else datetime.fromisoformat(newest).astimezone(UTC),
    )
