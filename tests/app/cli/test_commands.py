"""The commands as a user types them, each in a process of its own on an embedded store."""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.failures import CommandError
from app.cli.keys import expiry

DOCS = Path(__file__).parents[3] / "docs" / "command-line.md"


@pytest.fixture(scope="module")
def home():
    """A home that the database's stand-in user may reach when root runs the tests."""
    with tempfile.TemporaryDirectory(prefix="baton-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


@pytest.fixture
def baton(home, tmp_path):
    """Runs a command."""

    def run(*arguments, **settings):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BATON_")}
        return subprocess.run(
            [sys.executable, "-m", "app.cli.main", *arguments],
            env={**inherited, "BATON_HOME": str(home), **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_the_version_is_there_at_once(baton):
    """The first output takes less than a tenth of a second on an idle machine; ten times that on a busy one."""
    began = time.monotonic()
    done = baton("--version")

    assert done.stdout.startswith("baton ")
    assert time.monotonic() - began < 1


def test_a_command_loads_only_what_it_needs():
    """Help, wrong usage and --version never wait for the database driver or the web framework."""
    heavy = "{'sqlalchemy', 'fastapi', 'simple_salesforce', 'httpx', 'rich'}"
    code = f"import sys, app.cli.main; print(sorted({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_key_is_printed_alone_so_that_a_script_can_keep_it(baton):
    """Stdout is the key and nothing else."""
    done = baton("keys", "create", "--name", "dashboard", "--scope", "briefs:read", "--expires", "90d")

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("baton_")
    assert len(done.stdout.split()) == 1


def test_a_key_as_json_has_its_scopes(baton):
    """Programs learn what they made."""
    made = json.loads(baton("keys", "create", "--name", "all", "--scope", "admin", "--json").stdout)

    assert made["scopes"] == ["admin"]
    assert made["expires_at"] is None


def test_a_scope_that_does_not_exist_is_wrong_usage(baton):
    """The line lists the scopes there are."""
    done = baton("keys", "create", "--name", "x", "--scope", "everything")

    assert done.returncode == 2
    assert "briefs:read" in done.stderr


def test_a_store_without_an_org_says_how_to_connect_one(baton):
    """The status of an empty store is not an error."""
    done = baton("sync", "status", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["orgs"] == []


def test_migrate_names_the_schema_and_may_be_repeated(baton):
    """A second time has nothing to do."""
    assert baton("migrate").stdout == baton("migrate").stdout != ""


@pytest.mark.parametrize("asked", ["006", "not-an-id-at-all", "006000000000001AA!"])
def test_what_is_no_salesforce_id_is_wrong_usage(baton, asked):
    """The line says what an id looks like."""
    done = baton("brief", asked)

    assert done.returncode == 2
    assert "15 or 18" in done.stderr


def test_a_deal_that_is_not_there_is_a_failure(baton):
    """The line says where to look."""
    done = baton("brief", "006000000000001AAA")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("dance",), ("sync", "dance"), ("keys", "create"), ("serve", "--port", "x")])
def test_wrong_usage_is_one_line_and_exit_code_2(baton, arguments):
    """The line ends with where to read more."""
    done = baton(*arguments)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.rstrip().endswith("--help")


def test_a_misspelt_key_in_the_settings_file_is_named(baton, tmp_path):
    """Nothing starts with half of the settings."""
    (tmp_path / "baton.toml").write_text("poll_second = 5\n")
    done = baton("sync", "status", BATON_HOME=str(tmp_path))

    assert done.returncode == 2
    assert "poll_second" in done.stderr
    assert "baton.toml" in done.stderr


def test_every_command_is_documented():
    """docs/command-line.md names each command."""
    import typer  # noqa: PLC0415 - typer is slow to import

    from app.cli.main import app, keys_app, scope_app, sync_app  # noqa: PLC0415 - typer is slow to import

    text = DOCS.read_text(encoding="utf-8")
    groups = ((app, "baton"), (sync_app, "baton sync"), (scope_app, "baton scope"), (keys_app, "baton keys"))
    for group, prefix in groups:
        assert isinstance(group, typer.Typer)
        for command in group.registered_commands:
            assert f"`{prefix} {command.name or command.callback.__name__}" in text


def test_a_key_ends_after_its_last_day_or_after_a_span():
    """A day counts whole, in UTC."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert expiry("2026-12-31", now=now) == datetime(2027, 1, 1, tzinfo=UTC)
    assert expiry("12h", now=now) == datetime(2026, 11, 25, tzinfo=UTC)
    assert expiry("2d", now=now) == datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "90", "-5d", "2026-11-23"])
def test_an_expiry_that_is_none_is_refused(text):
    """A day that has passed is a mistake too."""
    with pytest.raises(CommandError, match="--expires"):
        expiry(text, now=datetime(2026, 11, 24, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--md", "--pdf"), "exclude each other"),
        (("--json", "--html"), "exclude each other"),
        (("--version", "0"), "--version"),
    ],
)
def test_a_brief_has_one_form_and_a_real_version(baton, options, said):
    """Two forms at once are a slip, told before anything is opened."""
    done = baton("brief", "006000000000001AAA", *options)

    assert done.returncode == 2
    assert said in done.stderr
