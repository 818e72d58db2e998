"""What has been proven of the store: the last comparison of each object with the org, and what it was compared by."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Row, Table, Text, select, text
from sqlalchemy.dialects.postgresql import insert

from models.mirror import metadata
from models.session import ReadSession, WriteSession

PROOF = Table(
    "proof",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    # When it was last compared; NULL: never.
    Column("proven_at", DateTime(timezone=True)),
    # Records that were compared one by one, of how many the closure had.
    Column("rows", BigInteger, nullable=False),
    Column("rows_compared", BigInteger, nullable=False),
    Column("drift_found", BigInteger, nullable=False),
    Column("drift_repaired", BigInteger, nullable=False),
    Column("drift_rows", BigInteger, nullable=False),
    # Why the object is not proven, or what a person must look at.
    Column("detail", Text),
    schema="ops",
)

PROOF_MONTH = Table(
    "proof_month",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("month", Text, primary_key=True),  # 2026-11, by CreatedDate; '' when the object is compared in one piece
    Column("rows", BigInteger, nullable=False),
    Column("newest", DateTime(timezone=True)),
    # Over ids and stamps; the same from both sides, or the month has been looked into.
    Column("checksum", BigInteger),
    Column("ids_at", DateTime(timezone=True)),
    schema="ops",
)
"""The months of an object, and when the ids of each were last compared one by one."""

METADATA_HASH = Table(
    "metadata_hash",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    schema="ops",
)
"""What deals depend on without any stamp: stages, record types, rates, and what may be read."""


def proofs(session: ReadSession, org_id: str) -> dict[str, Row[Any]]:
    """Return the last proof of each object."""
    return {row.object: row for row in session.execute(select(PROOF).where(PROOF.c.org_id == org_id))}


def proven(session: WriteSession, org_id: str, object_name: str, **values: Any) -> None:
    """Write how the comparison of one object ended."""
    statement = insert(PROOF).values(org_id=org_id, object=object_name, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["org_id", "object"], set_=values))


def not_proven(session: WriteSession, org_id: str, object_name: str, *, detail: str) -> None:
    """Write why an object could not be compared; what its last proof found stays."""
    nothing = {"rows": 0, "rows_compared": 0, "drift_found": 0, "drift_repaired": 0, "drift_rows": 0}
    statement = insert(PROOF).values(org_id=org_id, object=object_name, detail=detail, **nothing)
    session.execute(statement.on_conflict_do_update(index_elements=["org_id", "object"], set_={"detail": detail}))


def months(session: ReadSession, org_id: str, object_name: str) -> dict[str, datetime | None]:
    """Return when the ids of each month of an object were last compared."""
    rows = session.execute(
        select(PROOF_MONTH.c.month, PROOF_MONTH.c.ids_at).where(
            PROOF_MONTH.c.org_id == org_id, PROOF_MONTH.c.object == object_name
        )
    )
    return {row.month: row.ids_at for row in rows}


def months_proven(session: WriteSession, org_id: str, object_name: str, found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what the months of an object were, by month; a value that is not given stays."""
    for month, values in sorted(found.items()):
        statement = insert(PROOF_MONTH).values(org_id=org_id, object=object_name, month=month, **values)
        session.execute(
            statement.on_conflict_do_update(index_elements=["org_id", "object", "month"], set_=dict(values))
        )


def forget_months(session: WriteSession, org_id: str, object_name: str, *, keep: Iterable[str]) -> None:
    """Drop the months that an object no longer has."""
    session.execute(
        text(
            "DELETE FROM ops.proof_month WHERE org_id = :org_id AND object = :object"
            " AND NOT month = ANY(CAST(:keep AS text[]))"
        ),
        {"org_id": org_id, "object": object_name, "keep": list(keep)},
    )


def metadata_changed(session: WriteSession, org_id: str, hashes: Mapping[str, str]) -> list[str]:
    """Remember the hashes of some subjects and return those that differ from before; the first one is no change."""
    kept = select(METADATA_HASH.c.subject, METADATA_HASH.c.hash).where(
        METADATA_HASH.c.org_id == org_id, METADATA_HASH.c.subject.in_(list(hashes))
    )
    known: dict[str, str] = {row.subject: row.hash for row in session.execute(kept)} if hashes else {}
    changed: list[str] = []
    for subject, digest in sorted(hashes.items()):
        before = known.get(subject)
        if before == digest:
            continue
        if before is not None:
            changed.append(subject)
        values = {"hash": digest, "changed_at": text("now()")}
        statement = insert(METADATA_HASH).values(org_id=org_id, subject=subject, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["org_id", "subject"], set_=values))
    return changed
