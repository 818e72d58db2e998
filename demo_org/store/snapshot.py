"""Saves an org to a file, and takes it back from there: a test can begin again without filling it anew."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from demo_org.errors import SalesforceFault

if TYPE_CHECKING:
    from demo_org.store.org import Org


def save(org: "Org", path: str | Path) -> int:
    """Write all that is committed to a file that `--file` can open, too; returns its size in bytes."""
    with _refusing(path), org.lock:
        _check_idle(org)
        with closing(sqlite3.connect(path)) as target:
            org.connection.backup(target)
    return Path(path).stat().st_size


def restore(org: "Org", path: str | Path) -> None:
    """Put the org into the state of a saved file; its clock goes on as it is."""
    with _refusing(path), org.lock:
        _check_idle(org)
        with closing(sqlite3.connect(f"file:{Path(path).resolve()}?mode=ro", uri=True)) as source:
            source.execute("SELECT value FROM _org WHERE key = 'org_id'").fetchone()
            source.backup(org.connection)
        org.take_up()
        org.keep("clock", json.dumps(org.clock.state()))


def _check_idle(org: "Org") -> None:
    if org.late or org.connection.in_transaction:
        message = "a transaction is open; commit it or roll it back first"
        raise SalesforceFault(400, "INVALID_OPERATION", message)


@contextmanager
def _refusing(path: str | Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise SalesforceFault(400, "INVALID_OPERATION", f"{path}: {error}") from None
