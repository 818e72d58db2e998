"""Lives for the machines: worlds on the stores of this test process."""

from collections.abc import Callable, Iterator

import pytest
from machine.rules import Life


@pytest.fixture
def life(new_database: Callable[[], str]) -> Iterator[Life]:
    """Worlds, one after another, for the programs of one test."""
    living = Life(new_database)
    yield living
    living.close()
