"""Starts a demo org: python -m demo_org --port 0 [--https-port 0] [--scale N | --data DIR] [--live-win SECONDS].

When it answers, one line of JSON on stdout says where it is and how to log in.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from demo_org.credentials import Credentials
from demo_org.live import LiveSeller
from demo_org.load import MappingError, load_directory
from demo_org.pubsub import PubSubSettings
from demo_org.salesperson import Salesperson
from demo_org.store import Org
from demo_org.story import fill
from demo_org.wire import WireSettings
from demo_org.wire.server import Addresses, serve
from demo_org.wire.settings import FIRST_VERSION, LAST_VERSION, settings_from

_FILLED = "filled_with"  # the org's own note of what it was filled with
_OLDEST_ANSWERED = 31  # versions before it are retired in every org (Salesforce's notes on the end of versions)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill an org, serve it, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options, _credentials(options))
        with Org.open(options.file or ":memory:") as org:
            _fill(org, options)
            _serve(org, options, settings)
    except (OSError, MappingError, UnicodeDecodeError, ValueError) as error:
        sys.stderr.write(f"The demo org cannot start: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo_org", description="A Salesforce-compatible org to try Baton on."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=0, help="port for plain http; 0 takes a free one")
    parser.add_argument("--https-port", type=int, default=0, help="port for https; 0 takes a free one")
    parser.add_argument("--pubsub-port", type=int, help="port for the Pub/Sub API (gRPC with TLS); 0 takes a free one")
    parser.add_argument("--pubsub-plain-port", type=int, help="port for the Pub/Sub API without TLS")
    parser.add_argument(
        "--certificate-dir", metavar="DIR", type=Path, help="keep the certificates of https here for the next start"
    )
    parser.add_argument(
        "--instance-url",
        metavar="URL",
        help="where logins send clients on to: http or https for an address of this server, or any URL "
        "(default: the address the client logged in at)",
    )
    parser.add_argument(
        "--oldest-version", type=_version, default=FIRST_VERSION, metavar="N", help="answer the API from vN.0 on"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change how the org answers: daily_calls=1000"
    )
    filling = parser.add_mutually_exclusive_group()
    filling.add_argument("--scale", type=_positive, default=1, help="size of the story; 1 is about 600 opportunities")
    filling.add_argument("--data", metavar="DIR", help="load CSV files from this directory instead of the story")
    filling.add_argument("--empty", action="store_true", help="start with an empty org")
    parser.add_argument("--mapping", metavar="FILE", help="how the files of --data become rows (TOML)")
    parser.add_argument("--seed", type=int, default=7, help="another number tells another story")
    parser.add_argument("--file", metavar="PATH", help="keep the org in this file; a filled one is used as it is")
    parser.add_argument("--client-secret", help="secret of the client; made at start unless given")
    parser.add_argument("--password", help="password of the user; made at start unless given")
    parser.add_argument("--security-token", help="security token of the user; made at start unless given")
    parser.add_argument("--jwt-public-key", metavar="FILE", help="certificate or public key (PEM) for JWT logins")
    parser.add_argument("--live-win", type=_seconds, metavar="SECONDS", help="win a deal every so many seconds")
    return parser


def _credentials(options: argparse.Namespace) -> Credentials:
    key = Path(options.jwt_public_key).read_text(encoding="utf-8") if options.jwt_public_key else None
    return Credentials.generate(
        client_secret=options.client_secret,
        password=options.password,
        security_token=options.security_token,
        jwt_public_key=key,
    )


def _fill(org: Org, options: argparse.Namespace) -> None:
    if options.mapping and not options.data:
        raise ValueError("--mapping says how to read --data; give the directory with --data")
    wanted = f"data {options.data}" if options.data else "nothing" if options.empty else f"story {options.scale}"
    former = org.remember(_FILLED)
    if former is not None:
        _say(f"Using {options.file} as it is (filled with {former}); delete the file to fill it anew")
        return
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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1 on")
    return number


def _version(text: str) -> int:
    number = int(text.removesuffix(".0"))
    if not _OLDEST_ANSWERED <= number <= LAST_VERSION:
        raise argparse.ArgumentTypeError(f"give a version from {_OLDEST_ANSWERED} to {LAST_VERSION}")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("give a number of seconds above 0")
    return number


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
