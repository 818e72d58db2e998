"""What every test of the demo org may use."""

from collections.abc import Iterator

import pytest
from wire_client import WireClient, client_of


@pytest.fixture(scope="module")
def client() -> Iterator[WireClient]:
    """A client of an org that the tests of one file share; files that need another org have a client of their own."""
    with client_of() as client:
        yield client
