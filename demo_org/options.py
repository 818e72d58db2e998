"""What can be said on the command line of the demo org, and how it answers a slip: one line, exit code 2."""

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from demo_org.wire.settings import FIRST_VERSION, LAST_VERSION

_OLDEST_ANSWERED = 31  # versions before it are retired in every org (Salesforce's notes on the end of versions)
_LARGEST_PORT = 65_535

_ABOUT = """A Salesforce-compatible org on this machine: logins, REST, SOQL, Bulk and change events, with made-up data.

When it answers, one line of JSON on stdout says where it is and how to log in. Ctrl-C stops it."""

_EXAMPLES = """environment:
  DEMO_ORG_CLIENT_ID, DEMO_ORG_CLIENT_SECRET, DEMO_ORG_PASSWORD, DEMO_ORG_SECURITY_TOKEN and DEMO_ORG_REFRESH_TOKEN
  stand in for the options of these names, so that no secret is seen in a list of processes.

examples:
  %(prog)s --port 8080                            a year of sales, on port 8080
  %(prog)s --port 8080 --file org.db --scale 100  sixty thousand deals, kept in a file
  %(prog)s --data exports --mapping map.toml      rows of your own
  %(prog)s --port 8080 --faults outage.toml       an org that misbehaves

exit codes:
  0 stopped, 1 can't start, 2 an option is wrong, 130 stopped while it was filled"""


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message} (see --help)\n")


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options, with what the environment says of secrets; ends the process with 2 where one is wrong."""
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(f"there is no option {unknown[0]}{_near(parser, unknown[0])}")
    if options.mapping and not options.data:
        parser.error("--mapping says how to read --data; give the directory with --data")
    return options


def _parser() -> argparse.ArgumentParser:
    name = Path(sys.argv[0]).name
    parser = _Parser(
        prog="python -m demo_org" if name == "__main__.py" else name,
        usage="%(prog)s [options]",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_addresses(parser.add_argument_group("where it answers"))
    _add_contents(parser.add_argument_group("what is in it"))
    _add_behaviour(parser.add_argument_group("how it behaves"))
    _add_credentials(parser.add_argument_group("who may log in (what is not given is made up at each start)"))
    return parser


def _add_addresses(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    group.add_argument("--port", type=_port, default=0, help="port for plain http; 0, the default, takes a free one")
    group.add_argument("--https-port", type=_port, default=0, metavar="PORT", help="port for https; likewise")
    group.add_argument("--pubsub-port", type=_port, metavar="PORT", help="port for the Pub/Sub API (gRPC with TLS)")
    group.add_argument("--pubsub-plain-port", type=_port, metavar="PORT", help="port for the Pub/Sub API without TLS")
    group.add_argument(
        "--certificate-dir", metavar="DIR", type=Path, help="keep the certificates of https here for the next start"
    )
    group.add_argument(
        "--instance-url",
        metavar="URL",
        help="where logins send clients on to: http or https for an address of this server, or any URL "
        "(default: the address the client logged in at)",
    )


def _add_contents(group: argparse._ArgumentGroup) -> None:
    filling = group.add_mutually_exclusive_group()
    filling.add_argument(
        "--scale", type=_positive, default=1, metavar="N", help="size of the story; 1 is about 600 opportunities"
    )
    filling.add_argument("--data", metavar="DIR", help="load CSV files from this directory instead of the story")
    filling.add_argument("--empty", action="store_true", help="start with an org without records")
    group.add_argument("--mapping", metavar="FILE", help="how the files of --data become rows (TOML)")
    group.add_argument("--seed", type=_whole, default=7, metavar="N", help="another number tells another story")
    group.add_argument("--file", metavar="PATH", help="keep the org in this file; a filled one is used as it is")


def _add_behaviour(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--faults", metavar="FILE", help="misbehave as this file says (TOML; GET /demo/faults/kinds lists the ways)"
    )
    group.add_argument("--live-win", type=_seconds, metavar="SECONDS", help="win a deal every so many seconds")
    group.add_argument(
        "--oldest-version", type=_version, default=FIRST_VERSION, metavar="N", help="answer the API from vN.0 on"
    )
    group.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="change how it answers: daily_calls=1000"
    )


def _add_credentials(group: argparse._ArgumentGroup) -> None:
    for name, text in (
        ("client-id", "id of the client (default: demo-client)"),
        ("client-secret", "its secret"),
        ("password", "password of the user"),
        ("security-token", "security token of the user"),
        ("refresh-token", "refresh token of an approval"),
    ):
        variable = f"DEMO_ORG_{name.replace('-', '_').upper()}"
        group.add_argument(f"--{name}", default=os.environ.get(variable) or None, metavar="TEXT", help=text)
    group.add_argument("--jwt-public-key", metavar="FILE", help="certificate or public key (PEM) for JWT logins")


def _near(parser: argparse.ArgumentParser, given: str) -> str:
    known = [option for action in parser._actions for option in action.option_strings]
    near = difflib.get_close_matches(given.partition("=")[0], known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None


def _positive(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1 on")
    return number


def _port(text: str) -> int:
    number = _whole(text)
    if not 0 <= number <= _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"give a port from 0 to {_LARGEST_PORT}")
    return number


def _version(text: str) -> int:
    number = _whole(text.removesuffix(".0"))
    if not _OLDEST_ANSWERED <= number <= LAST_VERSION:
        raise argparse.ArgumentTypeError(f"give a version from {_OLDEST_ANSWERED} to {LAST_VERSION}")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not number > 0:
        raise argparse.ArgumentTypeError("give a number of seconds above 0")
    return number
