"""An org that is told to misbehave, and the passes a test makes meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from demo_org.wire.settings import WireSettings
from sync.run import PassReport, connected_org, run_pass
from sync.salesforce.client import connect

#: an org whose every answer takes several pages
PAGED = WireSettings(bulk_delay=0.0, page_rows=4, bulk_page_rows=2)
WATERMARKS = "SELECT object, watermark FROM ops.object_state ORDER BY object"


@contextmanager
def striking(followed: Any, kind: str, **described: Any) -> Iterator[None]:
    """Let a fault strike, for ever unless told, until the end of the block."""
    fault = {"kind": kind, "times": 0} | described
    httpx.post(f"{followed.settings.url}/demo/faults", json=[fault]).raise_for_status()
    try:
        yield
    finally:
        followed.struck = [each["kind"] for each in httpx.get(f"{followed.settings.url}/demo/faults/log").json()]
        httpx.delete(f"{followed.settings.url}/demo/faults").raise_for_status()


def struck(followed: Any) -> list[str]:
    """The faults that struck within the last such block."""
    found: list[str] = followed.struck
    return found


def one_pass(followed: Any, kind: Any = "live") -> PassReport:
    """One pass of a kind, by a client of its own."""
    with connect(followed.settings) as client:
        return run_pass(followed.store, client, connected_org(followed.store, client), kind=kind)


def sql(followed: Any, statement: str, *values: Any) -> None:
    """Change the org's rows past all rules of saving, as nobody but Salesforce itself can."""
    with followed.org.writing() as connection:
        connection.execute(statement, values)


def stamp(instant: Any) -> str:
    """An instant as the org stores it."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.000Z"
