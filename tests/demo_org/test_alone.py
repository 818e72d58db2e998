"""The demo org used on its own: python -m demo_org, its options, its environment, and what it says to a slip."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from demo_org.__main__ import main
from demo_org.store import Org

FIXED = {"DEMO_ORG_CLIENT_SECRET": "kept secret", "DEMO_ORG_CLIENT_ID": "my-client"}


@contextmanager
def started(*options, environment=None):
    """A demo org in a process of its own; its ready line and the process."""
    command = [sys.executable, "-m", "demo_org", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env={**os.environ, **(environment or {})}, **pipes) as process:
        try:
            yield json.loads(process.stdout.readline() or "{}"), process
        finally:
            process.terminate()


def control(told, path, order=None):
    answer = (
        httpx.get(f"{told['url']}/demo/{path}")
        if order is None
        else httpx.post(f"{told['url']}/demo/{path}", json=order)
    )
    return answer.raise_for_status().json()


def refused(capsys, *arguments):
    """Exit code and the one line of a start that fails."""
    try:
        code = main(["--empty", *arguments])
    except SystemExit as ended:
        code = ended.code
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    return code, line


def test_secrets_of_the_environment_let_clients_in():
    """So that no secret is seen in a list of processes; an option goes before the environment."""
    with started("--empty", "--password", "given", environment=FIXED | {"DEMO_ORG_PASSWORD": "other"}) as (told, _):
        form = {"grant_type": "client_credentials", "client_id": "my-client", "client_secret": "kept secret"}
        answer = httpx.post(f"{told['url']}/services/oauth2/token", data=form)

    assert answer.status_code == 200
    assert told["password"] == "given"


def test_ctrl_c_stops_it_without_a_word_and_its_file_keeps_everything(tmp_path):
    """What was written, hidden and frozen is there at the next start, which fills nothing anew."""
    file = str(tmp_path / "org.db")
    with started("--empty", "--file", file) as (told, process):
        begun = control(told, "transactions", [{"object": "Account", "values": {"Name": "Kept"}}])
        control(told, f"transactions/{begun['transaction']}/commit", {})
        control(told, "fields", {"act": "hide", "object": "Account", "field": "Fax"})
        control(told, "clock", {"freeze": "2026-03-02T09:00:00Z"})
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=10)
        code = process.returncode
    with started("--file", file) as (told, process):
        names = [row["Name"] for row in control(told, "truth/Account")]
        now = control(told, "clock")["now"]

    assert (code, re.sub(r"[\d.]+ s", "", said)) == (0, "Filled with 0 rows in \n")
    assert (names, now) == (["Kept"], "2026-03-02T09:00:00.000Z")


def test_faults_of_a_file_are_in_force_from_the_start(tmp_path):
    """The very first request can meet one."""
    file = tmp_path / "faults.toml"
    file.write_text("[[faults]]\nkind = 'maintenance_503'\ntimes = 1\n", encoding="utf-8")
    with started("--empty", "--faults", str(file)) as (told, _):
        statuses = [httpx.get(f"{told['url']}/services/data").status_code for _ in range(2)]

    assert statuses == [503, 200]


def test_the_same_faults_come_again_with_the_same_seed(tmp_path):
    """A soak test that failed can be run again from its file."""
    file = tmp_path / "faults.toml"
    kinds = '["maintenance_503", "reset_before", "too_many_requests"]'
    file.write_text(f"[random]\nseed = 11\nrate = 0.5\nkinds = {kinds}\n", encoding="utf-8")
    logs = []
    for _ in range(2):
        with started("--empty", "--faults", str(file)) as (told, _):
            for _ in range(12):
                try:
                    httpx.get(f"{told['url']}/services/data")
                except httpx.HTTPError:
                    continue
            logs.append([(each["number"], each["kind"]) for each in control(told, "faults/log")])

    assert logs[0] == logs[1]
    assert len(logs[0]) > 2


def test_a_port_in_use_is_told_before_the_org_is_filled(capsys):
    """Filling may take a minute."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = refused(capsys, "--port", str(port))

    assert code == 1
    assert line == (
        f"The demo org cannot start: port {port} of 127.0.0.1 can't be had (Address already in use); "
        "give another with --port, or 0 for a free one"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--prot", "80"], 2, "there is no option --prot; did you mean --port? (see --help)"),
        (["--port", "eighty"], 2, "argument --port: 'eighty' is no whole number (see --help)"),
        (["--port", "70000"], 2, "argument --port: give a port from 0 to 65535 (see --help)"),
        (["--seed", "x"], 2, "argument --seed: 'x' is no whole number (see --help)"),
        (["--live-win", "0"], 2, "argument --live-win: give a number of seconds above 0 (see --help)"),
        (["--oldest-version", "99"], 2, "argument --oldest-version: give a version from 31 to 67 (see --help)"),
        (["--mapping", "x.toml"], 2, "--mapping says how to read --data; give the directory with --data (see --help)"),
        (["--scale", "2"], 2, "argument --scale: not allowed with argument --empty (see --help)"),
        (["--host", "no.such.host.invalid"], 1, "no.such.host.invalid can't be had"),
        (["--set", "daily_call=1"], 1, "'daily_call=1' is no setting"),
        (["--jwt-public-key", "no/such.pem"], 1, "No such file or directory: 'no/such.pem'"),
        (["--faults", "no/such.toml"], 1, "No such file or directory: 'no/such.toml'"),
        (["--file", "no/such/org.db"], 1, "no org can be kept in no/such/org.db (unable to open database file)"),
    ],
)
def test_a_slip_on_the_command_line_is_told_in_one_line(capsys, arguments, code, line):
    """With the exit code a script can branch on, and never with a traceback."""
    found = refused(capsys, *arguments)

    assert found[0] == code
    assert line in found[1]


