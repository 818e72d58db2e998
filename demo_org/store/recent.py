"""Which records a user worked on last, so that clients can offer them again; kept in the org's file."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from demo_org.store.values import stamp_text

if TYPE_CHECKING:
    from demo_org.store.org import Org

#: as many as Salesforce remembers of a user (REST guide, recently viewed items)
_MOST = 200


def note(org: "Org", user_id: str, object_name: str, record_id: str) -> None:
    """Remember that the user has just worked on the record."""
    with org.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO _recent (user_id, object, id) VALUES (?, ?, ?)", (user_id, object_name, record_id)
        )
        connection.execute(
            "DELETE FROM _recent WHERE user_id = ?1 AND number <= "
            "(SELECT number FROM _recent WHERE user_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
            (user_id, _MOST),
        )


def seen(org: "Org", user_id: str, object_name: str, record_ids: Iterable[str], *, viewed: bool) -> None:
    """Remember that the user has just looked at records, or was shown their names; no modstamp moves.

    SOQL guide, "FOR VIEW" and "FOR REFERENCE": a look counts as both.
    """
    fields = ("LastViewedDate", "LastReferencedDate") if viewed else ("LastReferencedDate",)
    known = [name for name in fields if name in org.catalog.stored_object(object_name).fields]
    listed = list(record_ids)[:_MOST]
    with org.writing() as connection:
        for record_id in reversed(listed):
            note(org, user_id, object_name, record_id)
        if known:
            now = stamp_text(org.clock.now())
            values = ", ".join(f'"{name}" = ?1' for name in known)
            connection.executemany(
                f'UPDATE "{object_name}" SET {values} WHERE "Id" = ?2',  # noqa: S608 - names come from the catalogue
                [(now, record_id) for record_id in listed],
            )


def items(org: "Org", user_id: str, *, limit: int = _MOST, object_name: str | None = None) -> list[tuple[str, str]]:
    """(object, id) of what the user worked on, latest first; records that are gone may be among them."""
    only = "" if object_name is None else " AND object = ?3"
    with org.reading() as connection:
        found = connection.execute(
            f"SELECT object, id FROM _recent WHERE user_id = ?1{only} ORDER BY number DESC LIMIT ?2",  # noqa: S608 - one of two texts
            (user_id, limit) if object_name is None else (user_id, limit, object_name),
        ).fetchall()
    return [(name, record_id) for name, record_id in found]
