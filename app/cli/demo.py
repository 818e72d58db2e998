"""`baton demo`: a Salesforce-compatible org, its sync, the store and the API on this machine, and deals that arrive."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.cli.connection import check_settings, opened
from app.cli.failures import CommandError
from app.cli.narration import Narrator
from app.cli.output import remark, say
from app.cli.ready import ask, choose_port, http_settings, wait_until_ready
from app.cli.supervisor import Child, ChildDied, Supervisor, clean_environment
from app.scopes import OF_A_REP, Scope
from app.settings import HttpSettings
from models.access import create_key
from models.embedded import EmbeddedServer
from models.settings import StoreSettings

_DATABASE = "baton_demo"
_LIVE_WIN_SECONDS = 60
_POLL_SECONDS = 2
#: filling and snapshot of a large --scale take their time, and say so in the logs
_FILL_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the demo org is filled with: the story, or the rows of a directory."""

    data: Path | None
    mapping: Path | None
    scale: int
    seed: int

    def arguments(self) -> list[str]:
        """The same as options of the demo org."""
        chosen = ["--seed", str(self.seed)]
        if self.data is None:
            return [*chosen, "--scale", str(self.scale), "--live-win", str(_LIVE_WIN_SECONDS)]
        # Nobody sells in an org of somebody's rows: its numbers stay those of the files.
        chosen += ["--data", str(self.data.absolute())]
        return chosen if self.mapping is None else [*chosen, "--mapping", str(self.mapping.absolute())]


def show_demo(story: Story, *, port: int | None) -> int:
    """Start all parts, show how to read a brief, and tell of each deal that arrives until Ctrl-C or SIGTERM."""
    if story.data is not None and not story.data.is_dir():
        raise CommandError(f"--data: {story.data} is not a directory; give one with a file per object.", exit_code=2)
    check_settings()
    home = StoreSettings().home
    http = http_settings(port=port)
    try:
        with _only_demo(home):
            listen_on = choose_port(http, explicit="port" in http.model_fields_set)
            if listen_on != http.port and http.port:
                say(f"Port {http.port} is in use, so the demo takes {listen_on}.")
            _run(story, home=home, http=http.model_copy(update={"port": listen_on}))
    except ChildDied as died:
        remark(died.tail.rstrip("\n"))
        raise
    except KeyboardInterrupt:
        say("\nStopped. The next demo starts afresh.")
    return 0


def _run(story: Story, *, home: Path, http: HttpSettings) -> None:
    say(f"Starting PostgreSQL under {home}")
    # A database of its own, emptied at each start: rows of the demo never mix with those of a real org.
    with EmbeddedServer(home, database=_DATABASE, fresh=True) as database_url:
        with opened(database_url) as store, store.writing() as session:
            key = create_key(session, name="demo", scopes=[*OF_A_REP, Scope.METRICS_READ, Scope.NOTES_WRITE])
        with Supervisor(home) as supervisor:
            org, child = _start_org(supervisor, story)
            environment = _environment(home, database_url, org, story)
            say("Starting the sync worker and the API")
            supervisor.start("worker", ["worker"], environment=environment)
            serve = ["serve", "--host", http.host, "--port", str(http.port)]
            supervisor.start("serve", serve, environment=environment)
            url = f"http://[{http.host}]:{http.port}" if ":" in http.host else f"http://{http.host}:{http.port}"
            wait_until_ready(supervisor, url, seconds=_FILL_SECONDS)
            headers = {"Authorization": f"Bearer {key}"}
            with httpx.Client(base_url=url, headers=headers, timeout=5, trust_env=False) as client:
                _introduce(client, story, org, url=url, key=key)
                Narrator(client=client, supervisor=supervisor, org=child).tell()


def _start_org(supervisor: Supervisor, story: Story) -> tuple[dict[str, Any], Child]:
    """Start the demo org, and return its address and credentials."""
    say("Filling the demo org")
    arguments = ["demo-org", "--port", "0", *story.arguments()]
    child = supervisor.start("demo-org", arguments, environment=clean_environment("BATON_"))
    line = supervisor.next_line(child, seconds=_FILL_SECONDS)
    org: dict[str, Any] = {}
    with contextlib.suppress(ValueError, TypeError):
        org = json.loads(line or "")
    if not {"url", "client_id", "client_secret"} <= set(org):
        raise CommandError(f"the demo org did not say where it listens; its log is {child.log}")
    return org, child


def _environment(home: Path, database_url: str, org: dict[str, Any], story: Story) -> dict[str, str]:
    """What the worker and the API of the demo are told; nothing that is meant for a real org reaches them."""
    environment = {
        **clean_environment("BATON_SALESFORCE_", "BATON_DATABASE_URL"),
        "BATON_HOME": str(home),
        "BATON_DATABASE_URL": database_url,
        "BATON_POLL_SECONDS": os.environ.get("BATON_POLL_SECONDS") or str(_POLL_SECONDS),
        "BATON_API_SHARE": "1",  # nobody else lives on the demo org's allocation
        "BATON_API_FLOOR": "0",
        "BATON_SALESFORCE_URL": str(org["url"]),
        "BATON_SALESFORCE_AUTH": "client_credentials",
        "BATON_SALESFORCE_CLIENT_ID": str(org["client_id"]),
        "BATON_SALESFORCE_CLIENT_SECRET": str(org["client_secret"]),
    }
    if story.data is None:
        environment["BATON_SALESFORCE_CURRENCY"] = "USD"  # the story is told in dollars; of other rows nobody knows
    return environment


def _introduce(client: httpx.Client, story: Story, org: dict[str, Any], *, url: str, key: str) -> None:
    answer = ask(client, "/api/v1/deals", sort="-completeness,-amount", limit=1, include_total="true") or {}
    total = answer.get("total", {}).get("count", "")
    say(f"\n{total} won deals are readable.\n")
    say(f"  API     {url}/docs")
    say(f"  Key     {key}")
    deals = answer.get("data", [])
    if deals:
        brief = f"{url}/api/v1/deals/{deals[0]['deal_id']}/brief?format=md"
        say(f"\nRead the handoff brief of {deals[0]['name']} (JSON without ?format=md):\n")
        say(f'  curl -s -H "Authorization: Bearer {key}" "{brief}"\n')
    say(f"The org speaks Salesforce's REST API at {org['url']}")
    say(f"  (client id {org['client_id']}, client secret {org['client_secret']}).")
    lively = f"A deal is won about every {_LIVE_WIN_SECONDS} s; each" if story.data is None else "Each deal that is won"
    say(f"{lively} is told here. Ctrl-C ends everything.\n")


@contextlib.contextmanager
def _only_demo(home: Path) -> Iterator[None]:
    """Let one demo at a time use a home, as each empties the database of the one before."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / ".demo").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"a demo runs already with the home {home}; end it, or set BATON_HOME to another directory."
            raise CommandError(message) from None
        yield
