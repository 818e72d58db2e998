"""`baton sql-reader`: a dashboard that speaks SQL reads the views, and nothing else."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import stored_deals as stored
import worked_example as example
from sqlalchemy.engine import make_url

from app.cli.failures import CommandError
from app.cli.sql_reader import make_reader, remove_reader
from models.session import Store
from models.term import KnownTerm, write_terms

_SCHEMAS = ("salesforce", "closure", "cs", "cs_v1", "ops")


@pytest.fixture
def name(store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A name for a user of the server; who has it afterwards is taken away."""
    monkeypatch.setenv("BATON_DATABASE_URL", store_url)
    made = f"reader_{uuid.uuid4().hex[:12]}"
    yield made
    with psycopg.connect(_address(store_url), autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [made]).fetchone():
            connection.execute(f'DROP OWNED BY "{made}"')
            connection.execute(f'DROP ROLE "{made}"')


def _address(store_url: str) -> str:
    return make_url(store_url).set(drivername="postgresql").render_as_string(hide_password=False)


def entered(made: dict[str, Any]) -> Any:
    """A connection as a dashboard opens it."""
    return psycopg.connect(
        host=made["host"], port=made["port"], dbname=made["database"], user=made["name"], password=made["password"]
    )


def create(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Make the user."""
    make_reader(name, as_json=True)
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    return made


def test_a_dashboard_reads_all_views_and_nothing_else(name, store: Store, capsys):
    """Not a table behind them, not a key, and it can't write."""
    with entered(create(name, capsys)) as connection:
        rows = connection.execute(
            """SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = ANY(%s) AND relkind IN ('r', 'v', 'm', 'p')
                  AND has_schema_privilege(nspname, 'USAGE') AND has_table_privilege(pg_class.oid, 'SELECT')""",
            [list(_SCHEMAS)],
        ).fetchall()
        for _, view in rows:
            connection.execute(f"SELECT * FROM cs_v1.{view} LIMIT 1")
        connection.commit()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TEMPORARY TABLE kept (one int)")
        connection.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM ops.api_key")

    assert {schema for schema, _ in rows} == {"cs_v1"}
    assert {"deal", "customer", "term", "renewal_outcome", "arr_monthly"} <= {view for _, view in rows}


def test_the_rates_of_a_view_are_those_of_the_api(name, store: Store, capsys, client_of):
    """Two people with two dashboards see one number; the query is the one of the documentation."""
    stored.fill(store)
    known = [
        KnownTerm(term=each, deal_id=each.term_id, deal_ids=(each.term_id,), contract_id=None, why=())
        for each in example.terms()
    ]
    with store.writing() as session:
        write_terms(session, stored.ORG_ID, {each.term.logo for each in known}, known, generation=1)
        session.exec_driver_sql("UPDATE ops.org SET watermark = '2026-11-23T12:00Z'")
    with entered(create(name, capsys)) as connection:
        rows = connection.execute(
            """SELECT to_char(due_on, 'YYYY-"Q"Q'), count(*), sum(atr), sum(renewed_arr), sum(capped_arr),
                      round(avg((status <> 'lost')::int), 4), round(sum(capped_arr) / nullif(sum(atr), 0), 4)
                 FROM cs_v1.renewal_outcome WHERE counts AND status <> 'pending' GROUP BY 1 ORDER BY 1"""
        ).fetchall()
    client = client_of(store, "metrics:read", "commercial:read")
    told = client.get("/api/v1/metrics/renewals", params={"from": "2024-01-01"}).json()["data"]
    columns = ("period", "terms_settled", "atr", "renewed_arr", "capped_arr", "term_renewal_rate", "gross_renewal_rate")

    assert rows
    assert [(row[0], *map(float, row[1:])) for row in rows] == [
        (row["period"], *(float(row[column]) for column in columns[1:])) for row in told if row["terms_settled"]
    ]


def test_a_view_that_is_added_later_is_read_as_well(name, store: Store, capsys):
    """An upgrade does not break a dashboard."""
    made = create(name, capsys)
    with store.writing() as session:
        session.exec_driver_sql("CREATE VIEW cs_v1.later AS SELECT 1 AS one")
    with entered(made) as connection:
        assert connection.execute("SELECT one FROM cs_v1.later").fetchone() == (1,)


def test_a_user_is_taken_away_and_nobody_else_can_be(name, store: Store, capsys):
    """The command never drops a user that it did not make."""
    made = create(name, capsys)
    remove_reader(name)

    with pytest.raises(psycopg.OperationalError):
        entered(made)
    for other in (name, "postgres", "baton"):
        with pytest.raises(CommandError, match="is no user that was made"):
            remove_reader(str(other))


@pytest.mark.parametrize("wrong", ["", "Metabase", "a;drop", "pg_reader", "x" * 64])
def test_a_name_that_needs_quotation_marks_is_refused(wrong: str):
    """Names are plain, so that they can be typed anywhere."""
    with pytest.raises(CommandError, match="is no name of a user"):
        make_reader(wrong, as_json=False)
