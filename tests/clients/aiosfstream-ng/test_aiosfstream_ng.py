"""aiosfstream, which programs in Python use for the Streaming API: change events over long polling."""

from collections.abc import Iterator

import pytest
from client import Client
from org_process import DemoOrg


@pytest.fixture(scope="module")
def org() -> Iterator[DemoOrg]:
    """A demo org with the story that speaks this client's version."""
    started = DemoOrg("--seed", "7", "--oldest-version", "31")
    started.act("POST", "sobjects/Account", {"Name": "Before"})
    yield started
    started.close()


def test_it_hears_what_happens_and_goes_on_where_it_was(client: Client):
    """It logs in at Salesforce's own login, replays what is kept, waits for what comes, comes back by its marker."""
    found = client.script("listening.py")

    assert [each["Name"] for each in found["first"]] == ["Before", "Now"]
    assert found["first"][-1]["AnnualRevenue"] == 1200.0
    assert found["first"][-1]["ChangeEventHeader"]["changeOrigin"] == "com/salesforce/api/rest/64.0"
    assert [each["Name"] for each in found["again"]] == ["Meanwhile", "Later"]
