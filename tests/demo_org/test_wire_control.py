"""The control plane over the wire: what a test or a demonstration may do to the org."""

import re

import pytest
from wire_client import client_of

from demo_org.wire.acts import ACTS


@pytest.fixture(scope="module")
def client():
    with client_of() as client:
        yield client


def test_the_control_plane_lists_what_it_can_do(client):
    """Whoever drives the org from a script finds every act, its address and its arguments in one place."""
    listed = client.get("/demo").json()["acts"]

    assert [(each["method"], each["path"]) for each in listed] == [(each.method, each.path) for each in ACTS]
    assert all(re.match(r"[A-Z].*[.}]$", each["doc"]) for each in listed), "each act says what it does"
    assert {"name": "purge", "method": "POST", "path": "/demo/purge", "arguments": {}} | {
        "doc": "Empty the recycle bin."
    } in listed
