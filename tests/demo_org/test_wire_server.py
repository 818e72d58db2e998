import json
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest
from wire_client import client_of

from demo_org.store import Org
from demo_org.wire import serve
from demo_org.wire.settings import settings_from

PROGRAM = """
from demo_org.store import Org
from demo_org.wire import serve
with Org.open() as org:
    serve(org)
print("closed")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_server_cleanly_within_two_seconds(number):
    """Even with a client that keeps its connection open; the exit status is 0."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        listening = json.loads(process.stdout.readline())
        with httpx.Client(base_url=listening["url"]) as client:
            assert client.get("/services/data").status_code == 200
            began = time.monotonic()
            process.send_signal(number)
            rest, _ = process.communicate(timeout=10)
            took = time.monotonic() - began

    assert (listening["event"], rest, process.returncode) == ("listening", "closed\n", 0)
    assert took < 2


def test_a_port_in_use_is_told_at_once():
    """An OSError before anything is served."""
    with socket.create_server(("127.0.0.1", 0)) as taken, Org.open() as org, pytest.raises(OSError, match="in use"):
        serve(org, port=taken.getsockname()[1])


def test_bulk_rows_stream_faster_than_a_client_can_use_them():
    """The file is handed over in big pieces: tens of megabytes a second even on a busy machine."""
    with client_of(gzip=False) as client:
        text = "x" * 900
        client.org.load("Account", ["Name", "Description"], ((f"A{n}", text) for n in range(20_000)))
        job = client.bulk("SELECT Id, Name, Description FROM Account")
        began = time.monotonic()
        size = 0
        with client.stream("GET", f"jobs/query/{job['id']}/results") as answer:
            for piece in answer.iter_raw():
                size += len(piece)
        rate = size / (time.monotonic() - began) / 1e6

    assert job["numberRecordsProcessed"] == 20_000
    assert size > 18_000_000
    assert rate > 20, f"{rate:.0f} MB/s"


def test_settings_are_given_as_text_and_refused_with_the_names_there_are():
    """Whoever starts the demo org changes how it answers without a program of their own."""
    given = settings_from(["daily_calls=5", "bulk_delay=0.5", "gzip=False", "redirect_uris=https://a/b,https://c/d"])

    assert given == {
        "daily_calls": 5, "bulk_delay": 0.5, "gzip": False, "redirect_uris": ("https://a/b", "https://c/d")
    }  # fmt: skip
    for bad in ("daily_calls", "daily_calls=many", "gzip=yes", "nothing=1", "credentials=x"):
        with pytest.raises(ValueError, match=r"give one like|with one of these names: already_signed_in"):
            settings_from([bad])
