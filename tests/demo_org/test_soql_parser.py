from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_org.soql import SoqlError, parse, write
from demo_org.soql import syntax as s
from demo_org.soql.parser import LONGEST_STATEMENT

NAMES = st.sampled_from(["Id", "Name", "Amount", "IsWon", "Custom__c", "x1"])
TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
YEARS = datetime.fromisoformat("1700-01-02"), datetime.fromisoformat("4000-01-01")
INSTANTS = st.datetimes(*YEARS, timezones=st.just(UTC))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: s.Path(tuple(names)))
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
RELATIVE = st.one_of(
    st.sampled_from(["TODAY", "LAST_MONTH", "THIS_FISCAL_YEAR", "NEXT_90_DAYS"]).map(s.Relative),
    st.builds(
        s.Relative, st.sampled_from(["LAST_N_DAYS", "NEXT_N_FISCAL_QUARTERS", "N_YEARS_AGO"]), st.integers(0, 99)
    ),
)
MONEY = st.builds(s.Money, st.sampled_from(["USD", "EUR"]), NUMBERS)
OTHER_VALUES = st.one_of(
    MONEY, NUMBERS.map(s.Number), st.booleans().map(s.Truth), st.just(s.Null()),
    st.dates(date(1700, 1, 1), date(4000, 12, 31)).map(s.Day), INSTANTS.map(s.Instant), RELATIVE,
)  # fmt: skip
VALUES = st.one_of(TEXTS.map(s.Text), OTHER_VALUES)
FUNCTIONS = st.builds(s.Call, st.sampled_from(["CALENDAR_YEAR", "TOLABEL", "DAY_ONLY"]), PATHS)
NESTED = st.builds(s.Call, st.sampled_from(["MAX", "FORMAT", "CONVERTCURRENCY", "GROUPING"]), FUNCTIONS | PATHS)
DISTANCES = st.builds(
    s.Distance, PATHS, st.decimals(-90, 90, places=3), st.decimals(-180, 180, places=3), st.sampled_from(["km", "mi"])
)
OPERANDS = st.one_of(PATHS, FUNCTIONS, NESTED, DISTANCES)
COMPARISONS = st.builds(
    s.Comparison, OPERANDS, st.sampled_from([each for each in s.Operator if each is not s.Operator.LIKE]), VALUES
)
PATTERNS = st.lists(st.sampled_from(["a", "é", "%", "_", "\\%", "\\_", "\\\\", "'", "\n"]), max_size=6).map("".join)
LIKES = st.builds(s.Comparison, PATHS, st.just(s.Operator.LIKE), PATTERNS.map(s.Text))
LISTS = st.one_of(
    st.lists(TEXTS, min_size=1, max_size=4).map(lambda texts: s.Texts(tuple(texts))),
    st.tuples(OTHER_VALUES, VALUES),
)
MEMBERSHIPS = st.builds(s.Membership, PATHS, LISTS, st.booleans())
CHOICES = st.builds(s.Choice, PATHS, st.lists(TEXTS, min_size=1, max_size=3).map(tuple), st.booleans())


def _combined(inner):
    parts = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(parts.map(s.And), parts.map(s.Or), inner.map(s.Not))


CONDITIONS = st.recursive(st.one_of(COMPARISONS, LIKES, MEMBERSHIPS, CHOICES), _combined, max_leaves=8)
SORTINGS = st.lists(st.builds(s.Sorting, OPERANDS, st.booleans(), st.booleans()), max_size=2).map(tuple)


def queries(conditions, items, **more):
    return st.builds(
        s.Query,
        **more,
        select=st.lists(items, min_size=1, max_size=3).map(tuple),
        source=NAMES.map(lambda name: s.Path((name,))),
        alias=st.sampled_from([None, "o", "t2"]),
        scope=st.sampled_from([None, "mine"]),
        where=st.none() | conditions,
        order_by=SORTINGS,
        limit=st.none() | st.integers(0, 5000),
        offset=st.none() | st.integers(0, 2000),
        purposes=st.sampled_from([(), ("VIEW",), ("REFERENCE",), ("VIEW", "UPDATE")]),
    )


