"""`baton metrics` says what the API says; `baton export` writes what the views show."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import stored_deals as stored
import worked_example as example
from sqlalchemy import text

from app.cli.export import export
from app.cli.failures import CommandError
from app.cli.metrics import Asked, show_cohorts, show_renewals, show_retention, show_terms
from models.session import Store
from models.term import KnownTerm, write_terms

SEEN = "2026-11-23"
QUARTER = {"since": "2026-07-01", "to": "2026-09-30", "as_of": SEEN}


@pytest.fixture
def kept(store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with the terms of the worked example, and one deal whose name begins like a formula."""
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)
    stored.fill(store)
    known = [
        KnownTerm(term=each, deal_id=each.term_id, deal_ids=(each.term_id,), contract_id=None, why=())
        for each in example.terms()
    ]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.term.logo for each in known}, known, generation=1)
        stored.win(session, [{"id": "F01", "name": '=1+1, "so"\nto say', "amount": Decimal("12.5"), "leadsource": ""}])
        stored.win(session, [{"id": "F02", "name": "\\N", "amount": None}])
    return store


@pytest.mark.parametrize(
    ("show", "path", "asked"),
    [
        (show_renewals, "renewals", {"bucket": "month", "group_by": "currency"}),
        (show_terms, "renewals/rows", {}),
        (show_retention, "retention", {"bucket": "quarter", "exclude_escalators": True}),
        (show_cohorts, "cohorts", {"since": "2025-01-01"}),
    ],
)
def test_the_command_says_what_the_api_says(kept, client_of, capsys, show, path, asked):
    """One implementation: whoever scripts gets the numbers that are on the dashboard, in the same columns."""
    given = {**QUARTER, **asked}
    show(Asked(**given), form="json")
    told = json.loads(capsys.readouterr().out)
    show(Asked(**given), form="csv")
    table = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    params = {("from" if name == "since" else name): value for name, value in given.items()}
    answer = client_of(kept, "admin").get(f"/api/v1/metrics/{path}", params=params).json()
    as_csv = client_of(kept, "admin").get(f"/api/v1/metrics/{path}", params={**params, "format": "csv"}).text

    assert told["data"]
    assert told == {name: answer[name] for name in told}
    assert table == list(csv.reader(io.StringIO(as_csv)))


def test_people_read_percents_and_the_day_they_are_of(kept, capsys):
    """The headline of a quarter, on a terminal or in a log."""
    show_renewals(Asked(**QUARTER), form="table")
    shown = capsys.readouterr().out

    for words in ("2026-Q3", "95.00 %", "90.61 %", "94.24 %", "330,000.00", f"as of {SEEN} in USD"):
        assert words in shown


@pytest.mark.parametrize(
    ("asked", "form", "told"),
    [
        ({"as_of": "yesterday"}, "table", "--as-of: 'yesterday' is no day"),
        ({"known_at": "then"}, "table", "--known-at: 'then' is no instant"),
        ({"bucket": "week"}, "table", "choose of month, quarter, year"),
        ({"group_by": "colour"}, "table", "choose of csm, segment"),
        ({"org": "nobody"}, "table", "no org is called nobody"),
        ({"since": "2026-09-01", "to": "2026-08-01"}, "table", "--from is after --to"),
        ({}, "xml", "choose of table, json, csv"),
    ],
)
def test_what_makes_no_sense_is_refused_in_the_words_of_the_command(kept, asked, form, told):
    """Whoever mistypes an option reads what there is."""
    with pytest.raises(CommandError, match=told):
        show_renewals(Asked(**asked), form=form)


def rows_of(store: Store, view: str) -> list[dict[str, Any]]:
    """What a view shows."""
    with store.reading() as session:
        found = session.execute(text(f"SELECT * FROM cs_v1.{view} ORDER BY 1, 2")).mappings()
        return [dict(row) for row in found]


@pytest.mark.parametrize(("dataset", "view"), [("terms", "term"), ("outcomes", "renewal_outcome"), ("deals", "deal")])
def test_a_parquet_file_holds_each_value_with_its_type(kept, tmp_path: Path, dataset, view):
    """A notebook gets days as days, amounts as exact decimals, instants in UTC, and nothing where there is nothing."""
    out = tmp_path / "table.parquet"
    export(dataset, form="parquet", out=out)
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    table = engine.execute("SELECT * FROM read_parquet(?)", [str(out)])
    names = [column[0] for column in table.description]
    found = [dict(zip(names, row, strict=True)) for row in table.fetchall()]
    expected = rows_of(kept, view)

    assert expected
    assert sorted(map(_comparable, found)) == sorted(map(_comparable, expected))


def _comparable(row: dict[str, Any]) -> list[tuple[str, str]]:
    """A row with values whose types still tell, so that a day is not equal to a text."""
    shown = {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}
    return [
        (name, repr(value.normalize() if isinstance(value, Decimal) else _utc(value))) for name, value in shown.items()
    ]


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def test_a_csv_file_opens_in_a_spreadsheet_as_text(kept, capsysbinary, tmp_path: Path):
    """Line breaks and quotation marks survive, formulas do not compute; stdout and a file get the same."""
    export("deals", form="csv", out=None)
    printed = capsysbinary.readouterr().out
    export("deals", form="csv", out=tmp_path / "deals.csv")
    rows = {row["deal_id"]: row for row in csv.DictReader(io.StringIO(printed.decode(), newline=""))}

    assert (tmp_path / "deals.csv").read_bytes() == printed
    assert rows["F01"]["name"] == '\'=1+1, "so"\nto say'
    assert (rows["F01"]["amount"], rows["F02"]["amount"], rows["F02"]["name"]) == ("12.50", "", "\\N")
    assert date.fromisoformat(rows["F01"]["close_on"]) == date(2026, 7, 1)


def test_a_table_or_a_form_that_is_not_there_is_refused(kept, tmp_path: Path):
    """Wrong usage is told before the store is opened."""
    for called, form, out, told in (
        ("people", "csv", None, "choose of terms, outcomes, deals"),
        ("terms", "xlsx", None, "choose of csv, parquet"),
        ("terms", "parquet", None, "needs a name"),
    ):
        with pytest.raises(CommandError, match=told):
            export(called, form=form, out=out)
