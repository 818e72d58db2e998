"""What every test may use: a store of its own on a real PostgreSQL, and an environment without anybody's settings."""

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import structlog
from sqlalchemy.engine import URL, make_url

from models.embedded.server import EmbeddedServer
from models.migrate import migrate
from models.session import Store


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag of the tests that take minutes."""
    parser.addoption("--long", action="store_true", help="run the long versions of property, crash and soak tests")


@pytest.fixture(scope="session")
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether the long versions of tests were asked for."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("BATON_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test calls logs to that test's stderr, which is closed when the next test begins."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server_url() -> Iterator[URL]:
    """A PostgreSQL for this test process, with one migrated database to copy."""
    with (
        tempfile.TemporaryDirectory(prefix="baton-test-") as folder,
        EmbeddedServer(_open_to_all(Path(folder)), database="template_baton", is_kept=False) as url,
    ):
        store = Store(url)
        migrate(store)
        store.close()
        yield make_url(url)


def _open_to_all(folder: Path) -> Path:
    """Let the server's own user pass, which it is when the tests run as root."""
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def new_database(server_url: URL) -> Callable[..., str]:
    """Makes migrated databases by copying an empty one, or another of them that nobody uses, which takes 50 ms."""
    numbers = count(1)

    def make(template: str = "template_baton") -> str:
        name = f"test_{next(numbers)}"
        admin = server_url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return server_url.set(database=name).render_as_string(hide_password=False)

    return make


@pytest.fixture
def store_url(new_database: Callable[[], str]) -> str:
    """The address of a store of this test's own."""
    return new_database()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store of this test's own, migrated and empty."""
    store = Store(store_url)
    yield store
    store.close()
