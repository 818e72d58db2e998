"""Fields that move without a stamp are read again on a schedule, of records that are in the store in the same version.

A record of which the store has another version is read whole: then something else about it has changed as well.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models import org
from models.membership import Membership, Settled
from models.session import ReadSession, Store
from sync.land.objects import known_objects
from sync.land.staging import open_staging, stage_records
from sync.prove.compare import rows_held
from sync.prove.held import Held, held_objects
from sync.prove.ids import Asked, questions, questions_by_id, read_pages
from sync.prove.named import ids_held, ids_named
from sync.prove.spans import Span
from sync.record import Records, Selection
from sync.run import Fence, run_pass
from sync.run.context import Context
from sync.run.one_pass import selections_of
from sync.run.own_objects import closure_of
from sync.run.report import PassReport, Progress, silent
from sync.run.scope_in_force import scope_in_force
from sync.salesforce.client import Client
from sync.scope.formulas import moving_selection


def refresh_formulas(
    store: Store, client: Client, org_id: str, *, fence: Fence | None = None, progress: Progress = silent
) -> PassReport:
    """Read all formulas, roll-ups and the like of the closure, and store what has moved.

    Raises:
        SyncError: the org could not be read; what the store has is as old as before.
    """
    as_of, billed = client.server_now, client.api_calls
    with store.reading() as session:
        wanted = _wanted(session, org_id, now=as_of)
        asked = [question for each in wanted.values() for question in each.questions]
    found: dict[str, Records] = defaultdict(list)
    failed = read_pages(client, asked, lambda question, records: found[question.held.name].extend(records))
    for error in failed.values():
        raise error
    work = _Refresh({name: each.selection for name, each in wanted.items()}, found, as_of)
    report = run_pass(store, client, org_id, kind="refresh", work=work, fence=fence, progress=progress)
    report.api_calls = client.api_calls - billed
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What is read of one object."""

    selection: Selection
    questions: tuple[Asked, ...]


class _Refresh:
    """The work of the pass that stores what was read."""

    def __init__(self, selections: Mapping[str, Selection], found: Mapping[str, Records], as_of: datetime) -> None:
        self._selections = selections
        self._found = found
        self._as_of = as_of

    def __call__(self, ctx: Context, membership: Membership) -> Settled:
        """Land the fields that moved, and fetch whole what has another version."""
        stale: dict[str, list[str]] = {}
        for name, selection in self._selections.items():
            records = self._found.get(name, [])
            if records:
                open_staging(ctx.session, selection)
                stage_records(ctx.session, selection, records)
                ctx.landing.counts[name].rows_read += len(records)
                stale[name] = ctx.landing.refresh(selection)
            fields = [field.name for field in selection.fields if field.name not in {"Id", "SystemModstamp"}]
            org.set_object_state(
                ctx.session, ctx.org_id, name, formulas_as_of=self._as_of, formula_fields=sorted(fields)
            )
        for name in ctx.selections.keys() - self._selections.keys():
            org.set_object_state(ctx.session, ctx.org_id, name, formula_fields=[])
        ctx.fetch({name: ids for name, ids in stale.items() if ids})
        return ctx.landing.settle(membership, everywhere=True)


def _wanted(session: ReadSession, org_id: str, *, now: datetime) -> dict[str, _Wanted]:
    known = known_objects(session, org_id)
    closure = closure_of(known, scope_in_force(session, org_id, now=now))
    helds = held_objects(closure, selections_of(closure, known))
    moving = {
        name: selection for name, held in helds.items() if (selection := moving_selection(held.selection)) is not None
    }
    rows = rows_held(session, org_id, {name: helds[name] for name in moving})
    return {
        name: _Wanted(
            selection=selection,
            questions=tuple(_questions(session, org_id, helds, name, selection.names, rows=rows[name])),
        )
        for name, selection in moving.items()
    }


def _questions(
    session: ReadSession, org_id: str, helds: Mapping[str, Held], name: str, fields: tuple[str, ...], *, rows: int
) -> Iterator[Asked]:
    held = helds[name]
    if not rows:
        return
    yield from questions(held, [Span()], rows=rows, fields=fields)
    if held.parent is not None:
        parents = ids_held(session, org_id, held.parent)
        yield from questions_by_id(held, parents, field=str(held.known.parent_field), fields=fields)
    if held.is_named:
        mirrors = {each: other.mirror for each, other in helds.items()}
        yield from questions_by_id(held, ids_named(session, org_id, held.known, mirrors), fields=fields)
