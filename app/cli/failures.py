"""How a command ends: an exit code for programs, and for people one line that says what to do next.

0 all done; 1 it failed, or the store differs from the org; 2 wrong usage or configuration; 130 interrupted.
"""

import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from types import FrameType

FAILED, MISUSED, INTERRUPTED = 1, 2, 130

#: errors of configuration: to try again is of no use
_MISUSES = frozenset({"settings_error", "wrong_host", "scope_invalid", "mapping_invalid", "secret_sealed"})

#: set by a supervisor for its children: when the standard input ends, the supervisor is gone
LIFELINE = "_BATON_LIFELINE"


class CommandError(Exception):
    """A command can't go on; the message says what, why, and what to do next."""

    def __init__(self, message: str, *, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Terminated(KeyboardInterrupt):
    """Somebody asked the process to end (SIGTERM): the same clean way out as Ctrl-C."""


def run(command: Callable[[list[str]], object], arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; errors become one line unless --debug is given."""
    debug = "--debug" in arguments
    rest = [argument for argument in arguments if argument != "--debug"]
    signal.signal(signal.SIGTERM, _terminate)
    if os.environ.pop(LIFELINE, None):
        threading.Thread(target=_watch_lifeline, name="lifeline", daemon=True).start()
    try:
        outcome = command(rest)
        sys.stdout.flush()
    except KeyboardInterrupt as error:
        return 128 + signal.SIGTERM if isinstance(error, Terminated) else INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left (`| head`); Python would complain once more while it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last border: nobody shall read a traceback
        if debug:
            traceback.print_exc()
        line, exit_code = explain(error, doing=_doing(rest))
        sys.stderr.write(line + "\n")
        return exit_code
    return outcome if isinstance(outcome, int) else 0


def explain(error: Exception, *, doing: str) -> tuple[str, int]:
    """Return one line for an error of any layer, and the exit code that belongs to it."""
    shown = getattr(error, "format_message", None)  # a usage error of the command-line library
    if shown is not None:
        where = getattr(getattr(error, "ctx", None), "command_path", "baton")
        return f"{where}: {_one_line(str(shown()))} See: {where} --help", MISUSED
    code = getattr(error, "code", None)
    if isinstance(code, str):  # settings, store, sync and server name their errors and say what to do
        exit_code = MISUSED if code in _MISUSES else FAILED
        return f"{doing}: {_one_line(str(error))}", exit_code
    if isinstance(error, CommandError):
        return f"{doing}: {_one_line(str(error))}", error.exit_code
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{doing}: the disk is full ({error.filename or error.strerror}); free space, then run it again.", FAILED
    if isinstance(error, OSError) and error.filename is not None:
        return f"{doing}: {error.filename}: {error.strerror}; correct the path or its rights.", FAILED
    what = _one_line(f"{type(error).__name__}: {error}")
    return f"{doing}: unexpected error ({what}); run it again with --debug and report what it prints.", FAILED


def _doing(arguments: Sequence[str]) -> str:
    """The command as typed, without its options: these may hold names."""
    words = [argument for argument in arguments[:2] if argument.isidentifier() or argument == "demo-org"]
    known = words[:2] if words[:1] in (["sync"], ["keys"], ["people"], ["erase"], ["scope"], ["mapping"]) else words[:1]
    return " ".join(["baton", *known])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _terminate(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of a signal handler
    raise Terminated


def _watch_lifeline() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(5)
    os._exit(FAILED)
