"""A database that hangs delays whoever asks it for a known time, and no longer."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from models.errors import StoreBusy, StoreUnreachable
from models.session import Store


def test_a_statement_that_takes_too_long_is_ended_by_the_database(store_url: str) -> None:
    """A query gone wild gives its connection back."""
    store = Store(store_url, patience=timedelta(seconds=0.5))
    with pytest.raises(StoreBusy), store.reading() as session:
        session.execute(text("SELECT pg_sleep(60)"))
    with store.reading() as session:
        assert session.execute(text("SELECT 1")).scalar_one() == 1
    store.close()


def test_a_lock_that_is_not_given_is_no_reason_to_wait_for_ever(store: Store, store_url: str) -> None:
    """Who waits behind somebody's forgotten transaction says so and tries again later."""
    waiting = Store(store_url, patience=timedelta(seconds=0.5))
    with store.trying() as holding:
        holding.execute(text("LOCK TABLE ops.org"))
        with pytest.raises(StoreBusy), waiting.writing() as session:
            session.execute(text("LOCK TABLE ops.org"))
    waiting.close()


def test_a_frozen_database_is_given_up_in_time(store_url: str) -> None:
    """A stopped server answers no statement and keeps no time limit of its own; whoever asks goes on all the same."""
    store = Store(store_url, patience=timedelta(seconds=0.5))
    with store.reading() as session:
        frozen = session.execute(text("SELECT pg_backend_pid()")).scalar_one()
    os.kill(frozen, signal.SIGSTOP)
    thawing = threading.Timer(30, os.kill, (frozen, signal.SIGCONT))
    thawing.start()
    began = time.monotonic()
    try:
        # The pool asks the connection whether it lives and, as it does not say, opens another.
        with store.writing(patience=timedelta(seconds=0.5)) as session:
            assert session.execute(text("SELECT pg_backend_pid()")).scalar_one() != frozen
    finally:
        thawing.cancel()
        os.kill(frozen, signal.SIGCONT)

    assert time.monotonic() - began < 25
    store.close()


def test_a_database_that_freezes_in_the_middle_is_unreachable(store_url: str) -> None:
    """The pass fails as with a lost connection: nothing of it is kept, and the next one reads the same window."""
    store = Store(store_url, patience=timedelta(seconds=0.5))
    frozen: list[int] = []

    def freeze_in_the_middle() -> None:
        with store.writing() as session:
            frozen.append(session.execute(text("SELECT pg_backend_pid()")).scalar_one())
            os.kill(frozen[0], signal.SIGSTOP)
            session.execute(text("SELECT 1"))

    try:
        with pytest.raises(StoreUnreachable):
            freeze_in_the_middle()
    finally:
        os.kill(frozen[0], signal.SIGCONT)
    store.close()