FIELDS = st.builds(s.SelectField, OPERANDS)
SEMI_JOINS = st.builds(s.Membership, PATHS, queries(COMPARISONS, PATHS.map(s.SelectField)), st.booleans())
TYPE_OFS = st.builds(
    s.TypeOf, PATHS, st.lists(st.tuples(PATHS, st.tuples(PATHS)), min_size=1, max_size=2).map(tuple), st.tuples(PATHS)
)
ITEMS = st.one_of(
    FIELDS,
    st.recursive(
        queries(CONDITIONS, FIELDS), lambda inner: queries(CONDITIONS, inner.map(s.ChildQuery) | FIELDS), max_leaves=2
    ).map(s.ChildQuery),
    TYPE_OFS,
    st.sampled_from(["ALL", "STANDARD", "CUSTOM"]).map(s.AllFields),
    st.just(s.SelectField(s.Call("COUNT", None))),
)
GROUPED = queries(
    CONDITIONS,
    st.builds(s.SelectField, OPERANDS, st.sampled_from([None, "c1", "total"])),
    group_by=st.lists(PATHS | FUNCTIONS, min_size=1, max_size=3).map(tuple),
    subtotals=st.sampled_from([None, "ROLLUP", "CUBE"]),
    having=st.none() | CONDITIONS,
)
STATEMENTS = queries(st.one_of(CONDITIONS, SEMI_JOINS), ITEMS) | GROUPED


@given(STATEMENTS)
def test_what_is_written_is_read_back_the_same(query):
    """parse(write(tree)) is the tree, for every kind of statement."""
    assert query == parse(write(query))


@given(st.text(max_size=60))
def test_any_text_is_a_statement_or_a_soql_error(text):
    """Nothing else ever comes out of the parser."""
    for statement in (text, f"SELECT Id FROM Account WHERE {text}", f"SELECT Id FROM Account WHERE Name = '{text}"):
        with suppress(SoqlError):
            parse(statement)


def test_keywords_are_read_in_any_case():
    """And the names keep the case they were typed in."""
    query = parse("select id, Account.name from opportunity where iswon = TRUE order by NAME desc nulls last limit 5")

    assert (s.SelectField(s.Path(("id",))), s.SelectField(s.Path(("Account", "name")))) == query.select
    assert s.Comparison(s.Path(("iswon",)), s.Operator.EQUAL, s.Truth(True)) == query.where
    assert (s.Sorting(s.Path(("NAME",)), descending=True, nulls_first=False),) == query.order_by
    assert query.limit == 5


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("'it\\'s'", s.Text("it's")),
        ("'a\\nb\\u00e9\\\\'", s.Text("a\nbé\\")),
        ("-1.5e3", s.Number(Decimal("-1.5e3"))),
        ("null", s.Null()),
        ("2026-11-16", s.Day(date(2026, 11, 16))),
        ("2026-11-16T10:00:00Z", s.Instant(datetime(2026, 11, 16, 10, tzinfo=UTC))),
        ("2026-11-16T10:00:00.500+01:00", s.Instant(datetime(2026, 11, 16, 9, 0, 0, 500_000, tzinfo=UTC))),
        ("last_n_days:30", s.Relative("LAST_N_DAYS", 30)),
        ("THIS_YEAR", s.Relative("THIS_YEAR")),
    ],
)
def test_literals_are_read_by_their_form(literal, value):
    """Quotes make a text; dates, numbers and words stand bare."""
    where = parse(f"SELECT Id FROM Account WHERE X = {literal}").where

    assert isinstance(where, s.Comparison)
    assert value == where.value


def test_a_count_of_everything_is_told_from_a_count_of_a_field():
    """SELECT COUNT() answers a number, COUNT(Id) a group."""
    assert parse("SELECT count() FROM Account").counts
    assert not parse("SELECT count(Id) FROM Account").counts
    assert parse("SELECT count(Id) FROM Account").aggregates


def test_objects_named_like_keywords_can_be_queried():
    """Group and Order are objects as well."""
    assert str(parse("SELECT Id FROM Group LIMIT 1").source) == "Group"
    assert str(parse("SELECT Id FROM Order ORDER BY Id").source) == "Order"


