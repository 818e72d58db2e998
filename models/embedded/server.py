"""Starts, shares and stops the embedded PostgreSQL of a BATON_HOME.

Every process that uses the server holds a shared lock; whoever finds itself alone when it leaves stops the server. A
process that is killed loses its lock and nothing else: the next start adopts the server, or recovers its data.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from models.embedded.binaries import Binaries, choose_binaries
from models.embedded.errors import ForeignData, ServerNotStarted
from models.embedded.place import SUPERUSER, Place, home_errors, prepare_place, start_error
from models.embedded.process import Postmaster, launch
from models.session import store_errors

_STUCK_SECONDS = 60  # recovery reports its progress every 10 s
_STOP_SECONDS = 60
_LEFTOVER_SECONDS = 10  # children of a killed server notice and leave within moments


class EmbeddedServer:
    """The embedded PostgreSQL of one home, from `start` to `stop` or for the length of a `with` block."""

    def __init__(self, home: Path, *, database: str = "baton", fresh: bool = False, is_kept: bool = True) -> None:
        """Choose the home and the database in it; `fresh` empties the database at the start.

        A home that is not kept (`is_kept`), as in a test, is written without waiting for the disk.
        """
        self._home = Path(home).expanduser().absolute()
        self._database = database
        self._fresh = fresh
        self._is_kept = is_kept
        self._place: Place | None = None
        self._membership: int | None = None

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Start the server, or join the one that runs, and return the SQLAlchemy URL of the database.

        Raises StoreFull, or one of models.embedded.errors. Waits for crash recovery as long as it makes progress.
        """
        if self._membership is not None:
            raise RuntimeError("this server has been started already")
        place = self._place = prepare_place(self._home)
        with home_errors(self._home), self._turn():
            membership = _open_lock(self._home / ".postgres.users")
            fcntl.flock(membership, fcntl.LOCK_SH)
            try:
                socket = self._running(place) or self._launch(place)
                self._prepare_database(place, socket)
            except BaseException:
                self._leave(place, membership)
                raise
            self._membership = membership
        return self._url(place, socket)

    def stop(self) -> None:
        """Leave the server, and stop it when nobody else uses it; harmless when it does not run."""
        if self._membership is None or self._place is None:
            return
        membership, self._membership = self._membership, None
        with self._turn():
            self._leave(self._place, membership)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one process at a time start or stop."""
        lock = _open_lock(self._home / ".postgres.turn")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _leave(self, place: Place, membership: int) -> None:
        fcntl.flock(membership, fcntl.LOCK_UN)
        try:
            fcntl.flock(membership, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # others use it
        else:
            _stop_server(place)
        finally:
            os.close(membership)

    def _running(self, place: Place) -> Path | None:
        """Return the socket directory of the server that runs already, when it answers; wait for one that is busy."""
        postmaster = Postmaster.read(place.pid_file)
        if postmaster is None:
            place.pid_file.unlink(missing_ok=True)  # empty after a full disk; PostgreSQL refuses to start beside it
            return None
        if not postmaster.alive(place.data):
            _forget(place, postmaster)
            return None
        socket = postmaster.socket
        if postmaster.stopping or socket is None:
            _await_end(place, postmaster)
            return None
        try:
            self._await_ready(place, socket, postmaster)
        except ServerNotStarted:
            if postmaster.alive(place.data):
                raise
            _forget(place, postmaster)
            return None
        return socket

    def _launch(self, place: Place) -> Path:
        binaries = choose_binaries(owner=place.owner, beside=place.folder, data_major=place.data_major)
        if place.data_major is None:
            place.initialise(binaries)
        place.password()
        socket = place.socket_folder()
        deadline = time.monotonic() + _LEFTOVER_SECONDS
        while True:
            try:
                self._try_launch(place, binaries, socket)
            except ServerNotStarted as error:
                if "still in use" not in error.reason or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return socket

    def _try_launch(self, place: Place, binaries: Binaries, socket: Path) -> None:
        log = place.open_log()
        try:
            said_before = os.fstat(log).st_size
            process = launch(place, binaries, socket=socket, log=log, is_kept=self._is_kept)
        finally:
            os.close(log)
        try:
            self._await_ready(place, socket, process)
        except ServerNotStarted:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            else:
                said = place.log.read_bytes()[said_before:].decode(errors="replace")
                raise start_error(said, log=place.log) from None
            raise

    def _await_ready(self, place: Place, socket: Path, server: "subprocess.Popen[bytes] | Postmaster") -> None:
        """Wait until the server answers, for as long as its log grows."""
        seen, since = -1, time.monotonic()
        while True:
            try:
                self._connect(place, socket, "postgres").close()
                return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise ForeignData(reason=f"the password in {place.home} is not that of its database") from None
                if _ended(server, place):
                    raise ServerNotStarted(reason=f"it ended at once; log: {place.log}") from None
            size = place.log.stat().st_size if place.log.exists() else 0
            if size != seen:
                seen, since = size, time.monotonic()
            elif time.monotonic() - since > _STUCK_SECONDS:
                raise ServerNotStarted(reason=f"it made no progress for {_STUCK_SECONDS} s; log: {place.log}")
            time.sleep(0.03)

    def _connect(self, place: Place, socket: Path, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(socket),
            port=5432,
            user=SUPERUSER,
            password=place.password(),
            dbname=database,
            connect_timeout=10,
            autocommit=True,
        )

    def _prepare_database(self, place: Place, socket: Path) -> None:
        name = sql.Identifier(self._database)
        with store_errors(), contextlib.closing(self._connect(place, socket, "postgres")) as connection:
            if self._fresh:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self._database]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def _url(self, place: Place, socket: Path) -> str:
        url = URL.create(
            "postgresql+psycopg",
            username=SUPERUSER,
            password=place.password(),
            database=self._database,
            query={"host": str(socket), "port": "5432"},
        )
        return url.render_as_string(hide_password=False)


def _ended(server: "subprocess.Popen[bytes] | Postmaster", place: Place) -> bool:
    return not server.alive(place.data) if isinstance(server, Postmaster) else server.poll() is not None


def _forget(place: Place, dead: Postmaster) -> None:
    """Remove what a dead server left where PostgreSQL would take it for a living one's.

    After a restart of a container the number may be another program's; after a kill it may be that of a process which
    its parent has not waited for.
    """
    if dead.taken():
        place.pid_file.unlink(missing_ok=True)


def _stop_server(place: Place) -> None:
    postmaster = Postmaster.read(place.pid_file)
    if postmaster is None or not postmaster.alive(place.data):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(postmaster.pid, signal.SIGINT)  # fast shutdown: ends sessions, writes a checkpoint
    _await_end(place, postmaster)


def _await_end(place: Place, postmaster: Postmaster) -> None:
    deadline = time.monotonic() + _STOP_SECONDS
    while postmaster.alive(place.data) and place.pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    if postmaster.socket is not None and postmaster.socket.parent == Path("/tmp"):  # noqa: S108 - made by us, see place.py
        with contextlib.suppress(OSError):
            postmaster.socket.rmdir()


def _open_lock(path: Path) -> int:
    # Python's descriptors are not inherited, so a child never holds our lock by accident.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
