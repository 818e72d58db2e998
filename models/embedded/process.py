"""The server process itself: how it is launched, and how a running one is recognised."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from models.embedded.binaries import Binaries
from models.embedded.place import Place

# Sized for a small machine; people with large ones bring their own server by BATON_DATABASE_URL.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "log_startup_progress_interval": "10s",
    "cluster_name": "baton",
}


_ON_OFF = {True: "on", False: "off"}


class _Outliving(subprocess.Popen[bytes]):
    """A child that may live longer than this process: others go on using it, so nobody needs to wait for it."""

    def __del__(self) -> None:
        """Say nothing about a child that still runs."""


def launch(
    place: Place, binaries: Binaries, *, socket: Path, log: int, is_kept: bool = True
) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, where a Ctrl-C in the terminal does not reach it.

    Data that are not kept beyond the server are not worth waiting for the disk.
    """
    settings = {**_SETTINGS, "unix_socket_directories": str(socket), "fsync": _ON_OFF[is_kept], **_shared_memory()}
    command = [binaries.program("postgres"), "-D", str(place.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return _Outliving(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        **place.owner.popen_arguments(),
    )


def _shared_memory() -> dict[str, str]:
    # A container's /dev/shm of 64 MB is too small for parallel queries.
    shared = Path("/dev/shm")  # noqa: S108 - only measured
    small = shared.exists() and shutil.disk_usage(shared).total < 256_000_000
    return {"dynamic_shared_memory_type": "sysv"} if small else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """What postmaster.pid says of a server; its lines are pid, data, start, port, socket, address, memory, state."""

    pid: int
    socket: Path | None
    state: str

    @classmethod
    def read(cls, path: Path) -> "Postmaster | None":
        """Read the file, or return None when there is no server, or one that has only just begun to write it."""
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            return None
        if not lines[0].strip().isdigit():
            return None
        lines += [""] * (8 - len(lines))
        return cls(pid=int(lines[0]), socket=Path(lines[4]) if lines[4] else None, state=lines[7].strip())

    @property
    def stopping(self) -> bool:
        """Whether somebody has told it to stop."""
        return self.state == "stopping"

    def alive(self, data: Path) -> bool:
        """Whether the process lives and is the server of these data: a number may belong to another program by now."""
        command = _command_line(self.pid)
        return command is not None and "postgres" in command and str(data) in command

    def taken(self) -> bool:
        """Whether any process has its number."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def _command_line(pid: int) -> str | None:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace") or None
        except OSError:
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    shown = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603 - a number
    return shown.stdout.strip() or None
