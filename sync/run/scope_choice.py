"""Choosing a scope: what a new one would change, asked of the org before anything is written, and making it so."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models import org
from models.kept_scope import KeptScope, keep_scope, kept_scope
from models.membership import members
from models.session import Store
from sync.errors import ObjectMissing, RequestRefused
from sync.extract.parts import QueryPart, drain
from sync.record import ObjectShape
from sync.salesforce.client import Client
from sync.salesforce.soql import PAGE_SIZE, select
from sync.scope.document import OrgFacts, checked, read_scope, write_scope
from sync.scope.scope import Scope, ScopeToday, org_day

_SHOWN = ("Id", "Name", "Amount", "StageName", "CloseDate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An opportunity as a preview names it."""

    id: str
    is_draft: bool
    name: str | None
    amount: Decimal | None
    currency: str | None
    stage: str | None
    close_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the next pass would do under a scope; deals first, the largest amounts first."""

    scope: Scope
    #: the scope in force
    before: KeptScope
    enter: tuple[Named, ...]
    leave: tuple[Named, ...]
    #: drafts that would be deals, and deals that would be drafts
    become_deals: tuple[Named, ...]
    become_drafts: tuple[Named, ...]
    #: how many deals, and how many drafts, there would be afterwards
    deals: int
    drafts: int
    soql: str

    @property
    def changes_nothing(self) -> bool:
        """Whether the scope is the one in force."""
        return write_scope(self.scope) == dict(self.before.conditions)


def preview(store: Store, client: Client, scope: Scope) -> Preview:
    """Ask who would come and who would leave under a scope; nothing is written.

    Raises:
        ScopeInvalid: the org lacks, or hides, what the scope names.
    """
    org_id, time_zone, currency = _org_of(store, client)
    shapes = _shapes(client, scope)
    scope = checked(scope, _facts(client, shapes))
    today = ScopeToday(scope=scope, today=org_day(client.server_now, time_zone))
    asked = _ask_members(client, today, shapes["Opportunity"], currency=currency)
    with store.reading() as session:
        before = kept_scope(session, org_id)
        held = {row.id: Named(**row._mapping) for row in members(session, org_id)}
    now = {each.id: each for each in asked}
    both = [each for each in asked if each.id in held and each.is_draft != held[each.id].is_draft]
    return Preview(
        scope=scope,
        before=before,
        enter=_sorted(each for each in asked if each.id not in held),
        leave=_sorted(each for each in held.values() if each.id not in now),
        become_deals=_sorted(each for each in both if not each.is_draft),
        become_drafts=_sorted(each for each in both if each.is_draft),
        deals=sum(not each.is_draft for each in asked),
        drafts=sum(each.is_draft for each in asked),
        soql=today.soql(),
    )


def choose(store: Store, org_id: str, scope: Scope, *, by: str) -> int:
    """Make this scope the one in force from the next pass on; returns its version."""
    with store.writing() as session:
        return keep_scope(session, org_id, write_scope(scope), set_by=by)


def chosen(kept: KeptScope) -> Scope:
    """The scope that was kept."""
    return read_scope(kept.conditions)


def _org_of(store: Store, client: Client) -> tuple[str, str | None, str | None]:
    """The org's id, time zone and currency; of an org that the store does not know yet Salesforce is asked."""
    with store.reading() as session:
        row = org.org_row(session, client.org_id) if client.org_id is not None else None
    if row is not None:
        return str(row.org_id), row.time_zone, row.currency
    identity = client.identity()
    return identity.org_id, identity.time_zone, identity.currency


def _shapes(client: Client, scope: Scope) -> Mapping[str, ObjectShape]:
    names = ["Opportunity", *(each.name for each in scope.closure.add)]
    described = client.describe(list(dict.fromkeys(names)))
    root = described["Opportunity"]
    if isinstance(root, ObjectMissing):
        raise root
    return {name: answer for name, answer in described.items() if isinstance(answer, ObjectShape)}


def _facts(client: Client, shapes: Mapping[str, ObjectShape]) -> OrgFacts:
    stages = _list("OpportunityStage", ("Id", "MasterLabel", "ApiName"))
    kinds = _list("RecordType", ("Id", "DeveloperName"), where=["SobjectType = 'Opportunity'"])
    drain(client, [stages, kinds])
    if stages.error is not None:
        raise stages.error
    if kinds.error is not None and not isinstance(kinds.error, ObjectMissing | RequestRefused):
        raise kinds.error
    names = {each["MasterLabel"]: each["ApiName"] or each["MasterLabel"] for each in stages.records}
    return OrgFacts(
        fields=frozenset(field.name for field in shapes["Opportunity"].fields),
        stages={**names, **{each: each for each in names.values()}},
        record_types=None if kinds.error else {each["DeveloperName"]: each["Id"] for each in kinds.records},
        added={name: shape for name, shape in shapes.items() if name != "Opportunity"},
    )


def _ask_members(client: Client, today: ScopeToday, shape: ObjectShape, *, currency: str | None) -> list[Named]:
    known = {field.name for field in shape.fields}
    fields = tuple(name for name in (*_SHOWN, "CurrencyIsoCode") if name in known)
    drafts = today.drafts_soql()
    parts = [
        (_list("Opportunity", fields, where=[condition]), is_draft)
        for condition, is_draft in ((today.deals_soql(), False), (drafts, True))
        if condition is not None
    ]
    drain(client, [part for part, _ in parts])
    found: list[Named] = []
    for part, is_draft in parts:
        if part.error is not None:
            raise part.error
        found += [_named(each, is_draft=is_draft, currency=currency) for each in part.records]
    return found


def _list(name: str, fields: Sequence[str], *, where: Sequence[str] = ()) -> QueryPart:
    def statement(after_id: str | None) -> str:
        return select(fields, name, where=where, after_id=after_id, ordered=True, limit=PAGE_SIZE)

    return QueryPart(name, statement)


def _named(record: Mapping[str, Any], *, is_draft: bool, currency: str | None) -> Named:
    amount, close_on = record.get("Amount"), record.get("CloseDate")
    return Named(
        id=record["Id"],
        is_draft=is_draft,
        name=record.get("Name"),
        amount=None if amount is None else Decimal(amount),
        currency=record.get("CurrencyIsoCode") or currency,
        stage=record.get("StageName"),
        close_on=None if close_on is None else date.fromisoformat(close_on),
    )


def _sorted(rows: Iterable[Named]) -> tuple[Named, ...]:
    return tuple(sorted(rows, key=lambda each: (each.is_draft, -(each.amount or Decimal(0)), each.id)))
