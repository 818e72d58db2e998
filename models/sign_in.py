"""People who have signed in with a browser. What a browser holds is random; only hashes of it are kept."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, DateTime, Index, LargeBinary, Row, Table, Text, and_, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from models.access import SECRET
from models.mirror import metadata
from models.session import ReadSession, WriteSession, seal_of

#: so long a person may take to prove to the identity provider who they are
PATIENCE = timedelta(minutes=10)

SIGN_IN = Table(
    "sign_in",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("person_id", Text, nullable=False),  # as the identity provider knows them
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    schema="ops",
)
Index("sign_in_person", SIGN_IN.c.person_id)

SIGN_IN_BEGUN = Table(
    "sign_in_begun",
    metadata,
    Column("state_hash", LargeBinary, primary_key=True),
    Column("browser_hash", LargeBinary, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),  # sealed
    Column("return_to", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    schema="ops",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What is remembered of somebody who was sent to the identity provider."""

    nonce: str
    #: proves that whoever redeems the code is who asked for it (PKCE)
    verifier: str
    return_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who has proven who they are."""

    person_id: str
    name: str
    email: str | None
    roles: Sequence[str]


def begin_sign_in(session: WriteSession, begun: Begun, *, state: str, browser: str) -> None:
    """Remember that a browser was sent to the identity provider, and forget who took too long."""
    session.execute(delete(SIGN_IN_BEGUN).where(SIGN_IN_BEGUN.c.expires_at <= func.now()))
    verifier = seal_of(session).close(begun.verifier.encode()).decode()
    session.execute(
        insert(SIGN_IN_BEGUN).values(
            state_hash=_hash(state), browser_hash=_hash(browser), nonce=begun.nonce, verifier=verifier,
            return_to=begun.return_to, expires_at=func.now() + PATIENCE,
        )
    )  # fmt: skip


def take_begun(session: WriteSession, *, state: str, browser: str) -> Begun | None:
    """Return what is remembered of whom `state` stands for, once: from then on it is forgotten.

    None when nobody was sent away with that state, or it was another browser, or too long ago.
    """
    taken = delete(SIGN_IN_BEGUN).where(SIGN_IN_BEGUN.c.state_hash == _hash(state)).returning(
        SIGN_IN_BEGUN, (SIGN_IN_BEGUN.c.expires_at > func.now()).label("is_valid")
    )  # fmt: skip
    row = session.execute(taken).one_or_none()
    if row is None or not row.is_valid or not secrets.compare_digest(row.browser_hash, _hash(browser)):
        return None
    verifier = seal_of(session).open(row.verifier.encode()).decode()
    return Begun(nonce=row.nonce, verifier=verifier, return_to=row.return_to)


def start_sign_in(session: WriteSession, person: Person, *, lasts: timedelta) -> str:
    """Let a person in and return what their browser shows from now on; forget whose time is over."""
    plain = secrets.token_urlsafe(32)
    session.execute(delete(SIGN_IN).where(SIGN_IN.c.expires_at <= func.now()))
    session.execute(
        insert(SIGN_IN).values(
            hash=_hash(plain), person_id=person.person_id, name=person.name, email=person.email,
            roles=list(person.roles), expires_at=func.now() + lasts,
        )
    )  # fmt: skip
    return plain


def find_sign_in(session: ReadSession, plain: str) -> tuple[bytes, Row[Any]]:
    """Return the secret that signs cookies, and who shows `plain`: one question for both.

    Their `person_id` is null when `plain` is unknown or its time is over.
    """
    is_theirs = and_(SIGN_IN.c.hash == _hash(plain), SIGN_IN.c.expires_at > func.now())
    shown = [column for column in SIGN_IN.c if column.name != "hash"]
    both = SECRET.outerjoin(SIGN_IN, is_theirs)
    row = session.execute(
        select(SECRET.c.value.label("secret"), *shown).select_from(both).where(SECRET.c.name == "cookie")
    ).one()
    return seal_of(session).open(row.secret), row


def end_sign_in(session: WriteSession, plain: str) -> None:
    """Let what a browser shows open nothing from now on."""
    session.execute(delete(SIGN_IN).where(SIGN_IN.c.hash == _hash(plain)))


def end_all_of(session: WriteSession, called: str) -> int:
    """Sign a person out of all browsers, by their e-mail address or id; returns how many these were."""
    theirs = (func.lower(SIGN_IN.c.email) == called.strip().lower()) | (SIGN_IN.c.person_id == called)
    return session.execute(delete(SIGN_IN).where(theirs)).rowcount


def list_sign_ins(session: ReadSession) -> list[dict[str, Any]]:
    """Return who is signed in, the latest first."""
    shown = [column for column in SIGN_IN.c if column.name != "hash"]
    statement = select(*shown).where(SIGN_IN.c.expires_at > func.now()).order_by(SIGN_IN.c.started_at.desc())
    return [dict(row) for row in session.execute(statement).mappings()]


def _hash(plain: str) -> bytes:
    # 256 random bits, so one fast hash is as safe as a slow one.
    return hashlib.sha256(plain.encode()).digest()
