"""One leader at a time: a lease with a fencing token, and a lock that lets passes of one org follow each other."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, text

from models.errors import LeaseLost
from models.mirror import metadata
from models.session import ReadSession, WriteSession

LEASE = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    schema="ops",
)


def take_lease(session: WriteSession, name: str, *, holder: str, lasting: timedelta) -> int | None:
    """Take or renew the lease.

    Returns:
        Its fencing token, which grows each time the lease changes hands; None while another holder has it.
    """
    return session.execute(
        text("""
            INSERT INTO ops.lease AS lease (name, holder, token, expires_at)
            VALUES (:name, :holder, 1, clock_timestamp() + :lasting)
            ON CONFLICT (name) DO UPDATE
               SET holder = excluded.holder, expires_at = excluded.expires_at,
                   token = lease.token + (lease.holder <> excluded.holder)::int
             WHERE lease.holder = excluded.holder OR lease.expires_at < clock_timestamp()
            RETURNING token
        """),
        {"name": name, "holder": holder, "lasting": lasting},
    ).scalar_one_or_none()


def lease_holder(session: ReadSession, name: str) -> str | None:
    """Return who has, or last had, the lease."""
    return session.execute(text("SELECT holder FROM ops.lease WHERE name = :name"), {"name": name}).scalar_one_or_none()


def give_lease_back(session: WriteSession, name: str, *, holder: str) -> None:
    """End the lease early, so that another worker need not wait for it to run out."""
    session.execute(
        text("UPDATE ops.lease SET expires_at = clock_timestamp() WHERE name = :name AND holder = :holder"),
        {"name": name, "holder": holder},
    )


def lease_until(session: ReadSession, name: str) -> datetime | None:
    """Return when the running lease ends, or None while nobody leads."""
    return session.execute(
        text("SELECT expires_at FROM ops.lease WHERE name = :name AND expires_at > clock_timestamp()"), {"name": name}
    ).scalar_one_or_none()


def check_fence(session: WriteSession, name: str, *, token: int) -> None:
    """Refuse to go on writing under a token that has been superseded.

    Raises:
        LeaseLost: another worker has taken the lease; this transaction must not commit.
    """
    held = session.execute(
        text("SELECT token FROM ops.lease WHERE name = :name FOR SHARE"), {"name": name}
    ).scalar_one_or_none()
    if held != token:
        raise LeaseLost


def queue_behind_other_passes(session: WriteSession, org_id: str, *, minutes: int = 15) -> None:
    """Wait until no other pass of this org is writing; the lock goes with the transaction, even after kill -9."""
    session.execute(text(f"SET LOCAL lock_timeout = '{minutes:d}min'"))
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('baton pass ' || :org_id, 0))"), {"org_id": org_id}
    )
