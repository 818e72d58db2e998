"""Briefs as they were shaped: a new version only when the brief says something new."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON

from models.mirror import metadata
from models.session import WriteSession, driver

BRIEF = Table(
    "brief",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("deal_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("completeness", Integer, nullable=False),
    Column("document", JSON, nullable=False),  # json, not jsonb: money keeps its digits and keys their order
    schema="cs",
)

_WRITE = text("""
    INSERT INTO cs.brief (org_id, deal_id, version, generation, completeness, document)
    SELECT :org_id, made.deal_id, coalesce(newest.version, 0) + 1, :generation, made.completeness, made.document::json
      FROM brief_made AS made
      LEFT JOIN LATERAL (SELECT version, document::text AS document FROM cs.brief
                          WHERE org_id = :org_id AND deal_id = made.deal_id ORDER BY version DESC LIMIT 1) AS newest
             ON true
     WHERE newest.document IS DISTINCT FROM made.document
    RETURNING deal_id, version
""")


def write_briefs(
    session: WriteSession, org_id: str, briefs: Iterable[tuple[str, int, str]], *, generation: int
) -> list[tuple[str, int]]:
    """Keep each brief (deal id, completeness in percent, JSON text) that differs from its newest version.

    Returns:
        (deal id, version) of those that were new.
    """
    session.execute(
        text(
            "CREATE TEMP TABLE IF NOT EXISTS brief_made (deal_id text, completeness int, document text) ON COMMIT DROP"
        )
    )
    session.execute(text("TRUNCATE brief_made"))
    # As array parameters the documents would be escaped in Python, which takes longer than shaping them.
    with driver(session).cursor() as cursor, cursor.copy("COPY brief_made FROM STDIN") as copy:
        for row in briefs:
            copy.write_row(row)
    written = session.execute(_WRITE, {"org_id": org_id, "generation": generation})
    return [(row[0], row[1]) for row in written]
