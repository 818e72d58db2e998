"""The commands that run one part until they are told to stop: serve, worker, demo-org; and migrate."""

# ruff: noqa: PLC0415 - each part loads only its own world; of the pipeline the API gets what makes briefs

import runpy
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from app.cli.logs import log_to_stderr
from app.cli.output import say


def run_serve(*, host: str | None, port: int | None) -> int:
    """Serve the API until Ctrl-C or SIGTERM."""
    from app.cli.connection import open_store
    from app.cli.desk import Desk
    from app.cli.ready import http_settings
    from app.people.provider import provider_of
    from app.server import listen, serve
    from app.settings import OidcSettings

    log_to_stderr()
    settings = http_settings(host=host, port=port)
    provider = provider_of(OidcSettings(), settings)
    listener = listen(settings)  # before the store, so that a taken port is known at once
    try:
        with open_store() as store:
            serve(
                store,
                settings,
                listener=listener,
                on_listening=lambda url: say(f"The API answers at {url}"),
                mapping_desk=Desk(),
                identity_provider=provider,
            )
    except KeyboardInterrupt:
        pass  # asked to stop, and it did
    finally:
        listener.close()
    return 0


def run_worker_until_stopped() -> int:
    """Read Salesforce again and again until Ctrl-C or SIGTERM; the pass under way ends or is given up first."""
    from app.cli.connection import check_settings, open_store, wanted_orgs
    from sync.worker import run_workers

    log_to_stderr()
    check_settings()
    orgs = wanted_orgs()
    with open_store() as store:
        stop = _stop_on_signal()
        run_workers(store, orgs, stop=stop)
    return 0


def run_migrate() -> int:
    """Bring the database to the schema of this version and name it."""
    from app.cli.connection import check_settings, migrated
    from models.embedded import url_for
    from models.settings import StoreSettings

    check_settings()
    with url_for(StoreSettings()) as url:
        say(f"The database is at schema {migrated(url)}.")
    return 0


def run_demo_org(arguments: Sequence[str]) -> int:
    """Run the demo org as `python -m demo_org` would."""
    sys.argv = ["baton demo-org", *arguments]
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    runpy.run_module("demo_org", run_name="__main__")
    return 0


def _stop_on_signal() -> threading.Event:
    """Return an event that the first Ctrl-C or SIGTERM sets; a second one interrupts whatever does not listen."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a signal handler
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    return stop
