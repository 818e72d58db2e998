"""What a bench runs on: a home with an embedded PostgreSQL, and a demo org in a process of its own."""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy.engine import URL, make_url

from bench.processes import BenchError, Process, clean_environment
from demo_org.salesperson import Salesperson
from models.embedded import EmbeddedServer
from sync.settings import SalesforceSettings

Answer = TypeVar("Answer")

_FILL_SECONDS = 1800.0


class Org:
    """A demo org that runs, and its control plane."""

    def __init__(self, facts: dict[str, Any], pid: int) -> None:
        self.url: str = facts["url"]
        self.pid = pid
        self._facts = facts
        self._control = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def variables(self) -> dict[str, str]:
        """The settings by which Baton reaches it."""
        return {
            "BATON_SALESFORCE_URL": self.url,
            "BATON_SALESFORCE_AUTH": "client_credentials",
            "BATON_SALESFORCE_CLIENT_ID": self._facts["client_id"],
            "BATON_SALESFORCE_CLIENT_SECRET": self._facts["client_secret"],
            "BATON_SALESFORCE_CURRENCY": "USD",
        }

    def settings(self) -> SalesforceSettings:
        """The same, for what a bench asks in this process."""
        return SalesforceSettings(
            url=self.url,
            auth="client_credentials",
            client_id=self._facts["client_id"],
            client_secret=self._facts["client_secret"],
            currency="USD",
        )

    def seller(self) -> Salesperson:
        """A salesperson who is logged in."""
        return Salesperson(self.url, client_id=self._facts["client_id"], client_secret=self._facts["client_secret"])

    def move_clock(self, seconds: float) -> None:
        """Let time pass for the org, so that nothing counts as changed just now."""
        self._control.post("/demo/clock", json={"move": seconds}).raise_for_status()

    def reset_calls(self) -> None:
        """Let the org count from zero."""
        self._control.post("/demo/calls/reset").raise_for_status()

    def calls(self) -> int:
        """The API calls that the org has served since, by its own count: what Salesforce would bill."""
        return int(self._control.get("/demo/calls").raise_for_status().json()["total"])

    def close(self) -> None:
        """End the connection."""
        self._control.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """A database server, and a directory of its own."""

    home: Path
    server: URL

    def database(self, name: str) -> str:
        """Make an empty database and return its address as BATON_DATABASE_URL wants it."""
        with self.connected("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.server.set(database=name).render_as_string(hide_password=False)

    def settle(self) -> None:
        """Write out what earlier work left in the database's buffers, so that it is not paid for by the next."""
        with self.connected("postgres") as connection:
            connection.execute("CHECKPOINT")

    @contextmanager
    def connected(self, database: str) -> Iterator["psycopg.Connection[dict[str, Any]]"]:
        """A connection to a database of the server, each statement by itself."""
        url = self.server.set(database=database, drivername="postgresql").render_as_string(hide_password=False)
        with closing(psycopg.connect(url, autocommit=True, row_factory=dict_row)) as connection:
            yield connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Databases):
    """The same, with an org."""

    org: Org
    org_rows: str

    def environment(self, database_url: str, **more: str) -> dict[str, str]:
        """The environment in which a command of Baton works on this stage."""
        return {
            **clean_environment(),
            **self.org.variables(),
            "BATON_HOME": str(self.home),
            "BATON_DATABASE_URL": database_url,
            "BATON_HTTP_REQUESTS_PER_MINUTE": "1000000",
            **more,
        }


@contextmanager
def databases() -> Iterator[Databases]:
    """Start a database server, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # a database that root starts runs as another user
        server = EmbeddedServer(home / "postgres-home", database="bench")
        url = make_url(server.start())
        try:
            yield Databases(home=home, server=url)
        finally:
            server.stop()


@contextmanager
def stage(*, scale: int) -> Iterator[Stage]:
    """Start everything a bench needs, and stop it at the end."""
    with databases() as where:
        command = [sys.executable, "-m", "demo_org", "--port", "0", "--scale", str(scale)]
        with Process(command) as process:
            org = Org(json.loads(process.line(within=_FILL_SECONDS)), process.pid)
            with closing(org):
                filled = next((line for line in process.said().splitlines() if line.startswith("Filled")), "")
                yield Stage(home=where.home, server=where.server, org=org, org_rows=filled)


def until(ask: Callable[[], Answer], *, within: float, every: float = 0.1, what: str) -> Answer:
    """The first answer that is true."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(every)
    raise BenchError(f"{what}: not within {within:.0f} s")