@pytest.mark.parametrize(
    ("statement", "column", "token"),
    [
        ("select Id fro Account", 11, "fro"),
        ("SELECT Id FROM Account WHERE", 29, "<EOF>"),
        ("SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3", 46, "OR"),
        ("SELECT Id FROM Account WHERE A IN ()", 30, "A IN ()"),
        ("SELECT Id FROM Account LIMIT -1", 30, "-1"),
        ("SELECT Id FROM Account WHERE A == 1", 33, "="),
        ("SELECT Id, FROM Account", 17, "Account"),
        ("SELECT DISTANCE(Id) FROM Account", 19, ")"),
        ("SELECT SOUNDEX(Id) FROM Account", 15, "("),
    ],
)
def test_a_mistake_is_shown_with_its_place(statement, column, token):
    """Excerpt, caret, row and column, then the token, as Salesforce writes it."""
    with pytest.raises(SoqlError) as raised:
        parse(statement)

    _, excerpt, caret, place, reason = raised.value.message.split("\n")
    assert statement.index(excerpt) + len(caret) == column
    assert (f"ERROR at Row:1:Column:{column}", f"unexpected token: '{token}'") == (place, reason)
    assert (raised.value.status, raised.value.code) == (400, "MALFORMED_QUERY")


def test_the_excerpt_of_a_long_statement_is_cut_around_the_mistake():
    """The caret still stands below it."""
    statement = "SELECT Id FROM Account WHERE\n" + "Name = 'x' AND " * 50 + "Oops"
    with pytest.raises(SoqlError) as raised:
        parse(statement + " )")

    assert raised.value.message.split("\n") == [
        "",
        "= 'x' AND Name = 'x' AND Oops )",
        " " * 30 + "^",
        f"ERROR at Row:2:Column:{15 * 50 + 6}",
        "unexpected token: ')'",
    ]


@pytest.mark.parametrize(
    ("statement", "column", "character"),
    [
        ("SELECT Id from $casecomment WHERE isdeleted = false", 15, "$"),
        ("SELECT Id FROM Account; DROP TABLE Account", 22, ";"),
        ("SELECT Id FROM Account WHERE A = 'x", 33, "'"),
        ('SELECT Id FROM Account WHERE A = "x"', 33, '"'),
    ],
)
def test_a_character_that_is_no_soql_is_named_with_its_place(statement, column, character):
    """The way the release notes of summer 2024 write it, counted from nought."""
    with pytest.raises(SoqlError) as raised:
        parse(statement)

    assert raised.value.message == f"line 1:{column} unexpected token: '{character}'"


def test_limits_of_a_statement():
    """100,000 characters; OFFSET up to 2,000."""
    parse("SELECT Id FROM Account OFFSET 2000")
    with pytest.raises(SoqlError) as offset:
        parse("SELECT Id FROM Account OFFSET 2001")
    with pytest.raises(SoqlError) as length:
        parse("SELECT Id FROM Account" + " " * LONGEST_STATEMENT)

    assert (offset.value.code, length.value.code) == ("NUMBER_OUTSIDE_VALID_RANGE", "MALFORMED_QUERY")
    assert offset.value.message.endswith("Maximum SOQL offset allowed is 2000")


def test_an_unknown_escape_is_refused():
    """Only the documented ones exist; % and _ are escaped in patterns alone."""
    parse(r"SELECT Id FROM Account WHERE Name LIKE '50\%'")
    for text in (r"'\q'", r"'50\%'", r"'\u12'"):
        with pytest.raises(SoqlError, match="escape"):
            parse(f"SELECT Id FROM Account WHERE Name = {text}")


def test_nesting_without_end_is_refused():
    """A statement cannot exhaust the stack."""
    for part in ("(", "NOT "):
        with pytest.raises(SoqlError):
            parse("SELECT Id FROM Account WHERE " + part * 20_000 + "A = 1")
    with pytest.raises(SoqlError):
        parse("SELECT " + "CALENDAR_YEAR(" * 7000 + "Id")
    with pytest.raises(SoqlError):
        parse("SELECT Id FROM A WHERE Id IN " + "(SELECT Id FROM A WHERE Id IN " * 3000)
