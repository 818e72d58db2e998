"""Records that become visible after their stamp: they are caught, and counted."""

from datetime import timedelta
from typing import Any

SEEN = "SELECT late_rows, most_late_seconds, last_late_at IS NOT NULL FROM ops.object_state WHERE object = :name"


def show_late(followed: Any, name: str, record: str, *, seconds: int, **values: str) -> None:
    """Let a change be seen now whose stamp lies some seconds before what has been read, as long transactions do."""
    ((watermark,),) = followed.ask("SELECT watermark FROM ops.object_state WHERE object = :name", name=name)
    stamp = (watermark - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    ((field, value),) = values.items()
    with followed.org.writing() as connection:
        connection.execute(
            f'UPDATE "{name}" SET {field} = ?, SystemModstamp = ?, LastModifiedDate = ? WHERE Id = ?',
            (value, stamp, stamp, record),
        )


def test_records_that_were_shown_late_are_brought_and_counted(followed: Any) -> None:
    """Whoever looks after the sync sees that the overlap is needed, and by how much it suffices."""
    with followed.org.writing() as connection:
        for table in ("Opportunity", "Contact"):
            connection.execute(f"UPDATE {table} SET SystemModstamp = '2025-01-01T00:00:00.000Z'")
    followed.sync()
    show_late(followed, "Opportunity", followed.deals[0], seconds=40, Name="Renamed long ago")
    show_late(followed, "Contact", followed.contacts[0], seconds=500, LastName="Ray")
    report = followed.sync()

    assert report.late_rows == 2
    assert followed.ask(SEEN, name="Opportunity") == [(1, 40, True)]
    assert followed.ask(SEEN, name="Contact") == [(1, 500, True)]
    assert followed.ask("SELECT name FROM closure.opportunity WHERE name LIKE 'Renamed%'") == [("Renamed long ago",)]


def test_what_merely_lies_in_the_overlap_is_not_late(synced: Any) -> None:
    """Records that were read before, and the old children of a deal that is won now, are no alarm."""
    synced.org.update("Opportunity", synced.deals[1], {"StageName": "Closed Won"})
    report = synced.sync()

    assert report.deals_in == 1
    assert report.late_rows == 0
    assert synced.sync().late_rows == 0
    assert synced.ask("SELECT sum(late_rows) FROM ops.object_state") == [(0,)]
