"""The end of a pass: briefs of the deals it touched, handoffs of those that came, and events for whoever listens."""

from collections.abc import Sequence

from models import handoff, outbox
from sync.land.landing import Landing
from sync.run.report import Progress
from sync.shape.write import affected_deals, all_deals, shape


def announce(
    landing: Landing,
    entered: Sequence[str],
    left: Sequence[tuple[str, str]],
    *,
    quietly: bool,
    every: bool,
    progress: Progress,
) -> tuple[int, int]:
    """Shape the briefs that may have changed and write the events of this pass.

    Args:
        landing: what the pass touched.
        entered: ids of the deals that came in.
        left: ids of the deals that left, each with the reason.
        quietly: write no events: a first load finds deals that were won long ago.
        every: shape all briefs, because something changed that each of them shows.
        progress: told of the briefs that are done.

    Returns:
        How many briefs got a new version, and how many events were written.
    """
    session, org_id = landing.session, landing.org_id
    written = shape(
        session,
        org_id,
        all_deals(session, org_id) if every else _affected(landing, entered),
        generation=landing.generation,
        progress=lambda done: progress("briefs", None, done),
    )
    handoff.open_handoffs(session, org_id, entered)
    if quietly:
        return len(written), 0
    came, versions = set(entered), dict(written)
    events: list[tuple[str, str, dict[str, object]]] = [
        ("deal.won", deal_id, {"version": versions.get(deal_id, 1)}) for deal_id in entered
    ]
    events += [("deal.unwon", deal_id, {"reason": reason}) for deal_id, reason in left]
    events += [("deal.updated", deal_id, {"version": version}) for deal_id, version in written if deal_id not in came]
    return len(written), outbox.announce(session, org_id, events, generation=landing.generation)


def _affected(landing: Landing, entered: Sequence[str]) -> list[str]:
    if not entered and not landing.has_touched():
        return []
    return sorted({*entered, *affected_deals(landing.session, landing.org_id)})