def test_an_unknown_fault_in_a_file_is_told_with_its_near_matches(capsys, tmp_path):
    """Not when it should strike."""
    file = tmp_path / "faults.toml"
    file.write_text("[[faults]]\nkind = 'page_shrt'\n", encoding="utf-8")
    code, line = refused(capsys, "--faults", str(file))

    assert code == 1
    assert "there is no fault 'page_shrt'; did you mean page_short" in line


def test_a_file_that_is_no_org_is_left_as_it_is(capsys, tmp_path):
    """Neither a text nor somebody else's database becomes a demo org by mistake."""
    text, database = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_text("not a database, and long enough to be looked at\n" * 50, encoding="utf-8")
    with sqlite3.connect(database) as other:
        other.execute("CREATE TABLE invoices (number TEXT)")
    other.close()
    before = [text.read_bytes(), database.read_bytes()]

    assert refused(capsys, "--file", str(text))[1].endswith("(file is not a database)")
    assert "a database of something else, with a table invoices" in refused(capsys, "--file", str(database))[1]
    assert text.read_bytes() == before[0]
    with sqlite3.connect(database) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("invoices",)]
    other.close()


def test_data_that_cannot_be_read_are_told(capsys, tmp_path):
    """A directory without CSV files, and one that is not there."""
    code = main(["--data", str(tmp_path)])
    first = capsys.readouterr().err
    other = main(["--data", str(tmp_path / "nowhere")])
    second = capsys.readouterr().err

    assert (code, other) == (1, 1)
    assert "holds no CSV files" in first
    assert "is no directory" in second


def test_a_file_that_was_cut_short_while_filled_is_not_used(capsys, tmp_path):
    """Half a story would look like a whole one."""
    with Org.open(tmp_path / "org.db") as org:
        org.keep("filling_with", "story 1")

    assert refused(capsys, "--file", str(tmp_path / "org.db"))[1].endswith("delete it and start again")


def test_help_reads_well(capsys):
    """Options in groups, what the environment may say, examples and exit codes."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    text = capsys.readouterr().out

    assert ended.value.code == 0
    for part in (
        "usage: ",
        "where it answers:",
        "who may log in",
        "DEMO_ORG_CLIENT_SECRET",
        "examples:",
        "exit codes:",
    ):
        assert part in text
