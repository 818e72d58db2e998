"""A poll takes as long as there is news: it reads no table of the store from end to end, however much is in there."""

from collections.abc import Callable
from datetime import timedelta

from followed_org import Followed
from sqlalchemy import event, text
from sqlalchemy.engine import Connection

from models.mirror import MIRRORS
from sync.run import connected_org, run_pass
from sync.salesforce.client import connect

#: records of each object that are there besides, and how many of them a poll may come across
MANY, FEW = 3_000, 300
#: what polls read whole, the links of files only as long as they are few
_WHOLE = {"OpportunityStage", "RecordType", "CurrencyType", "ContentDocumentLink"}
#: live passes in which it is every object's turn
_TURNS = 5

_READ = """
    SELECT relname, seq_tup_read + (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes AS i
                                     WHERE i.relid = t.relid) AS tuples
      FROM pg_stat_user_tables AS t WHERE n_live_tup >= 3000
"""


def crowd(followed: Followed) -> None:
    """Put many records more into each table, of the same org, as wide as records are and in nobody's closure."""
    tables = [mirror.name for name, mirror in MIRRORS.items() if name not in _WHOLE]
    with followed.store.writing() as session:
        for table in tables:
            session.execute(
                text(f"""
                    INSERT INTO salesforce."{table}" (org_id, id, generation, custom)
                    SELECT org_id, 'beside' || n, 1, jsonb_build_object('Filler__c', repeat(md5(n::text), 12))
                      FROM ops.org, generate_series(1, :many) AS n
                """),
                {"many": MANY},
            )
        session.execute(
            text("""
                INSERT INTO ops.scope_member (org_id, opportunity_id, state, generation, reason)
                SELECT org_id, 'beside' || n, 'out', 1, 'reopened' FROM ops.org, generate_series(1, :many) AS n
            """),
            {"many": 10 * MANY},  # its rows are so narrow that reading a few thousand is quicker than looking one up
        )
        for table in [*(f'salesforce."{table}"' for table in tables), "ops.scope_member"]:
            session.execute(text(f"ANALYZE {table}"))


def read_by(followed: Followed, act: Callable[[Followed], object]) -> dict[str, int]:
    """Return how many rows of each table, or of its indexes, were read by what an act does to the store."""
    before = dict(followed.ask(_READ))
    event.listen(followed.store._engine, "commit", tell_at_once)
    act(followed)
    event.remove(followed.store._engine, "commit", tell_at_once)
    return {name: int(tuples - before[name]) for name, tuples in followed.ask(_READ)}


def tell_at_once(connection: Connection) -> None:
    """Let the database publish what a transaction has read when it ends, not some seconds later."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))


def polls(followed: Followed) -> None:
    """So many live passes that it is every object's turn."""
    with connect(followed.settings) as client:
        org_id = connected_org(followed.store, client)
        for _ in range(_TURNS):
            run_pass(followed.store, client, org_id, kind="live")
            followed.org.clock.move(by=timedelta(seconds=30))


def nothing(_: Followed) -> None:
    """An idle hour."""


def changes(followed: Followed) -> None:
    """Deals, customers and what hangs on them are edited, won and lost."""
    org = followed.org
    for deal in followed.deals[:4]:
        org.update("Opportunity", deal, {"NextStep": "Call them"})
    org.update("Opportunity", followed.deals[1], {"StageName": "Closed Won"})
    org.update("Opportunity", followed.deals[2], {"StageName": "Prospecting"})
    org.update("Account", followed.accounts[0], {"Name": "Renamed"})
    org.update("Contact", followed.contacts[0], {"Title": "CFO"})
    org.update("Task", followed.one("Task", "WhatId", followed.deals[0]), {"Subject": "Called"})


def deletions(followed: Followed) -> None:
    """Records are deleted that others look up."""
    org = followed.org
    org.delete("OpportunityLineItem", followed.one("OpportunityLineItem", "OpportunityId", followed.deals[0]))
    org.delete("Task", followed.one("Task", "WhatId", followed.deals[0]))
    org.delete("Contact", followed.contacts[2])
    org.delete("Opportunity", followed.deals[4])


def test_a_poll_reads_no_table_of_the_store_from_end_to_end(followed: Followed) -> None:
    """With ten times the customers a change is as soon in the API as before."""
    followed.sync(snapshot=True)
    crowd(followed)
    followed.org.clock.move(by=timedelta(hours=1))
    polls(followed)

    read = {}
    for news in (nothing, changes, deletions):
        news(followed)
        read |= {(news.__name__, name): tuples for name, tuples in read_by(followed, polls).items()}

    assert {what: tuples for what, tuples in read.items() if tuples > FEW} == {}
