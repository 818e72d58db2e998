"""Homes and orgs for the acceptance tests: one org for each file, and a home for each stage."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import DemoOrg, Stage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


@pytest.fixture(scope="module")
def org() -> Iterator[DemoOrg]:
    """A demo org with the story, and no deal that is won by itself."""
    started = DemoOrg("--seed", "7")
    yield started
    started.close()


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A home that the embedded server can reach whoever starts it."""
    with tempfile.TemporaryDirectory(prefix="baton-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


@pytest.fixture(scope="module")
def new_stage(org: DemoOrg) -> Iterator[Callable[[], Stage]]:
    """Makes stages: a home each, for the one org."""
    stages: list[Stage] = []
    with tempfile.TemporaryDirectory(prefix="baton-test-") as folder:
        Path(folder).chmod(0o711)  # a database that root starts runs as another user

        def make() -> Stage:
            stages.append(Stage(Path(folder) / f"home{len(stages)}", org))
            return stages[-1]

        yield make
        for stage in stages:
            stage.close()
