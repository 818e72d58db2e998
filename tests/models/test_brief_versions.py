"""A version of a brief is news: it says something that the one before did not."""

import json
from typing import Any

from sqlalchemy import text

from models.brief import write_briefs
from models.session import Store

ORG, DEAL = "00D000000000001AAA", "006000000000001AAA"


def write(store: Store, value: Any, modified: str | None) -> list[tuple[str, int]]:
    """Keep a brief of one line."""
    source = {"object": "Opportunity", "field": "Name", "record_id": DEAL, "modified_at": modified}
    document = json.dumps({"value": value, "source": source}, separators=(",", ":"))
    with store.writing() as session:
        return write_briefs(session, ORG, [DEAL], [(DEAL, 50, document)], generation=1)


def kept(store: Store) -> list[tuple[int, str | None]]:
    """(version, stamp of the source) of all versions."""
    with store.reading() as session:
        rows = session.execute(text("SELECT version, document FROM cs.brief ORDER BY version"))
        return [(row.version, row.document["source"]["modified_at"]) for row in rows]


def test_a_brief_that_says_something_new_is_a_new_version(store):
    """Whoever read version 1 can be told what is new."""
    assert write(store, "Paper", "2026-07-01T09:00:00Z") == [(DEAL, 1)]
    assert write(store, "Paper rotas", "2026-07-02T09:00:00Z") == [(DEAL, 2)]
    assert kept(store) == [(1, "2026-07-01T09:00:00Z"), (2, "2026-07-02T09:00:00Z")]


def test_a_record_that_was_only_saved_again_moves_the_stamp_and_makes_no_version(store):
    """Nobody is told of an update that says the same; the modified time stays true nevertheless."""
    write(store, "Paper", None)

    assert write(store, "Paper", "2026-07-02T09:00:00Z") == []
    assert write(store, "Paper", "2026-07-02T09:00:00Z") == []
    assert kept(store) == [(1, "2026-07-02T09:00:00Z")]


def test_words_of_a_customer_that_look_like_a_stamp_are_words(store):
    """No text can hide a change."""
    write(store, '"modified_at":"one"', None)

    assert write(store, '"modified_at":"two"', None) == [(DEAL, 2)]
