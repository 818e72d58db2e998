"""Bad input ends in one clear line that says what to do, and loses nothing."""

import json
import os
import re
import signal
import socket
import threading

import pytest
from processes import until

from models.embedded.process import Postmaster


@pytest.fixture(scope="module")
def stage(new_stage):
    """A home without a worker, filled by one pass."""
    stage = new_stage()
    filled = stage.run("sync", "run", "--json")
    assert filled.returncode == 0, filled.stderr
    return stage


def one_line(done):
    """The only line on stderr of a command that failed, beside the counts of what it had read by then."""
    lines = [line for line in done.stderr.strip().splitlines() if not re.search(r": [\d,]+ rows, [\d,]+ rows/s$", line)]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert lines[0].startswith("baton ")
    return lines[0]


def test_a_pass_reports_what_it_did(stage):
    """Programs get the same keys every time, in total and per object."""
    report = json.loads(stage.run("sync", "run", "--json").stdout)

    assert set(report) >= {
        "rows_read", "rows_written", "rows_deleted", "deals_in", "deals_out", "api_calls", "seconds", "objects",
    }  # fmt: skip
    assert set(report["objects"]["Opportunity"]) >= {"rows_read", "rows_written", "rows_deleted"}
    assert report["rows_written"] == report["rows_deleted"] == 0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"BATON_SALESFORCE_CLIENT_SECRET": "wrong"}, "refused"),
        (
            {
                "BATON_SALESFORCE_AUTH": "password",
                "BATON_SALESFORCE_USERNAME": "integration@demo.example",
                "BATON_SALESFORCE_PASSWORD": "wrong",
            },
            "refused",
        ),
        ({"BATON_SALESFORCE_URL": "http://acme.my.salesforce.com"}, "https"),
        ({"BATON_SALESFORCE_URL": "http://127.0.0.1:1"}, "could not be reached"),
        ({"BATON_SALESFORCE_URL": ""}, "BATON_SALESFORCE_URL"),
    ],
    ids=["wrong client secret", "wrong password", "wrong url", "unreachable host", "no url"],
)
def test_an_org_that_can_not_be_entered_is_one_line(stage, settings, expected):
    """The line says what to change; no secret is in it."""
    done = stage.run("sync", "run", "--json", **settings)

    assert expected in one_line(done)
    assert stage.environment["BATON_SALESFORCE_CLIENT_SECRET"] not in done.stderr
    assert done.returncode in {1, 2}
    assert done.stdout == ""


def test_a_worker_that_is_refused_ends_with_the_reason(stage):
    """No password is tried again and again until the user is locked out."""
    worker = stage.start("worker", BATON_SALESFORCE_CLIENT_SECRET="wrong")

    assert worker.end() == 1
    assert "refused" in worker.err[-1]
    assert worker.err[-1].startswith("baton worker: ")


@pytest.mark.parametrize(
    ("command", "settings", "variable"),
    [
        (("worker",), {"BATON_POLL_SECONDS": "often"}, "BATON_POLL_SECONDS"),
        (("serve",), {"BATON_HTTP_PORT": "web"}, "BATON_HTTP_PORT"),
        (("sync", "run"), {"BATON_SALESFORCE_AUTH": "magic"}, "BATON_SALESFORCE_AUTH"),
        (("sync", "status"), {"BATON_DATABASE_URL": "mysql://db/baton"}, "BATON_DATABASE_URL"),
    ],
)
def test_a_malformed_setting_is_named(stage, command, settings, variable):
    """The line begins with the variable; the exit code says configuration."""
    done = stage.run(*command, **settings)

    assert variable in one_line(done)
    assert done.returncode == 2


def test_a_database_that_can_not_be_reached_is_one_line(stage):
    """The line names the setting."""
    done = stage.run("sync", "run", BATON_DATABASE_URL="postgres://baton:secret@127.0.0.1:1/baton")

    assert "BATON_DATABASE_URL" in one_line(done)
    assert "secret" not in done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize("command", ["serve", "up", "demo"])
def test_a_port_in_use_is_one_line(stage, command):
    """The line names the port and the way to choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = stage.run(command, "--port", port)

    assert port in one_line(done)
    assert "BATON_HTTP_PORT" in done.stderr
    assert done.returncode == 1


def test_an_org_without_quotes_is_read_without_them(stage, org):
    """A feature that is switched off is a state, not a failure; nothing of it is lost when it comes back."""
    deals = stage.api().deals()
    org.control("objects/Quote", {"enabled": False})
    try:
        done = stage.run("sync", "run", "--json")
        status = json.loads(stage.run("sync", "status", "--json").stdout)
    finally:
        org.control("objects/Quote", {"enabled": True})
    states = {each["object"]: each["state"] for each in status["orgs"][0]["objects"]}

    assert done.returncode == 0, done.stderr
    assert states["Quote"] == "missing"
    assert {*states.values()} == {"ok", "missing"}
    assert set(stage.api().deals()) == set(deals)
    assert stage.run("sync", "run").returncode == 0
    assert stage.prove()["drift_rows"] == 0


def test_an_amount_that_may_not_be_read_keeps_its_last_value(stage, org):
    """A user who may not read a field gets a state, and nobody sees an amount vanish."""
    before = {deal_id: deal["amount"] for deal_id, deal in stage.api().deals().items()}
    org.control("fields", {"act": "hide", "object": "Opportunity", "field": "Amount"})
    try:
        done = stage.run("sync", "run", "--json")
        status = json.loads(stage.run("sync", "status", "--json").stdout)
        after = {deal_id: deal["amount"] for deal_id, deal in stage.api().deals().items()}
    finally:
        org.control("fields", {"act": "show", "object": "Opportunity", "field": "Amount"})
    opportunity = next(each for each in status["orgs"][0]["objects"] if each["object"] == "Opportunity")

    assert done.returncode == 0, done.stderr
    assert {"field": "Amount", "why": "hidden from the sync user"} in opportunity["fields_not_read"]
    assert after == before
    assert stage.run("sync", "run").returncode == 0
    assert stage.prove()["drift_rows"] == 0


def test_a_database_that_goes_away_in_the_middle_of_a_pass_loses_nothing(new_stage, org):
    """The pass ends in one line, the next one finishes, and nothing differs."""
    stage = new_stage()
    assert stage.run("migrate").returncode == 0
    org.control("faults", [{"path": "/jobs/query/[^/]+/results", "delay": 2.0, "times": 100}])
    done = []
    running = threading.Thread(target=lambda: done.append(stage.run("sync", "run", "--snapshot", "--json")))
    running.start()
    until(org.faults_struck)  # the pass waits for rows now
    server = Postmaster.read(stage.home / "postgres" / "data" / "postmaster.pid")
    os.kill(server.pid, signal.SIGQUIT)
    org.control("faults", [])
    running.join()

    assert "database" in one_line(done[0])
    assert done[0].returncode == 1
    assert stage.run("sync", "run").returncode == 0
    assert stage.prove()["drift_rows"] == 0
