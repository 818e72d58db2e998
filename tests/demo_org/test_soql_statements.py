from importlib import import_module

import pytest
from soql_statements.expected import QueryAll, Refused, Total, shown
from soql_statements.rows import abroad_org, named, statement_org

from demo_org.soql import SoqlError, bulk_refusal, columns, execute, explain, parse, write

TOPICS = (
    "selecting", "filtering", "texts", "dates", "ordering", "relationships", "children", "several_objects", "joins",
    "grouping", "functions", "scopes", "limits", "refused_words", "refused_fields", "abroad", "abroad_dates",
)  # fmt: skip
MODULES = {topic: import_module(f"soql_statements.{topic}") for topic in TOPICS}
CASES = [
    pytest.param(soql, expected, id=f"{topic}-{number}")
    for topic, module in MODULES.items()
    if not topic.startswith("abroad")
    for number, (soql, expected) in enumerate(module.STATEMENTS)
]
ABROAD = [
    pytest.param(soql, expected, id=f"{topic}-{number}")
    for topic, module in MODULES.items()
    if topic.startswith("abroad")
    for number, (soql, expected) in enumerate(module.STATEMENTS)
]


@pytest.fixture(scope="module")
def org():
    with statement_org() as org:
        yield org


@pytest.fixture(scope="module")
def abroad():
    with abroad_org() as org:
        yield org


def check(org, soql, expected):
    """Ask the statement as query or queryAll and compare what comes."""
    everything = isinstance(soql, QueryAll)
    text = named(soql.soql if everything else soql)
    if isinstance(expected, Refused):
        with pytest.raises(SoqlError) as raised:
            execute(org, text, include_deleted=everything).records(0, 100)
        assert_refused(text, raised.value, expected)
        return
    result = execute(org, text, include_deleted=everything)
    records = result.records(0, 2000)
    if isinstance(expected, Total):
        assert (expected.size, []) == (result.total_size, records)
        return
    expected = [named(each) if isinstance(each, str) else each for each in expected]
    found = [shown(each) for each in records]
    if not parse(text).order_by:
        expected, found = sorted(expected, key=repr), sorted(found, key=repr)
    assert expected == found
    assert len(expected) == result.total_size


def assert_refused(text, error, expected):
    """Code and reason, and above them the excerpt with the caret below the mistake."""
    assert (expected.code, 400) == (error.code, error.status)
    if expected.column is None:
        assert expected.reason == error.message
        return
    before, excerpt, caret, place, reason = error.message.split("\n")
    assert expected.reason == reason
    assert (before, place) == ("", f"ERROR at Row:{expected.row}:Column:{expected.column}")
    line = text.split("\n")[expected.row - 1]
    start = expected.column - len(caret)
    assert caret == " " * (len(caret) - 1) + "^"
    assert line[start : start + len(excerpt)] == excerpt


@pytest.mark.parametrize(("soql", "expected"), CASES)
def test_a_statement_is_answered_as_salesforce_answers_it(org, soql, expected):
    """The exact records, or the refusal with its code, text and place."""
    check(org, soql, expected)


@pytest.mark.parametrize(("soql", "expected"), ABROAD)
def test_currencies_time_zones_and_fiscal_years_are_those_of_user_and_company(abroad, soql, expected):
    """The same records mean other days and amounts to a user elsewhere."""
    check(abroad, soql, expected)


@pytest.mark.parametrize("soql", [case.values[0] for case in CASES if not isinstance(case.values[1], Refused)])
def test_what_can_be_asked_can_be_explained_described_and_written_as_csv(org, soql):
    """The other ways to ask know every construction as well, and agree on the columns."""
    text = named(soql.soql if isinstance(soql, QueryAll) else soql)
    query = parse(text)

    assert explain(org, text)["plans"]
    described = columns(org, text)["columnMetadata"]
    if bulk_refusal(query, org.catalog) is None:
        result = execute(org, text)
        lines = b"".join(result.csv_chunks(0, 100)).decode().split("\n")
        assert lines[0] == ",".join(f'"{name}"' for name in result.columns)
        assert len(lines) == result.total_size + 2
        plain = [each["columnName"] for each in described if not each["joinColumns"]]
        assert plain == [name for name in result.columns if "." not in name]


def test_there_are_hundreds_of_statements_and_none_twice():
    """The table must not be thinned out unnoticed, or padded."""
    here, abroad = ([case.values[0] for case in cases] for cases in (CASES, ABROAD))

    assert len({*here, *abroad}) >= 300
    assert (len(here), len(abroad)) == (len(set(here)), len(set(abroad)))
    assert sum(isinstance(case.values[1], Refused) for case in CASES) >= 100


@pytest.mark.parametrize("soql", [case.values[0] for case in [*CASES, *ABROAD]
                                  if not isinstance(case.values[1], Refused)])  # fmt: skip
def test_a_statement_that_is_printed_and_read_again_is_the_same(soql):
    """The printer knows every construction the parser knows."""
    tree = parse(named(soql.soql if isinstance(soql, QueryAll) else soql))

    assert tree == parse(write(tree))
