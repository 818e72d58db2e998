import math
import re

import pytest
import soql_oracle as oracle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from soql_statements.rows import named, statement_org
from soql_worlds import (
    NOW,
    ORDERED,
    SORTINGS,
    SPANS,
    WHERES,
    days_and_instants,
    grouped,
    live,
    load,
    of_days,
    path,
    worlds,
)  # fmt: skip
from test_soql_statements import ABROAD, CASES

from demo_org.clock import Clock
from demo_org.soql import SoqlError, execute, parse, write
from demo_org.soql import syntax as s
from demo_org.store import Org


@pytest.fixture(scope="module")
def org():
    with Org.open(clock=Clock(frozen_at=NOW)) as org:
        org.catalog.add_field("Opportunity", "Interests__c", "multipicklist")
        yield org


@pytest.fixture(scope="module")
def statements():
    with statement_org() as org:
        yield org


def tried(is_long, test, often):
    """Run a property a few times, or many with --long."""
    settings(max_examples=often * 20 if is_long else often, deadline=None, suppress_health_check=list(HealthCheck))(
        test
    )()


def test_a_filter_finds_what_a_look_at_every_record_finds(org, is_long):
    """All operators, types, nulls, spans of time, time zones, parents, lists, semi-joins, AND, OR and NOT."""

    @given(worlds(), WHERES)
    def compare(world, where):
        load(org, world.tables)
        live(org, world)
        query = s.Query(select=(s.SelectField(path("Id")),), source=path("Opportunity"), where=where)
        expected = {each["Id"] for each in oracle.found_by(world, query)}
        text = write(query)

        for tail in ("", " ORDER BY Id LIMIT 2000", " ORDER BY SystemModstamp, Id LIMIT 2000"):
            result = execute(org, text + tail)
            assert expected == {each["Id"] for each in result.records(0, 100)}
        assert len(expected) == execute(org, text.replace("SELECT Id", "SELECT COUNT()", 1)).total_size

    tried(is_long, compare, 200)


def test_spans_of_time_are_those_of_the_users_calendar(org, is_long):
    """Every literal told from today, beside days and instants, in any time zone, week and fiscal year."""

    @given(of_days(), SPANS, st.sampled_from(ORDERED), st.sampled_from(["CloseDate", "LastStageChangeDate"]))
    def compare(world, span, operator, field):
        live(org, world)
        where = s.Comparison(path(field), operator, span)
        query = s.Query(select=(s.SelectField(path("Id")),), source=path("Opportunity"), where=where)
        expected = {each["Id"] for each in oracle.found_by(world, query)}

        assert expected == {each["Id"] for each in execute(org, write(query)).records(0, 100)}

    load(org, days_and_instants())
    tried(is_long, compare, 200)


def test_order_limit_and_offset_cut_what_a_plain_sort_gives(org, is_long):
    """Nulls first or last, capitals no matter, picklists by their own order, equal records by their ids."""

    @given(worlds(), SORTINGS, st.none() | st.integers(0, 5), st.none() | st.integers(0, 5))
    def compare(world, keys, limit, offset):
        load(org, world.tables)
        live(org, world)
        query = s.Query(
            select=(s.SelectField(path("Id")),), source=path("Opportunity"), order_by=keys, limit=limit, offset=offset
        )
        expected = [each["Id"] for each in oracle.found_by(world, query)]

        assert expected == [each["Id"] for each in execute(org, write(query)).records(0, 100)]

    tried(is_long, compare, 120)


def test_groups_and_subtotals_are_those_of_counting_by_hand(org, is_long):
    """GROUP BY, ROLLUP, CUBE, HAVING and every aggregate, over nulls and parents as well."""

    @given(worlds(), grouped())
    def compare(world, query):
        load(org, world.tables)
        live(org, world)
        expected = oracle.groups(world, query)
        if not query.group_by and not expected:
            expected = [oracle._row(world, query, [], [])]
        found = execute(org, write(query)).records(0, 2000)

        assert sorted(map(comparable, expected)) == sorted(comparable(list(each.values())[1:]) for each in found)

    tried(is_long, compare, 150)


def comparable(row):
    """A row that can be sorted and compared: instants in one form, numbers to a billionth."""
    return tuple(
        re.sub(r"\.000(Z|\+0000)$", "", each) if isinstance(each, str) else
        "null" if each is None else f"{math.fsum([each]):.9g}"
        for each in row
    )  # fmt: skip


CODES = {
    "MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "INVALID_QUERY_FILTER_OPERATOR", "INVALID_QUERY_SCOPE",
    "NUMBER_OUTSIDE_VALID_RANGE", "EXCEEDED_ID_LIMIT", "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS",
}  # fmt: skip
PLACED = re.compile(r"\n[^\n]*\n *\^\nERROR at Row:\d+:Column:\d+\n.+", re.DOTALL)
TEXTS = [case.values[0] for case in [*CASES, *ABROAD] if isinstance(case.values[0], str) and len(case.values[0]) < 500]
LETTERS = st.sampled_from([*"()'\"\\,.:;=<>!%_-+*/$ \n\t0aIÉ😀\0", "SELECT", "FROM", " AND ", "null", "''", "(("])


def refused(org, text, *, everything):
    """The refusal of a statement; None if it is answered."""
    try:
        execute(org, text, include_deleted=everything).records(0, 50)
    except SoqlError as error:
        return error
    return None


def test_a_statement_with_a_wrong_letter_gets_an_answer_or_a_refusal(statements, is_long):
    """Nothing a client mistypes makes the org fail, and what it says always has Salesforce's shape."""

    @given(st.sampled_from(TEXTS), st.floats(0, 1), st.integers(0, 3), LETTERS | st.just(""))
    def mistype(text, place, removed, put):
        text = named(text)
        start = int(place * len(text))
        text = text[:start] + put + text[start + removed :]
        refusal = refused(statements, text, everything=removed == 1)

        if refusal is not None:
            assert (refusal.code in CODES, refusal.status) == (True, 400)
            assert "ERROR at Row" not in refusal.message or PLACED.fullmatch(refusal.message)

    tried(is_long, mistype, 250)


WORDS = re.compile(r"'(?:[^'\\]|\\.)*'|\w+|\S")


def test_statements_cut_and_joined_get_an_answer_or_a_refusal(statements, is_long):
    """What two statements have in common keeps its meaning where it can stand; printing it changes nothing."""

    @given(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.floats(0, 1), st.floats(0, 1), st.integers(1, 9))
    def splice(first, second, place, start, length):
        words, others = WORDS.findall(named(first)), WORDS.findall(named(second))
        at, taken = int(place * len(words)), int(start * len(others))
        text = " ".join([*words[:at], *others[taken : taken + length], *words[at:]])
        refusal = refused(statements, text, everything=False)

        if refusal is None:
            assert parse(write(parse(text))) == parse(text)
        else:
            assert refusal.code in CODES

    tried(is_long, splice, 200)
