"""Starts a demo org: python -m demo_org --port 0 [--https-port 0] [--scale N | --data DIR] [--live-win SECONDS].

When it answers, one line of JSON on stdout says where it is and how to log in.
"""

import argparse
import json
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from demo_org.credentials import CLIENT_ID, Credentials
from demo_org.faults import read_file
from demo_org.live import LiveSeller
from demo_org.load import MappingError, load_directory
from demo_org.options import read_options
from demo_org.pubsub import PubSubSettings
from demo_org.salesperson import Salesperson
from demo_org.store import Org
from demo_org.story import fill
from demo_org.wire import WireSettings
from demo_org.wire.server import Addresses, serve
from demo_org.wire.settings import settings_from

#: the org's own notes of what it is being filled with, and what it was filled with in the end
_FILLING, _FILLED = "filling_with", "filled_with"
_STOPPED = 130  # as a shell has it for a process that Ctrl-C stopped


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill an org, serve it, and return the exit code."""
    options = read_options(arguments)
    try:
        settings = _settings(options, _credentials(options))
        _check_ports(options)
        with _opened(options.file) as org:
            _fill(org, options)
            _serve(org, options, settings)
    except (OSError, MappingError, ValueError, sqlite3.Error) as error:
        sys.stderr.write(f"The demo org cannot start: {' '.join(str(error).split())}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped before the demo org was ready\n")
        return _STOPPED
    return 0


def _check_ports(options: argparse.Namespace) -> None:
    """Tell before the org is filled, which may take a minute, that a port can't be had."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    for option in ("port", "https_port", "pubsub_port", "pubsub_plain_port"):
        port = getattr(options, option)
        try:
            socket.create_server((options.host, port or 0), family=family).close()
        except OSError as error:
            where = f"port {port} of {options.host}" if port else options.host
            remedy = f"; give another with --{option.replace('_', '-')}, or 0 for a free one" if port else ""
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise ValueError(f"{where} can't be had ({reason}){remedy}") from None


def _opened(file: str | None) -> Org:
    """The org of a file, or a new one in memory."""
    try:
        return Org.open(file or ":memory:")
    except (sqlite3.Error, OSError, RuntimeError) as error:
        raise ValueError(f"no org can be kept in {file} ({error})") from None


def _credentials(options: argparse.Namespace) -> Credentials:
    key = Path(options.jwt_public_key).read_text(encoding="utf-8") if options.jwt_public_key else None
    return Credentials.generate(
        client_id=options.client_id or CLIENT_ID,
        client_secret=options.client_secret,
        password=options.password,
        security_token=options.security_token,
        refresh_token=options.refresh_token,
        jwt_public_key=key,
    )


def _fill(org: Org, options: argparse.Namespace) -> None:
    wanted = f"data {options.data}" if options.data else "nothing" if options.empty else f"story {options.scale}"
    former = org.remember(_FILLED)
    if former is not None:
        _say(f"Using {options.file} as it is (filled with {former}); delete the file to fill it anew")
        return
    if org.remember(_FILLING) is not None:
        raise ValueError(f"{options.file} was cut short while it was filled; delete it and start again")
    org.keep(_FILLING, wanted)
    began = time.perf_counter()
    if options.data:
        report = load_directory(org, options.data, options.mapping)
        _say(report.text())
        rows = report.total
    else:
        rows = 0 if options.empty else fill(org, seed=options.seed, scale=options.scale)
    org.keep(_FILLED, wanted)
    _say(f"Filled with {rows:,} rows in {time.perf_counter() - began:.1f} s")


def _settings(options: argparse.Namespace, credentials: Credentials) -> WireSettings:
    return WireSettings(
        credentials=credentials,
        instance_url=options.instance_url,
        oldest_version=options.oldest_version,
        faults=read_file(options.faults) if options.faults else None,
        **settings_from(options.set),
    )


def _serve(org: Org, options: argparse.Namespace, settings: WireSettings) -> None:
    credentials = settings.credentials
    sellers: list[LiveSeller] = []

    def ready(addresses: Addresses) -> None:
        told = asdict(addresses) | {
            "client_id": credentials.client_id, "client_secret": credentials.client_secret,
            "username": credentials.username, "password": credentials.password,
            "security_token": credentials.security_token, "refresh_token": credentials.refresh_token,
            "org_id": org.org_id,
        }  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        if options.live_win:
            seller = LiveSeller(
                lambda: Salesperson(
                    addresses.url, client_id=credentials.client_id, client_secret=credentials.client_secret
                ),
                every=options.live_win,
            )
            sellers.append(seller)
            seller.start()

    try:
        serve(
            org,
            host=options.host,
            port=options.port,
            https_port=options.https_port,
            certificate_dir=options.certificate_dir,
            settings=settings,
            pubsub=_pubsub(options),
            ready=ready,
        )
    finally:
        for seller in sellers:
            seller.stop()


def _pubsub(options: argparse.Namespace) -> PubSubSettings | None:
    if options.pubsub_port is None and options.pubsub_plain_port is None:
        return None
    return PubSubSettings(port=options.pubsub_port or 0, plain_port=options.pubsub_plain_port)


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
