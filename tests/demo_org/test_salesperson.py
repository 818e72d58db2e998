"""The seller works through the REST API alone, and the command starts, sells live and stops cleanly."""

import json
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from demo_org.salesperson import RefusedError, Salesperson
from demo_org.store import Org
from demo_org.story import fill
from demo_org.wire import WireSettings, running

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def org():
    with Org.open() as filled:
        fill(filled, today=date(2026, 11, 24))
        yield filled


@pytest.fixture(scope="module")
def seller(org):
    settings = WireSettings()
    with (
        running(org, settings=settings) as served,
        Salesperson(served.url, client_secret=settings.credentials.client_secret) as logged_in,
    ):
        yield logged_in


def test_a_win_leaves_all_that_a_seller_leaves(org, seller):
    """The stalest deal goes through its stages; note, quote and contract are there at the end."""
    (deal,) = seller.stalest_deals(1)
    tasks = org.connection.execute("SELECT count(*) FROM Task WHERE WhatId = ?", (deal["Id"],)).fetchone()

    won = seller.win()

    row = org.get("Opportunity", won)
    assert won == deal["Id"]
    assert (row["IsWon"], row["IsClosed"], row["Probability"]) == (1, 1, 100.0)
    assert org.get("Contract", row["ContractId"])["Status"] == "Activated"
    assert org.connection.execute("SELECT Status FROM Quote WHERE OpportunityId = ? ORDER BY CreatedDate DESC",
                                  (won,)).fetchone() == ("Accepted",)  # fmt: skip
    assert org.connection.execute("SELECT count(*) FROM Note WHERE ParentId = ?", (won,)).fetchone()[0] >= 1
    assert row["Kickoff_Date__c"]
    assert org.connection.execute("SELECT count(*) FROM Task WHERE WhatId = ?", (won,)).fetchone() == tasks


def test_the_acts_of_a_seller_reach_the_org(org, seller):
    """Each act of the driver does what its name says."""
    won = seller.win()
    account, contact = org.get("Opportunity", won)["AccountId"], org.get("Opportunity", won)["ContactId"]

    seller.rename_account(account, "Another Name")
    role = seller.add_contact_role(won, contact)
    task = seller.add_task(won, "Call them", contact_id=contact)
    seller.change_amount(won, 10.0)

    assert org.get("Account", account)["Name"] == "Another Name"
    assert org.get("OpportunityContactRole", role)["ContactId"] == contact
    assert org.get("Task", task)["IsClosed"] == 1
    total = sum(org.get("OpportunityLineItem", item["Id"])["TotalPrice"] for item in seller.line_items(won))
    assert org.get("Opportunity", won)["Amount"] == pytest.approx(total)
    gone = seller.hard_delete_line_item(won)
    assert org.get("OpportunityLineItem", gone) is None
    seller.reopen(won)
    assert org.get("Opportunity", won)["IsWon"] == 0
    seller.delete(won)
    assert org.get("Opportunity", won)["IsDeleted"] == 1
    seller.undelete(won)
    assert org.get("Opportunity", won)["IsDeleted"] == 0
    seller.hard_delete(won)
    assert org.get("Opportunity", won) is None


def test_a_refusal_carries_the_orgs_answer(seller):
    """A seller who asks for what is not there reads why."""
    with pytest.raises(RefusedError, match="404"):
        seller.update("Opportunity", "006000000000000AAA", Name="x")


def test_a_wrong_secret_is_refused():
    """No secret, no session."""
    with Org.open() as empty, running(empty) as served, pytest.raises(RefusedError, match="invalid_client"):
        Salesperson(served.url, client_secret="wrong")


def test_a_seller_without_open_deals_begins_one():
    """The live demo does not run dry."""
    settings = WireSettings()
    with Org.open() as org, running(org, settings=settings) as served:
        org.insert("Account", {"Name": "Only Customer"})
        with Salesperson(served.url, client_secret=settings.credentials.client_secret) as seller:
            won = seller.win()

        assert org.get("Opportunity", won)["IsWon"] == 1


def start(*arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "demo_org", "--port", "0", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_command_prints_one_line_sells_live_and_stops(tmp_path):
    """A program reads url and secrets from the first line; SIGTERM ends the process within two seconds."""
    process = start("--live-win", "0.2", "--client-secret", "given", "--file", str(tmp_path / "org.db"))
    try:
        ready = json.loads(process.stdout.readline())
        with Salesperson(ready["url"], client_secret="given") as seller:
            deadline = time.monotonic() + 20
            today = seller.today().isoformat()
            while not seller.query(f"SELECT Id FROM Opportunity WHERE IsWon = true AND CloseDate = {today}"):
                assert time.monotonic() < deadline
                time.sleep(0.1)
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=10)

    assert process.returncode == 0, errors
    assert time.monotonic() - began < 4
    assert {json.loads(line)["event"] for line in output.splitlines()} == {"won"}
    assert set(ready) >= {"url", "client_id", "client_secret", "username", "password", "org_id"}
    assert ready["client_secret"] == "given"
    assert "Traceback" not in errors


def test_a_port_in_use_and_a_wrong_directory_end_in_one_line(tmp_path):
    """Whoever starts the demo org wrongly reads one sentence, not a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for arguments in (("--port", str(port), "--empty"), ("--data", str(tmp_path / "nowhere"))):
            process = start(*arguments)
            _, errors = process.communicate(timeout=30)

            assert process.returncode == 1
            assert "cannot start" in errors
            assert "Traceback" not in errors
