"""A home for commands, as a user types them, and an org on a real socket for them to speak to."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo_org.store import Org
from demo_org.wire.server import running
from demo_org.wire.settings import WireSettings


@contextmanager
def commands_for(org: Org) -> Iterator[Callable[..., "subprocess.CompletedProcess[str]"]]:
    """Runs commands with a home of their own and the org's credentials."""
    wire = WireSettings(bulk_delay=0.0)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
    with tempfile.TemporaryDirectory(prefix="baton-test-") as folder, running(org, settings=wire) as served:
        Path(folder).chmod(0o711)
        environment = {
            **inherited,
            "BATON_HOME": str(Path(folder) / "home"),
            "BATON_SALESFORCE_URL": served.url,
            "BATON_SALESFORCE_CLIENT_ID": wire.credentials.client_id,
            "BATON_SALESFORCE_CLIENT_SECRET": wire.credentials.client_secret,
            "BATON_SALESFORCE_CURRENCY": "USD",
        }

        def run(*arguments: str, expecting: int = 0) -> "subprocess.CompletedProcess[str]":
            done = subprocess.run(
                [sys.executable, "-m", "app.cli.main", *arguments],
                env=environment, capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            assert done.returncode == expecting, done.stderr
            return done

        yield run
