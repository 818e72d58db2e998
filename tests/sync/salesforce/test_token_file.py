"""What is kept of refresh tokens that an org rotates."""

import os
from pathlib import Path

from demo_org.store import Org
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings
from sync.salesforce.client import connect
from sync.salesforce.token_file import TokenFile
from sync.settings import SalesforceSettings


def test_a_rotated_token_is_kept_for_the_next_start() -> None:
    """A restart of the worker logs in with the token that is valid now, not with the one in the settings."""
    org = Org.open()
    wire = WireSettings(rotate_refresh_tokens=True)
    with running(org, settings=wire) as served:
        settings = SalesforceSettings(
            url=served.url,
            auth="refresh_token",
            client_id=wire.credentials.client_id,
            client_secret=wire.credentials.client_secret,
            refresh_token=wire.credentials.refresh_token,
        )
        for _ in range(3):
            connect(settings).close()
    org.close()


def test_a_newly_configured_token_wins_over_the_kept_one(tmp_path: Path) -> None:
    """Who replaces a token in the settings means it."""
    path = tmp_path / "token.json"
    TokenFile(path, configured="old").keep("rotated")

    assert TokenFile(path, configured="old").newest() == "rotated"
    assert TokenFile(path, configured="new").newest() is None


def test_only_the_owner_may_read_the_kept_token(tmp_path: Path) -> None:
    """A refresh token opens the org."""
    path = tmp_path / "token.json"
    TokenFile(path, configured="old").keep("rotated")

    assert os.stat(path).st_mode & 0o077 == 0  # noqa: PTH116 - the mode is the point
