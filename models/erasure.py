"""People at customers who were erased on request: who they are, and letting go of what is known of them.

What is remembered is the id, and hashes of name and addresses: by these, what would come again with the next pass is
known and left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from models.brief import rewrite_briefs
from models.forgotten_brief import Forgotten, forget_in_brief
from models.known_again import hash_of
from models.lease import queue_behind_other_passes
from models.mirror import MIRRORS, Mirror, metadata
from models.personal import ADDRESSES, ALONE, BY_OBJECT
from models.session import ReadSession, WriteSession
from models.survey import forget_comments
from models.upsert import forget_persons

ERASED_CONTACT = Table(
    "erased_contact",
    metadata,
    Column("org_id", Text, primary_key=True),
    Column("contact_id", Text, primary_key=True),
    Column("customer_id", Text),
    # SHA-256 of their names and e-mail addresses, in small letters
    Column("hashes", ARRAY(LargeBinary), nullable=False),
    Column("erased_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("erased_by", Text, nullable=False),
    schema="cs",
)

#: columns of a contact by which they are known again
_KNOWN_BY = ("name", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was done about a request to be erased."""

    erased_at: datetime
    erased_by: str
    #: how many briefs, of all versions, were rewritten
    briefs: int


def holders_of(session: ReadSession, contact_id: str) -> list[str]:
    """Return the orgs of which the store has a contact of that id, be it in the closure or not."""
    statement = text("SELECT org_id FROM salesforce.contact WHERE id = :id ORDER BY org_id")
    return list(session.execute(statement, {"id": contact_id}).scalars())


def has_erased(session: ReadSession, org_id: str) -> bool:
    """Return whether anybody of this org was erased: mostly nobody, and then nothing has to be looked for."""
    statement = text("SELECT EXISTS (SELECT FROM cs.erased_contact WHERE org_id = :org_id)")
    return bool(session.execute(statement, {"org_id": org_id}).scalar_one())


def erase(session: WriteSession, org_id: str, contact_id: str, *, by: str) -> Erasure:
    """Let go of all that is known of a contact, and remember that it shall not come again.

    It waits for the pass that is under way, if there is one: what that has read is erased, too.
    """
    queue_behind_other_passes(session, org_id, minutes=1)
    who = {"org_id": org_id, "contact_id": contact_id}
    known = _known(session, who)
    row = session.execute(_REMEMBERED, {**who, "by": by}).one()
    records = _records_about(session, who)
    for mirror in MIRRORS.values():
        for statement in forget_persons(mirror):
            session.execute(text(statement), who)
    forget_comments(session, org_id)
    found = session.execute(_BRIEFS, {**who, "name": known.get("name"), "email": known.get("email")}).all()
    person = Forgotten(contact_id=contact_id, texts=tuple(known.values()), records=records)
    rewritten = [(each.deal_id, each.version, forget_in_brief(each.document, person)) for each in found]
    rewrite_briefs(session, org_id, rewritten)
    return Erasure(erased_at=row.erased_at, erased_by=row.erased_by, briefs=len(rewritten))


def forget_staged(session: WriteSession, org_id: str, mirror: Mirror, *, table: str, staged: Mapping[str, str]) -> None:
    """Take what is about erased people out of staged copies, and learn by which new names they would come again."""
    values = {"org_id": org_id}
    if mirror.object_name == "Contact":
        learned = [session.execute(text(_learn(table, each)), values).rowcount for each in _KNOWN_BY if each in staged]
        if any(learned):
            # What came by a new name or address before it was known whose that is, such as a message.
            for known in (MIRRORS[name] for name in sorted(ADDRESSES.keys() | ALONE.keys())):
                for statement in forget_persons(known):
                    session.execute(text(statement), values)
    for statement in forget_persons(mirror, staged=staged, table=table):
        session.execute(text(statement), values)


def _known(session: ReadSession, who: Mapping[str, str]) -> dict[str, str]:
    """What names the person, as far as the mirror says it; the longest first."""
    columns = ("name", "email", "phone", "mobilephone", "homephone", "otherphone", "assistantphone", "assistantname")
    statement = text(f"SELECT {', '.join(columns)} FROM salesforce.contact WHERE org_id = :org_id AND id = :contact_id")  # noqa: S608 - constants
    row = session.execute(statement, who).mappings().one_or_none()
    return {name: value for name, value in (row or {}).items() if value and not value.isspace()}


def _records_about(session: ReadSession, who: Mapping[str, str]) -> frozenset[str]:
    """The records whose texts are emptied because they are about the person."""
    found: set[str] = set()
    for name in ("Task", "Event", "Note"):
        statement = f"SELECT id FROM salesforce.{MIRRORS[name].name} WHERE org_id = :org_id AND {BY_OBJECT[name].names} = :contact_id"  # noqa: E501, S608 - constants
        found.update(session.execute(text(statement), who).scalars())
    return frozenset(found)


def _learn(table: str, column: str) -> str:
    mark = hash_of(f"record.{column}")
    return f"""
        UPDATE cs.erased_contact AS gone SET hashes = gone.hashes || {mark} FROM {table} AS record
         WHERE gone.org_id = :org_id AND gone.contact_id = record.id AND record.{column} IS NOT NULL
           AND NOT {mark} = ANY(gone.hashes)
    """  # noqa: S608 - the table is a staging table of ours, the column one of two


_REMEMBERED = text(f"""
    INSERT INTO cs.erased_contact AS gone (org_id, contact_id, customer_id, hashes, erased_by)
    SELECT :org_id, :contact_id, contact.accountid,
           array_remove(ARRAY[{hash_of("contact.name")}, {hash_of("contact.email")}], NULL), :by
      FROM salesforce.contact WHERE contact.org_id = :org_id AND contact.id = :contact_id
        ON CONFLICT (org_id, contact_id) DO UPDATE
       SET hashes = gone.hashes || array_remove(excluded.hashes, NULL)
    RETURNING erased_at, erased_by
""")  # noqa: S608 - constants

# Those that name the person by id, and those of the customer's deals that may name them in words.
_BRIEFS = text("""
    SELECT brief.deal_id, brief.version, brief.document::text AS document FROM cs.brief
     WHERE brief.org_id = :org_id
       AND (strpos(brief.document::text, :contact_id) > 0
            OR strpos(brief.document::text, CAST(:email AS text)) > 0
            OR (strpos(brief.document::text, CAST(:name AS text)) > 0
                AND brief.deal_id IN (SELECT deal.id FROM salesforce.opportunity AS deal
                                        JOIN cs.erased_contact AS gone ON gone.org_id = deal.org_id
                                         AND gone.contact_id = :contact_id AND gone.customer_id = deal.accountid
                                       WHERE deal.org_id = :org_id)))
     ORDER BY brief.deal_id, brief.version
""")
