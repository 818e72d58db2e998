"""What the thorough proof promises to the passes beside it."""

from typing import Any

from sqlalchemy import text

from sync.prove import prove_once


def test_a_proof_takes_its_turn_among_the_passes_and_only_to_compare(synced: Any) -> None:
    """The worker syncs while a proof downloads; what it then locks in order to compare, no pass is locking."""
    synced.org.update("Account", synced.accounts[0], {"Name": "Renamed"})
    free: dict[str, set[bool]] = {}

    def look(stage: str, *_: object) -> None:
        with synced.store.trying() as session:
            lock = text("SELECT pg_try_advisory_xact_lock(hashtextextended('baton pass ' || :org_id, 0))")
            free.setdefault(stage, set()).add(session.execute(lock, {"org_id": synced.org.org_id}).scalar_one())

    prove_once(synced.store, synced.settings, progress=look)

    assert free["snapshot"] == {True}
    assert free["merge"] == {False}
