"""The end of a pass: briefs of the deals it touched, handoffs of those that came, and events for whoever listens."""

from collections.abc import Sequence
from datetime import datetime

from models import handoff, outbox
from models.kept_mapping import follows, note_followed
from models.membership import Settled, drafts_among
from sync.land.landing import Landing
from sync.run.report import Progress
from sync.shape.affected import affected_deals
from sync.shape.renewals.keep import keep_terms, remind
from sync.shape.surveys import keep_survey_records
from sync.shape.write import WAY_OF_SHAPING, all_deals, shape


def announce(
    landing: Landing, settled: Settled, *, quietly: bool, every: bool, at: datetime, progress: Progress
) -> tuple[int, int]:
    """Shape the briefs that may have changed and write the events of this pass.

    Drafts have briefs and no events: nothing has been won yet.

    Args:
        landing: what the pass touched.
        settled: who came in and who left.
        quietly: write no events: a first load finds deals that were won long ago.
        every: shape all briefs, because something changed that each of them shows.
        at: Salesforce's time of the pass.
        progress: told of the briefs that are done.

    Returns:
        How many briefs got a new version, and how many events were written.
    """
    session, org_id = landing.session, landing.org_id
    # Another mapping, or another release, lets all briefs be made anew: without events, since no deal has changed.
    anew = not follows(session, org_id, way=WAY_OF_SHAPING)
    affected = [] if every else _affected(landing, settled.entered)
    written = shape(
        session,
        org_id,
        all_deals(session, org_id) if every or anew else affected,
        generation=landing.generation,
        progress=lambda done: progress("briefs", None, done),
    )
    if anew:
        note_followed(session, org_id, way=WAY_OF_SHAPING)
    left = [deal_id for deal_id, _ in (*settled.ceased_as_deals, *settled.drafts_left)]
    moved = None if every or anew else [*affected, *left]
    told = keep_terms(session, org_id, moved, generation=landing.generation, at=at)
    told += remind(session, org_id, at=at)
    if every or anew or landing.has_touched():
        keep_survey_records(session, org_id, every=every or anew)
    came = settled.became_deals
    handoff.open_handoffs(session, org_id, came, found=came if quietly else settled.by_scope)
    if quietly:
        return len(written), 0
    versions = dict(written)
    silent = {*came, *drafts_among(session, org_id, versions)}
    if anew and not every:
        silent |= versions.keys() - set(affected)
    events: list[tuple[str, str, dict[str, object]]] = [
        ("deal.won", deal_id, {"version": versions.get(deal_id, 1), **_why(settled, deal_id)}) for deal_id in came
    ]
    events += [("deal.unwon", deal_id, {"reason": reason}) for deal_id, reason in settled.ceased_as_deals]
    events += [("deal.updated", deal_id, {"version": version}) for deal_id, version in written if deal_id not in silent]
    events += told
    return len(written), outbox.announce(session, org_id, events, generation=landing.generation)


def _why(settled: Settled, deal_id: str) -> dict[str, object]:
    """What a listener must know of a deal that came without having been won just now."""
    return {"reason": "scope_changed"} if deal_id in settled.by_scope else {}


def _affected(landing: Landing, entered: Sequence[str]) -> list[str]:
    if not entered and not landing.has_touched():
        return []
    return sorted({*entered, *affected_deals(landing.session, landing.org_id)})
