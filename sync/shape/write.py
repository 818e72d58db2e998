"""From the mirror to stored briefs: loads whole aggregates in batches and keeps each brief that says something new."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text

from models import brief
from models.session import WriteSession
from sync.shape.brief import shape_briefs
from sync.shape.gather import aggregates, context_of

#: Counted up when a release makes briefs or terms in another way: all of them are made anew by the next pass.
WAY_OF_SHAPING = 3
#: deals shaped at once: their rows are in memory together
_BATCH = 200


def all_deals(session: WriteSession, org_id: str) -> list[str]:
    """Return every deal of the org."""
    return list(
        session.execute(
            text("SELECT id FROM closure.opportunity WHERE org_id = :org_id ORDER BY 1"), {"org_id": org_id}
        )
        .scalars()
        .all()
    )


def shape(
    session: WriteSession,
    org_id: str,
    deal_ids: Sequence[str],
    *,
    generation: int,
    progress: Callable[[int], None] = lambda _: None,
) -> list[tuple[str, int]]:
    """Shape the briefs of these deals and keep those that changed; returns (deal id, new version)."""
    written: list[tuple[str, int]] = []
    context = context_of(session, org_id) if deal_ids else {}
    with _without_garbage_collector():
        for start in range(0, len(deal_ids), _BATCH):
            batch = deal_ids[start : start + _BATCH]
            # All is read before the first is written; while one is shaped, the database stores those before it.
            read = list(aggregates(session, org_id, batch, context))
            made = ((each.deal_id, each.score, each.json()) for each in shape_briefs(read))
            written += brief.write_briefs(session, org_id, batch, made, generation=generation)
            progress(start + len(batch))
    return written


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    """Let counting references free the rows: they have no circles, and looking for some doubles the time of shaping."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
