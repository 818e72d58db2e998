"""Which deals each org's scope means, since when, and who chose it, as data and in words."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.read.encode import plain_row
from models.kept_scope import applied_scope, kept_scope
from models.session import ReadSession


def scopes(session: ReadSession) -> list[dict[str, Any]]:
    """Return the scope of each connected org."""
    orgs = session.execute(text("SELECT org_id, name FROM ops.org ORDER BY name, org_id")).all()
    return [{"org_id": org.org_id, "name": org.name, **scope_of(session, org.org_id)} for org in orgs]


def scope_of(session: ReadSession, org_id: str) -> dict[str, Any]:
    """Return the scope of one org, and how many deals and drafts belong to it now."""
    kept, applied = kept_scope(session, org_id), applied_scope(session, org_id)
    counts = session.execute(
        text("""
            SELECT count(*) FILTER (WHERE reason <> 'closing_soon') AS deals,
                   count(*) FILTER (WHERE reason = 'closing_soon') AS drafts
              FROM ops.scope_member WHERE org_id = :org_id AND state = 'in'
        """),
        {"org_id": org_id},
    ).one()
    return plain_row({
        "version": kept.version,
        "conditions": dict(kept.conditions),
        "in_words": in_words(kept.conditions),
        "set_at": kept.set_at,
        "set_by": kept.set_by,
        "applied_at": kept.applied_at,
        "waits_for_a_pass": kept.version != applied.version,
        "deals": counts.deals,
        "drafts": counts.drafts,
    })  # fmt: skip


def in_words(conditions: Mapping[str, Any]) -> list[str]:
    """Say a scope in sentences, the first of which says what a deal is."""
    stages, kinds = conditions.get("stages"), conditions.get("record_types")
    words = [
        f"Deals are opportunities in the stage {_or(stages)}." if stages else "Deals are opportunities that are won."
    ]
    if kinds:
        words.append(f"Only those of the record type {_or([each['name'] for each in kinds])}.")
    if conditions.get("closed_from"):
        words.append(f"Only those with a close date of {conditions['closed_from']} or later.")
    if conditions.get("won_from"):
        words.append(f"Only those won on {conditions['won_from']} or later.")
    if not conditions.get("closed_from") and not conditions.get("won_from"):
        words.append("However old they are.")
    soon = conditions.get("closing_soon")
    if soon:
        words.append(
            f"Open ones that close within {soon['days']} days with at least {soon['probability']} % are drafts."
        )
    closure = conditions.get("closure", {})
    words += [f"{each['object']} belongs to them by {each['parent_field']}." for each in closure.get("add", [])]
    if closure.get("leave_out"):
        words.append(f"Left out: {', '.join(closure['leave_out'])}.")
    return words


def _or(names: list[str]) -> str:
    return " or ".join(map(repr, names))
