"""How much of the org the store covers, object by object: how far each is read, how fresh, and what is not read."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from app.read.encode import plain_row
from models.session import ReadSession

#: objects whose old records Salesforce purges; what the store has seen of them stays
_KEPT = frozenset({"OpportunityHistory", "OpportunityFieldHistory"})

FIELDS = (
    "org_id", "org_name", "object", "state", "in_words", "detail", "rows", "watermark", "age_seconds", "snapshot_at",
    "deep_at", "described_at", "fields_read", "fields_not_read", "late_rows", "last_late_at", "most_late_seconds",
    "formulas", "proof",
)  # fmt: skip


def coverage(
    session: ReadSession, *, org: Sequence[str] = (), objects: Sequence[str] = (), state: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return what is known of each object; what is not given restricts nothing."""
    wanted = {"org": list(org), "object": list(objects), "state": list(state)}
    return [_in_words(plain_row(row)) for row in session.execute(_COVERAGE, wanted).mappings()]


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    hidden = [{"field": each, "why": "hidden from the sync user"} for each in row.pop("unavailable_fields")]
    unread = [{"field": each, "why": why} for each, why in sorted(row.pop("why_not_read").items())]
    words = {**row, "in_words": state_in_words(row), "fields_not_read": hidden + unread}
    words["formulas"] = {"fields": row["formula_fields"], "as_of": row["formulas_as_of"]}
    # An object that was never compared, nor failed to be, has no proof.
    words["proof"] = (
        None
        if row["drift_rows"] is None
        else {
            "proven_at": row["proven_at"],
            "detail": row["proof_detail"],
            **{name: row[name] for name in ("rows_compared", "drift_found", "drift_repaired", "drift_rows")},
        }
    )
    return {name: words[name] for name in FIELDS}


def state_in_words(row: Mapping[str, Any]) -> str:
    """Say how an object stands: `row` has its name, state, detail and watermark."""
    if row["state"] == "ok":
        if row["watermark"] is None:
            return "It has not been read yet."
        return "It is read, and kept: what Salesforce purges of it stays." if row["object"] in _KEPT else "It is read."
    return _STATES.get(row["state"], f"It is {row['state']}.")


_STATES = {
    "missing": "The org has no such object, or hides it from the sync user; briefs do without it.",
    "unreadable": "It is there, and the sync user may not read it; what was read before is kept.",
    "left_out": "The scope leaves it out.",
}

#: A field that is hidden has no description any more, and one that is described and not read has its reason.
_COVERAGE = text("""
    SELECT state.org_id, org.name AS org_name, state.object, state.state, state.detail, state.rows, state.watermark,
           CASE WHEN state.watermark IS NOT NULL
                THEN greatest(0, floor(extract(epoch FROM clock_timestamp() - state.watermark)))::bigint
           END AS age_seconds,
           state.snapshot_at, state.deep_at, state.described_at, state.unavailable_fields,
           state.fields_not_read AS why_not_read,
           (SELECT count(*) FROM jsonb_array_elements(coalesce(state.shape -> 'fields', '[]')) AS field
             WHERE NOT jsonb_exists(state.fields_not_read, field ->> 'name')
               AND NOT jsonb_exists(state.unavailable_fields, field ->> 'name')) AS fields_read,
           state.late_rows, state.last_late_at, state.most_late_seconds, state.formula_fields, state.formulas_as_of,
           proof.proven_at, proof.rows_compared, proof.drift_found, proof.drift_repaired, proof.drift_rows,
           proof.detail AS proof_detail
      FROM ops.object_state AS state
      JOIN ops.org ON org.org_id = state.org_id
      LEFT JOIN ops.proof ON proof.org_id = state.org_id AND proof.object = state.object
     WHERE (cardinality(CAST(:org AS text[])) = 0 OR state.org_id = ANY(:org))
       AND (cardinality(CAST(:object AS text[])) = 0
            OR lower(state.object) IN (SELECT lower(unnest(CAST(:object AS text[])))))
       AND (cardinality(CAST(:state AS text[])) = 0 OR state.state = ANY(:state))
     ORDER BY org.name, state.org_id, state.object
""")
