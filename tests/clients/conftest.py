"""Third-party clients do their ordinary work against the demo org, unmodified: `make clients`.

Each client is a folder with its own lock. A test takes `client`, which is the client of its folder beside a demo org
with the story; the tests of one file share both. Where a client cannot be installed, its tests are skipped with the
reason; with CI=true they fail.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from client import Client
from environments import HERE, Missing, environment_of
from org_process import DemoOrg


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of a client; the first of a file may have to install it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="module")
def org() -> Iterator[DemoOrg]:
    """A demo org with the story."""
    started = DemoOrg("--seed", "7", "--oldest-version", "31")
    yield started
    started.close()


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """An empty home for a client: what it keeps of settings and logins lies there and nowhere else."""
    with tempfile.TemporaryDirectory(prefix="client-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest, org: DemoOrg, home: Path) -> Client:
    """The client whose folder the test lies in."""
    try:
        environment = environment_of(request.path.parent.name)
    except Missing as reason:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{request.path.parent.name} cannot be installed: {reason}")
        pytest.skip(str(reason))
    return Client(environment=environment, org=org, home=home)
