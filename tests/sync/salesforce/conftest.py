"""A scripted org for every test of this folder, and clients that are closed afterwards."""

import os
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
import stamina
from scripted_org import ScriptedOrg, handler_of

from sync.salesforce.client import Client, connect
from sync.settings import SalesforceSettings


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    scripted = ScriptedOrg()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(scripted))
    server.daemon_threads = True
    scripted.url = f"http://127.0.0.1:{server.server_address[1]}"
    scripted.on("/services/oauth2/token", scripted.login_answers())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield scripted
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def settings(org: ScriptedOrg) -> SalesforceSettings:
    return SalesforceSettings(url=org.url, auth="client_credentials", client_id="app", client_secret="s3cret")


@pytest.fixture
def connected(org: ScriptedOrg, settings: SalesforceSettings) -> Iterator[Callable[[], Client]]:
    clients: list[Client] = []

    def make() -> Client:
        clients.append(connect(settings))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of the machine that runs the tests don't reach them."""
    for name in [name for name in os.environ if name.startswith("BATON_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BATON_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Retries happen at once, as often as in earnest."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield
