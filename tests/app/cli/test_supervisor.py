"""Parts run together, are watched, and end together, whatever happens to whom."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from app.cli.failures import CommandError
from app.cli.ready import choose_port, wait_until_ready
from app.cli.supervisor import ChildDied, Supervisor
from app.settings import HttpSettings

ALONE = """
import os, sys, time
from pathlib import Path
from app.cli.supervisor import Supervisor
supervisor = Supervisor(Path(sys.argv[1]))
child = supervisor.start("serve", ["serve", "--port", "0"], environment=dict(os.environ))
print(child.process.pid, supervisor.next_line(child, seconds=60), flush=True)
time.sleep(600)
"""


@pytest.fixture
def environment(monkeypatch):
    """An environment with a home that the database's stand-in user may reach."""
    with tempfile.TemporaryDirectory(prefix="baton-test-") as folder:
        Path(folder).chmod(0o711)
        yield {**os.environ, "BATON_HOME": str(Path(folder) / "home")}


def ended(pid, *, within):
    """Whether a process ends in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_children_stop_with_the_block(environment, tmp_path):
    """Nothing is left behind, and it takes no more than five seconds."""
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start("serve", ["serve", "--port", "0"], environment=environment)
        line = supervisor.next_line(child, seconds=60)
        began = time.monotonic()

    assert "http://127.0.0.1:" in line
    assert child.process.returncode == 0
    assert time.monotonic() - began < 5


def test_a_child_that_dies_is_reported_with_its_last_words(environment, tmp_path):
    """The reason is on the screen, not only in a log."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("serve", ["serve"], environment={**environment, "BATON_HTTP_PORT": "web"})
        with pytest.raises(ChildDied) as died:
            wait_until_ready(supervisor, "http://127.0.0.1:9", seconds=30)

    assert "serve ended with exit code 2" in str(died.value)
    assert "BATON_HTTP_PORT" in died.value.tail


def test_children_end_when_the_supervisor_is_killed(environment, tmp_path):
    """After kill -9 of the command no orphan keeps the port."""
    with subprocess.Popen(
        [sys.executable, "-c", ALONE, str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        child = int(supervisor.stdout.readline().split()[0])
        supervisor.send_signal(signal.SIGKILL)

    assert ended(child, within=10)


def test_a_secret_that_a_child_prints_is_not_logged(tmp_path, environment):
    """The demo org prints its credentials for its parent only."""
    environment["PYTHONPATH"] = str(tmp_path)
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start("keys", ["keys", "create", "--name", "secret", "--json"], environment=environment)
        line = supervisor.next_line(child, seconds=60)
        child.process.wait()

    assert "secret" in line
    assert "baton_" not in child.log.read_text()


def test_a_default_port_in_use_gives_way_and_a_chosen_one_does_not():
    """The demo starts anyway; somebody who asks for a port gets that one or an error."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = HttpSettings(port=taken.getsockname()[1])

        assert choose_port(settings, explicit=False) != settings.port
        with pytest.raises(CommandError, match=f"port {settings.port} .* is in use"):
            choose_port(settings, explicit=True)
