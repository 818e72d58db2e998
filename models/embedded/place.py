"""Where the files of the embedded PostgreSQL lie, and how they are made for the first time.

BATON_HOME/postgres/            or a link to a directory under /var/lib/baton, see below
  data/                         the database
  socket/                       the only way in, 0700
  postgres-18.6/                the programs, only where the server can't reach the installed ones
BATON_HOME/postgres.password    0600
BATON_HOME/logs/postgres.log
"""

import contextlib
import errno
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.embedded.binaries import Binaries
from models.embedded.errors import ForeignData, HomeUnusable, ServerNotStarted
from models.embedded.owner import Owner, choose_owner
from models.errors import StoreFull

SUPERUSER = "baton"
_SHELTER = Path("/var/lib/baton")
_LONGEST_SOCKET = 100  # sun_path holds 104 to 108 bytes, depending on the system
_LARGEST_LOG = 10_000_000
_SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The directories of one embedded server."""

    home: Path
    #: the directory of BATON_HOME/postgres, links resolved
    folder: Path
    owner: Owner

    @property
    def data(self) -> Path:
        """The data directory of PostgreSQL."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.home / "logs" / "postgres.log"

    @property
    def pid_file(self) -> Path:
        """The file in which a live server writes its process id, socket directory and state."""
        return self.data / "postmaster.pid"

    @property
    def data_major(self) -> int | None:
        """The major version the data were made by, or None before the first start."""
        try:
            return int((self.data / "PG_VERSION").read_text(encoding="ascii").strip())
        except FileNotFoundError:
            return None

    def password(self) -> str:
        """Return the password of the superuser, which only the owner of BATON_HOME can read."""
        path = _password_file(self.home)
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise ForeignData(reason=f"{path} is missing, so the data of {self.folder} can't be opened") from None

    def socket_folder(self) -> Path:
        """Return a directory for a new server's socket: only its user may enter, and the path is short enough."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder / _SOCKET_NAME)) > _LONGEST_SOCKET:
            folder = Path(tempfile.mkdtemp(prefix="baton-", dir="/tmp"))
        folder.mkdir(mode=0o700, exist_ok=True)
        self.owner.give(folder)
        # A killed server leaves these, and a new one trusts the process number in the lock even when nobody reaped it.
        for leftover in (folder / _SOCKET_NAME, folder / f"{_SOCKET_NAME}.lock"):
            leftover.unlink(missing_ok=True)
        return folder

    def open_log(self) -> int:
        """Open the log for a server; an old one that has grown large is put aside."""
        self.log.parent.mkdir(exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def initialise(self, binaries: Binaries) -> None:
        """Make an empty database cluster; a kill in the middle leaves nothing behind that would be taken for one."""
        if self.data.exists() and any(self.data.iterdir()):
            raise ForeignData(reason=f"{self.data} is neither empty nor a PostgreSQL data directory")
        for leftover in self.folder.glob("data.new-*"):
            shutil.rmtree(leftover)
        unfinished = Path(tempfile.mkdtemp(prefix="data.new-", dir=self.folder))
        self.owner.give(unfinished)
        password_file = unfinished.with_suffix(".password")
        password_file.touch(mode=0o600)
        password_file.write_text(_make_password(self.home), encoding="ascii")
        self.owner.give(password_file)
        # The builtin provider sorts the same on every machine and after every update of the C library (PostgreSQL 17+).
        locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.major >= 17 else ["--locale=C"]
        command = [
            binaries.program("initdb"),
            *("--pgdata", str(unfinished), "--username", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth=scram-sha-256", "--encoding=UTF8", *locale),
        ]
        try:
            done = subprocess.run(  # noqa: S603 - programs and paths of ours
                command, capture_output=True, text=True, check=False, **self.owner.popen_arguments()
            )
        finally:
            password_file.unlink()
        if done.returncode != 0:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise start_error(done.stderr or done.stdout, log=None)
        if self.data.exists():
            self.data.rmdir()
        unfinished.rename(self.data)


def prepare_place(home: Path) -> Place:
    """Return where the server of this home lives, and make what is missing; nothing that is not ours is changed."""
    with home_errors(home):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        link = home / "postgres"
        if link.is_symlink() and not link.exists():
            reason = f"{link} points to {link.readlink()}, which is gone; restore it, or remove the link to begin empty"
            raise ForeignData(reason=reason)
        owner = choose_owner(link / "data")
        if not link.exists():
            _make_folder(home, link, owner)
        return Place(home=home, folder=link.resolve(), owner=owner)


def _make_folder(home: Path, link: Path, owner: Owner) -> None:
    if owner.lent and home.stat().st_uid == os.geteuid() and not owner.may_pass(home) and owner.may_pass(home.parent):
        home.chmod(home.stat().st_mode | 0o001)  # to pass through, not to list
    if owner.may_pass(home.resolve()):
        link.mkdir(mode=0o711)
        return
    # BATON_HOME lies where the server's user can't go (such as /root), and those rights are not ours to change.
    _SHELTER.mkdir(mode=0o755, exist_ok=True)
    shelter = Path(tempfile.mkdtemp(prefix="home-", dir=_SHELTER))
    shelter.chmod(0o711)
    link.symlink_to(shelter)


@contextlib.contextmanager
def home_errors(home: Path) -> Iterator[None]:
    """Translate what the file system refuses into errors that name BATON_HOME."""
    try:
        yield
    except OSError as error:
        what = f"{error.filename or home}: {error.strerror or error}"
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFull(reason=what) from error
        raise HomeUnusable(reason=what) from error


def start_error(said: str, *, log: Path | None) -> StoreFull | ServerNotStarted:
    """Return the error for what a program of PostgreSQL said before it ended."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if any(mark in line for mark in ("FATAL", "PANIC", "rror:"))] or lines[-1:]
    reason = telling[-1] if telling else "it said nothing"
    if "No space left on device" in said:
        return StoreFull(reason=reason)
    return ServerNotStarted(reason=f"{reason}; log: {log}" if log else reason)


def _password_file(home: Path) -> Path:
    return home / "postgres.password"


def _make_password(home: Path) -> str:
    path = _password_file(home)
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(32) + "\n", encoding="ascii")
        unfinished.rename(path)
    return path.read_text(encoding="ascii")
