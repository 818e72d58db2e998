"""Why a term stands as it does, which ones nobody should trust, and renewals in a calendar."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import stored_deals as stored
import worked_example as example
from icalendar import Calendar

from app.cli.failures import CommandError
from app.cli.metrics import show_explanation
from models.renewals.term import Confidence, Kind, Provenance, Term
from models.session import Store
from models.term import KnownTerm, write_terms

PATH = "/api/v1/renewals"
DUE = {"of": "due_on", "object": "Contract", "field": "EndDate", "record_id": "800"}
INFERRED = {"of": "renews", "object": "Opportunity", "field": "AccountId", "record_id": "006"}


def keep(store: Store, terms: list[Term], *, seen: str, why: dict[str, Any] | None = None) -> None:
    """Let these be the terms of the org, on a day; `why` are sources of single ones."""
    known = [
        KnownTerm(term=each, deal_id=each.term_id, deal_ids=(each.term_id,), contract_id=None,
                  why=((why or {}).get(each.term_id, DUE),))
        for each in terms
    ]  # fmt: skip
    stored.fill(store)
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.logo for each in terms}, known, generation=1)
        session.exec_driver_sql(f"UPDATE ops.org SET watermark = '{seen}T12:00Z'")


@pytest.mark.parametrize(
    ("seen", "name", "said"),
    [
        ("2026-11-23", "S2", "it is on_time: what comes after was signed on 2026-08-15."),
        ("2026-11-23", "S8", "it is lost: sales closed its renewal as lost on 2026-06-10, and"),
        ("2026-09-05", "S3", "nobody has signed what comes after, and the 30 days of grace have not passed."),
        ("2026-09-05", "S4", "it is secured: what comes after was signed on 2026-05-15, and it is not due yet."),
        ("2026-09-05", "F12", "it is open: it is not due yet, and nobody has signed what comes after."),
        ("2026-11-23", "E1", "It runs until somebody ends it, so it is in the base and in no renewal rate."),
        ("2026-11-23", "P1", "It is a pilot and counts nowhere."),
        ("2026-11-23", "S6", "A year of it is worth 15000.00 USD on its last day, after 1 change since it began."),
        ("2026-11-23", "S7-2", "It continues S7A and S7B, which its records name."),
    ],
)  # fmt: skip
def test_a_term_says_why_it_stands_so(store, client_of, seen, name, said):
    """Whoever doubts a status reads the days and the rule behind it."""
    keep(store, example.terms(), seen=seen)
    lines = client_of(store).get(f"{PATH}/{name}", params={"org": stored.ORG_ID}).json()["explanation"]

    assert any(said in line for line in lines), lines


def test_a_term_names_the_field_of_its_day(store, client_of, capsys, store_url, monkeypatch):
    """In the API and on a terminal; without amounts for who may not see them."""
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)
    term = example.term(
        "A", "2025-08-01", "2026-07-31", 100, provenance=Provenance.CONTRACT, notice_by=date(2026, 6, 1)
    )
    keep(store, [replace(term, auto_renews=True, is_active=True)], seen="2026-09-01")
    lines = client_of(store).get(f"{PATH}/A").json()["explanation"]
    covered = client_of(store, "briefs:read").get(f"{PATH}/A").json()["explanation"]
    show_explanation("A", org=None)
    printed = capsys.readouterr().out.splitlines()

    day = "The last day is 2026-07-31: the contract tells it (EndDate of Contract 800). That is sure."
    assert lines[1:3] == [day, "Notice can be given until 2026-06-01."]
    assert lines[-1] == "As seen on 2026-09-01 it is on_time: the contract renews itself and is still activated."
    assert printed[1:] == lines
    assert [line for line in lines if line not in covered] == ["A year of it is worth 100.00 USD on its last day."]
    with pytest.raises(CommandError, match="no term to be found"):
        show_explanation("B", org=None)


def test_terms_that_nobody_should_trust_are_listed_with_what_to_do(store, client_of):
    """A team cleans up before it believes a dashboard."""
    good = example.term("A", "2025-08-01", "2026-07-31", 100)
    low = {"confidence": Confidence.LOW}
    terms = [
        good,
        replace(good, term_id="B", due=None),
        replace(good, term_id="C", due=date(2026, 6, 30), provenance=Provenance.START_AND_TERM, **low),
        replace(good, term_id="D", due=date(2027, 7, 30), start=date(2026, 8, 1), renews=("A",), **low),
        replace(good, term_id="E", due=date(2026, 5, 31), signed_on=None),
        replace(good, term_id="F", kind=Kind.PILOT, **low),
    ]
    keep(store, terms, seen="2026-07-01", why={"D": INFERRED})
    told = client_of(store).get(f"{PATH}/doubts").json()["data"]

    assert [(row["term_id"], [each["code"] for each in row["doubts"]]) for row in told] == [
        ("E", ["not_signed"]), ("C", ["low_confidence"]), ("D", ["renewal_inferred"]), ("B", ["no_due_day"]),
    ]  # fmt: skip
    assert all(each["detail"].count(".") >= 2 for row in told for each in row["doubts"])


def test_a_calendar_shows_last_days_and_last_days_for_notice(store, client_of):
    """All-day entries with ids that stay, so that a calendar updates them; what is settled is left out."""
    term = example.term("A", "2025-08-01", "2026-07-31", 100, notice_by=date(2026, 6, 1))
    signed = example.renewal("A2", term, 100, "2026-05-01")
    odd = replace(term, term_id="B", logo="B", due=date(2026, 9, 30), notice_by=date(2026, 8, 1))
    past = replace(term, term_id="C", logo="C", due=date(2026, 2, 1))
    keep(store, [term, signed, odd, past], seen="2026-07-01")
    with store.writing() as session:
        stored.win(session, [{"id": "B", "name": "Rotas; for, all\nof us", "accountid": stored.ACME}])
    client = client_of(store)
    answer = client.get(f"{PATH}.ics")
    entries = {str(each["uid"]): each for each in Calendar.from_ical(answer.text).walk("VEVENT")}
    tag = answer.headers["etag"]

    org = stored.ORG_ID
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert set(entries) == {f"{each}@{org}.baton" for each in ("A-due", "B-due", "B-notice", "A2-due")}
    notice = entries[f"B-notice@{org}.baton"]
    assert (str(notice["summary"]), notice["dtstart"].dt) == ("Last day for notice: Acme", date(2026, 8, 1))
    assert str(notice["description"]).startswith("Rotas; for, all\nof us: open\n100.00 USD a year")
    assert entries[f"A-due@{org}.baton"].get("categories").to_ical() == b"secured"
    assert client.get(f"{PATH}.ics", headers={"If-None-Match": tag}).status_code == 304
    assert "100.00" not in client_of(store, "briefs:read").get(f"{PATH}.ics").text
    assert client.get(f"{PATH}.ics", params={"csm": "Nobody"}).text.count("BEGIN:VEVENT") == 0
