"""Briefs as they were shaped: a new version only when the brief says something new.

That a record was saved again without saying anything else is no news: the newest version gets the later stamps.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, Column, Computed, DateTime, Integer, LargeBinary, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import JSON, JSONB

from models.mirror import metadata
from models.session import WriteSession, driver

_CSM = """jsonb_path_query_first(document::jsonb, '$.sections[*].items[*]?(@.key == "csm").value')"""
_SEGMENT = """jsonb_path_query_first(document::jsonb, '$.sections[*].items[*]?(@.key == "segment").value') #>> '{}'"""

BRIEF = Table(
    "brief",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("deal_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("completeness", Integer, nullable=False),
    # SHA-256 of the document without the stamps of its sources: whether the next one says something new
    Column("digest", LargeBinary, nullable=False),
    Column("stamped", LargeBinary),  # and with them
    Column("document", JSON, nullable=False),  # json, not jsonb: money keeps its digits and keys their order
    Column("csm", JSONB, Computed(_CSM, persisted=True)),  # whose book the deal is in, as the brief says
    Column("arr", Numeric, Computed("(document ->> 'arr')::numeric", persisted=True)),
    Column("segment", Text, Computed(_SEGMENT, persisted=True)),
    schema="cs",
)

_NEWEST = text("""
    SELECT DISTINCT ON (deal_id) deal_id, version, digest, stamped FROM cs.brief
     WHERE org_id = :org_id AND deal_id = ANY(:deal_ids) ORDER BY deal_id, version DESC
""")

_STAMPED = text("""
    UPDATE cs.brief SET document = CAST(:document AS json), stamped = :stamped
     WHERE org_id = :org_id AND deal_id = :deal_id AND version = :version
""")

_REWRITTEN = text("""
    UPDATE cs.brief SET document = CAST(:document AS json), digest = :digest, stamped = :stamped
     WHERE org_id = :org_id AND deal_id = :deal_id AND version = :version
""")

#: where a source says when its record changed; a quotation mark within a value is escaped, so values never match
_STAMP = re.compile(r'"modified_at":(?:null|"[^"]*")')


def write_briefs(
    session: WriteSession,
    org_id: str,
    deal_ids: Sequence[str],
    briefs: Iterable[tuple[str, int, str]],
    *,
    generation: int,
) -> list[tuple[str, int]]:
    """Keep each brief (deal id, completeness in percent, JSON text) that says something else than its newest version.

    They are stored one by one as they are made; whoever makes them must not use the session meanwhile.

    Args:
        session: the transaction of the pass.
        org_id: the org.
        deal_ids: the deals whose briefs are made.
        briefs: what was made.
        generation: of the pass.

    Returns:
        (deal id, version) of those that were new.
    """
    rows = session.execute(_NEWEST, {"org_id": org_id, "deal_ids": list(deal_ids)})
    newest = {row.deal_id: (row.version, bytes(row.digest), bytes(row.stamped or b"")) for row in rows}
    written: list[tuple[str, int]] = []
    later: list[dict[str, object]] = []
    columns = "org_id, deal_id, version, generation, completeness, digest, stamped, document"
    # COPY, since documents are long and thousands come at once; only one pass of an org writes at a time.
    with driver(session).cursor() as cursor, cursor.copy(f"COPY cs.brief ({columns}) FROM STDIN") as copy:
        for deal_id, score, document in briefs:
            digest, stamped = _hash(_STAMP.sub("", document)), _hash(document)
            version, known, known_stamped = newest.get(deal_id, (0, b"", b""))
            if digest != known:
                copy.write_row((org_id, deal_id, version + 1, generation, score, digest, stamped, document))
                written.append((deal_id, version + 1))
            elif stamped != known_stamped:
                later.append({"deal_id": deal_id, "version": version, "document": document, "stamped": stamped})
    if later:
        session.execute(_STAMPED, [{"org_id": org_id, **each} for each in later])
    return written


def rewrite_briefs(session: WriteSession, org_id: str, briefs: Iterable[tuple[str, int, str]]) -> None:
    """Put other documents (deal id, version, JSON text) in the place of those that are kept, as if made so."""
    rows = [
        {
            "org_id": org_id, "deal_id": deal_id, "version": version, "document": document,
            "digest": _hash(_STAMP.sub("", document)), "stamped": _hash(document),
        }
        for deal_id, version, document in briefs
    ]  # fmt: skip
    if rows:
        session.execute(_REWRITTEN, rows)


def _hash(document: str) -> bytes:
    return hashlib.sha256(document.encode()).digest()
