"""Every way to fail is one line for people and an exit code for programs."""

import errno
import inspect

import pytest

import models.embedded.errors
import models.errors
import sync.errors
from app.cli.failures import FAILED, INTERRUPTED, MISUSED, CommandError, Terminated, explain, run
from app.server import PortTaken
from models.settings import SettingsError

DOING = "baton sync run"


def classes_of(*modules):
    """Every error class that the modules define."""
    return [
        each
        for module in modules
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Exception) and each.__module__ == module.__name__
    ]


@pytest.mark.parametrize("kind", classes_of(models.errors, models.embedded.errors), ids=lambda kind: kind.__name__)
def test_every_error_of_the_store_is_one_line_with_its_remedy(kind):
    """The words of the driver and the advice stand on one line."""
    line, exit_code = explain(kind(reason="first\nsecond"), doing=DOING)

    assert line.startswith("baton sync run: ")
    assert "\n" not in line
    assert kind.remedy in line
    # A store that is away comes back by itself; a key that is not configured does not.
    assert exit_code == (MISUSED if kind is models.errors.SecretSealed else FAILED)


@pytest.mark.parametrize("kind", classes_of(sync.errors), ids=lambda kind: kind.__name__)
def test_every_error_of_the_sync_has_a_name_we_know(kind):
    """The command line tells named errors from unexpected ones by their code."""
    assert isinstance(kind.code, str)


def test_a_setting_that_can_not_be_used_is_a_matter_of_configuration():
    """Exit code 2 tells a service manager that a restart is of no use."""
    assert explain(SettingsError("BATON_X: no"), doing=DOING) == ("baton sync run: BATON_X: no", MISUSED)


def test_a_port_in_use_names_the_port():
    """The line of the server is passed on."""
    line, exit_code = explain(PortTaken(host="127.0.0.1", port=80, reason="in use"), doing="baton serve")

    assert "127.0.0.1:80" in line
    assert exit_code == FAILED


def test_a_full_disk_is_called_so_wherever_it_is_met():
    """A log or a lock that can't be written says the same as the database."""
    line, exit_code = explain(OSError(errno.ENOSPC, "No space left on device", "/logs"), doing=DOING)

    assert line == "baton sync run: the disk is full (/logs); free space, then run it again."
    assert exit_code == FAILED


def test_what_nobody_foresaw_is_one_line_too(capsys):
    """A defect asks for a report instead of showing a traceback."""

    def broken(_):
        raise ZeroDivisionError("by\nzero")

    assert run(broken, ["sync", "run"]) == FAILED
    said = capsys.readouterr().err
    assert said == (
        "baton sync run: unexpected error (ZeroDivisionError: by zero); "
        "run it again with --debug and report what it prints.\n"
    )


def test_debug_shows_where_it_happened(capsys):
    """Whoever is asked for more gets the traceback, and the command never sees the flag."""
    seen = []

    def broken(arguments):
        seen.extend(arguments)
        raise ZeroDivisionError

    run(broken, ["sync", "--debug", "run"])

    assert "Traceback" in capsys.readouterr().err
    assert seen == ["sync", "run"]


@pytest.mark.parametrize(
    ("raised", "exit_code"),
    [(KeyboardInterrupt(), INTERRUPTED), (Terminated(), 143), (CommandError("no", exit_code=2), 2)],
)
def test_the_exit_code_tells_how_it_ended(raised, exit_code):
    """130 for Ctrl-C, 143 for SIGTERM, and what the command says."""

    def ends(_):
        raise raised

    assert run(ends, []) == exit_code


def test_what_a_command_returns_is_its_exit_code():
    """None counts as success."""
    assert run(lambda _: 1, []) == 1
    assert run(lambda _: None, []) == 0
