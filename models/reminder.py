"""Who was reminded of a renewal: once 90, 60 and 30 days ahead, whatever restarts in between."""

from datetime import date
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, Table, Text, text

from models.mirror import metadata
from models.session import WriteSession

REMINDER = Table(
    "reminder",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("term_id", Text, primary_key=True),
    Column("due_on", Date, primary_key=True),
    Column("days", Integer, primary_key=True),  # how far ahead
    Column("told_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="cs",
)

#: so many days before the last day somebody is reminded
DAYS_AHEAD = (90, 60, 30)

# Of a term that is seen late, only the nearest of the days is told: a term with 40 days left is told as one of 60.
_NOTE = text("""
    WITH near AS (
        SELECT term.term_id, term.deal_id, term.customer_id, term.start_on, term.due_on, term.notice_by,
               (SELECT min(ahead) FROM unnest(CAST(:days AS integer[])) AS ahead
                 WHERE ahead >= term.due_on - CAST(:today AS date)) AS days
          FROM cs.term
         WHERE term.org_id = :org_id AND term.known_to IS NULL AND term.kind = 'fixed'
           AND term.due_on BETWEEN :today AND CAST(:today AS date) + CAST(:farthest AS integer)
           AND term.start_on <= term.due_on AND term.signed_on <= :today
    ), noted AS (
        INSERT INTO cs.reminder (org_id, term_id, due_on, days)
        SELECT :org_id, near.term_id, near.due_on, near.days FROM near
         WHERE NOT EXISTS (SELECT FROM cs.reminder AS told
                            WHERE told.org_id = :org_id AND told.term_id = near.term_id AND told.due_on = near.due_on
                              AND told.days <= near.days)
           AND NOT EXISTS (SELECT FROM cs.term AS later
                            WHERE later.org_id = :org_id AND later.known_to IS NULL
                              AND later.customer_id = near.customer_id AND near.term_id = ANY(later.renews)
                              AND later.signed_on <= :today AND later.start_on > near.start_on)
            ON CONFLICT DO NOTHING
        RETURNING term_id, due_on, days
    )
    SELECT noted.term_id, noted.due_on, noted.days, near.deal_id, near.notice_by
      FROM noted JOIN near USING (term_id) ORDER BY noted.due_on, noted.term_id
""")


def note_reminders(session: WriteSession, org_id: str, *, today: date) -> list[dict[str, Any]]:
    """Note the renewals of which somebody is to be reminded now; each comes once for each of the days ahead.

    What is secured already needs no reminder.
    """
    values = {"org_id": org_id, "today": today, "days": list(DAYS_AHEAD), "farthest": max(DAYS_AHEAD)}
    return [dict(row) for row in session.execute(_NOTE, values).mappings()]
