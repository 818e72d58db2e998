"""Random records of two objects, and random statements about them, to compare the org's answers with the oracle's."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st
from soql_oracle import STAGES, World

from demo_org.ids import make_id, to15
from demo_org.soql import syntax as s

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = date(2026, 11, 25)  # in each of the time zones
ACCOUNT_IDS = [make_id("001", "Dm1", number) for number in range(3)]
DEAL_IDS = [make_id("006", "Dm1", number) for number in range(10)]
TEXTS = ["Acme", "ACME", "acme ltd", "Éclair", "éclair", "Zoë", "100%", "a_b", "it's", "x\ny", "\\", "Ä", "z"]
DAYS = ["2023-12-31", "2024-02-29", "2025-11-25", "2026-03-31", "2026-04-01", "2026-09-30", "2026-10-01", "2026-11-15",
        "2026-11-22", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-29", "2026-12-31", "2027-01-01",
        "2027-04-01"]  # fmt: skip
INSTANTS = [f"{day}T{hour}.000Z" for day in DAYS for hour in ("00:00:00", "07:59:59", "08:00:00", "23:59:59")]
AMOUNTS = [0.0, 0.5, -3.0, 10.5, 1e7, 15000.0]
CHOICES = ["A", "B", "A;B", "C;A"]
ZONES = ["UTC", "America/Los_Angeles", "Asia/Kolkata"]

ACCOUNT = {"Name": st.sampled_from(TEXTS), "ParentId": st.sampled_from([None, *ACCOUNT_IDS]),
           "Industry": st.sampled_from([None, "Banking", "Media"]),
           "NumberOfEmployees": st.sampled_from([None, 0, 20])}  # fmt: skip
DEAL = {
    "Name": st.sampled_from(TEXTS), "NextStep": st.sampled_from([None, *TEXTS[:4]]), "IsWon": st.sampled_from([0, 1]),
    "Amount": st.sampled_from([None, *AMOUNTS]), "CloseDate": st.sampled_from([None, *DAYS]),
    "StageName": st.sampled_from(STAGES[:4]),
    "LastStageChangeDate": st.sampled_from([None, *INSTANTS]), "Interests__c": st.sampled_from([None, *CHOICES]),
    "AccountId": st.sampled_from([None, *ACCOUNT_IDS]),
}  # fmt: skip


def days_and_instants():
    """One deal for each day and each instant."""
    dates = [(day, None) for day in DAYS] + [(None, instant) for instant in INSTANTS]
    return {"Opportunity": [
        {"Id": make_id("006", "Dm2", number), "CloseDate": day, "LastStageChangeDate": instant}
        for number, (day, instant) in enumerate(dates)
    ]}  # fmt: skip


def of_days():
    """Those deals, and a user with random ways."""
    return st.builds(
        World, tables=st.just(days_and_instants()), today=st.just(TODAY), zone=st.sampled_from(ZONES),
        week_begins=st.sampled_from([1, 7]), fiscal_month=st.integers(1, 12),
    )  # fmt: skip


@st.composite
def worlds(draw):
    """Up to three accounts, the first of which may be the parent of the others, and up to ten deals."""
    accounts = [
        {
            "Id": record_id,
            "ParentId": draw(st.sampled_from([None, *ACCOUNT_IDS])),
            **draw(st.fixed_dictionaries(ACCOUNT)),
        }
        for record_id in draw(st.lists(st.sampled_from(ACCOUNT_IDS), min_size=2, unique=True))
    ]
    deals = [
        {"Id": record_id, **draw(st.fixed_dictionaries(DEAL))}
        for record_id in draw(st.lists(st.sampled_from(DEAL_IDS), min_size=6, unique=True))
    ]
    zone, fiscal_month, week = draw(st.sampled_from(ZONES)), draw(st.integers(1, 12)), draw(st.sampled_from([1, 7]))
    return World(
        tables={"Account": accounts, "Opportunity": deals}, today=TODAY, zone=zone, week_begins=week,
        fiscal_month=fiscal_month,
    )  # fmt: skip


def load(org, tables):
    """Put the records into the org, and take all others of their objects out."""
    for table, records in tables.items():
        with org.writing() as connection:
            connection.execute(f"DELETE FROM {table}")
        if records:
            columns = list(records[0])
            org.load(table, columns, [[record[column] for column in columns] for record in records])


def live(org, world):
    """Give the org's users the world's time zone and week, and the company its fiscal year."""
    with org.writing() as connection:
        locale = "de_DE" if world.week_begins == 1 else "en_US"
        connection.execute("UPDATE User SET TimeZoneSidKey = ?, LocaleSidKey = ?", (world.zone, locale))
        connection.execute("UPDATE Organization SET FiscalYearStartMonth = ?", (world.fiscal_month,))


# -- statements -------------------------------------------------------------------------------------------------------


def path(name):
    """A field by its name with dots."""
    return s.Path(tuple(name.split(".")))


def comparisons(names, operators, values):
    """One of the fields beside one of the values."""
    return st.builds(s.Comparison, st.sampled_from(names).map(path), st.sampled_from(operators), values)


def null_or(values):
    """The values, and none."""
    return st.one_of(values, st.just(s.Null()))


ORDERED = [each for each in s.Operator if each is not s.Operator.LIKE]
EQUALITY = [s.Operator.EQUAL, s.Operator.UNEQUAL]
TEXT_FIELDS = ["Name", "NextStep", "Account.Name", "Account.Parent.Name"]
TEXT_VALUES = st.sampled_from([*TEXTS, "", "b", "É", "zz"])
KNOWN_IDS = st.sampled_from([DEAL_IDS[3], to15(DEAL_IDS[7]), ACCOUNT_IDS[1], to15(ACCOUNT_IDS[2])])
PATTERNS = st.sampled_from(
    ["a%", "%E", "%é%", "É_lair", "100\\%", "%\\%", "a\\_b", "_cme", "%", "it's", "\\\\", "%\n%"]
)
NUMBERS = st.sampled_from(["0", "0.5", "10.5", "2", "-3", "1e7", "15000"]).map(Decimal).map(s.Number)
GROUPS = st.lists(st.sampled_from(["A", "B", "A;B", "C;B"]), min_size=1, max_size=2).map(tuple)
_UNITS = ["WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR"]
_COUNTED = ["LAST_N_{}S", "NEXT_N_{}S", "N_{}S_AGO"]
SPANS = st.one_of(
    st.sampled_from(["TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"]).map(s.Relative),
    st.builds("{}_{}".format, st.sampled_from(["LAST", "THIS", "NEXT"]), st.sampled_from(_UNITS)).map(s.Relative),
    st.builds(
        s.Relative,
        st.builds(str.format, st.sampled_from(_COUNTED), st.sampled_from(["DAY", *_UNITS])),
        st.integers(0, 9),
    ),
)  # fmt: skip
OF_ACCOUNTS = comparisons(["Name"], ORDERED, TEXT_VALUES.map(s.Text)) | comparisons(["Industry"], EQUALITY, null_or(
    st.sampled_from(["Banking", "media"]).map(s.Text)))  # fmt: skip
TERMS = st.one_of(
    comparisons(TEXT_FIELDS, ORDERED, null_or(TEXT_VALUES.map(s.Text))),
    comparisons(TEXT_FIELDS, [s.Operator.LIKE], PATTERNS.map(s.Text)),
    comparisons(["Amount", "Account.NumberOfEmployees"], ORDERED, null_or(NUMBERS)),
    comparisons(["IsWon"], EQUALITY, null_or(st.booleans().map(s.Truth))),
    comparisons(["CloseDate"], ORDERED, null_or(st.sampled_from(DAYS).map(date.fromisoformat).map(s.Day) | SPANS)),
    comparisons(["LastStageChangeDate"], ORDERED,
                null_or(st.sampled_from(INSTANTS).map(datetime.fromisoformat).map(s.Instant) | SPANS)),
    comparisons(["Id", "AccountId", "Account.ParentId"], ORDERED, null_or(KNOWN_IDS.map(s.Text))),
    st.builds(s.Membership, st.sampled_from(TEXT_FIELDS).map(path),
              st.lists(TEXT_VALUES, min_size=1, max_size=4).map(lambda each: s.Texts(tuple(each))), st.booleans()),
    st.builds(s.Membership, st.sampled_from(["Id", "AccountId"]).map(path),
              st.lists(KNOWN_IDS, min_size=1, max_size=4).map(lambda each: s.Texts(tuple(each))), st.booleans()),
    st.builds(s.Membership, st.just(path("Amount")), st.tuples(st.just(s.Null()), NUMBERS), st.booleans()),
    st.builds(s.Membership, st.just(path("CloseDate")), st.tuples(SPANS, SPANS), st.booleans()),
    st.builds(s.Choice, st.just(path("Interests__c")), GROUPS, st.booleans()),
)  # fmt: skip
CONDITIONS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(s.And),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(s.Or),
        inner.map(s.Not),
    ),
    max_leaves=5,
)
SEMI_JOINS = st.builds(
    s.Membership,
    st.just(path("AccountId")),
    st.builds(
        s.Query, select=st.sampled_from(["Id", "ParentId"]).map(lambda name: (s.SelectField(path(name)),)),
        source=st.just(path("Account")), where=st.none() | OF_ACCOUNTS,
    ),
    st.booleans(),
)  # fmt: skip
WHERES = st.one_of(
    CONDITIONS, SEMI_JOINS, st.lists(st.one_of(TERMS, SEMI_JOINS), min_size=2, max_size=2).map(tuple).map(s.And)
)
SORTINGS = st.lists(
    st.builds(s.Sorting, st.sampled_from(["Name", "NextStep", "Amount", "IsWon", "CloseDate", "StageName", "AccountId",
                                          "LastStageChangeDate", "Account.Name", "Id"]).map(path),
              st.booleans(), st.booleans()),
    min_size=1, max_size=3,
).map(tuple)  # fmt: skip
KEYS = st.lists(
    st.sampled_from(["Name", "StageName", "IsWon", "CloseDate", "AccountId", "Account.Industry"]).map(path),
    unique=True, max_size=3,
)  # fmt: skip
FIGURES = st.one_of(
    st.builds(s.Call, st.sampled_from(["COUNT", "COUNT_DISTINCT"]), st.sampled_from(["NextStep", "Amount"]).map(path)),
    st.builds(s.Call, st.sampled_from(["SUM", "AVG", "MIN", "MAX"]), st.just(path("Amount"))),
    st.builds(s.Call, st.sampled_from(["MIN", "MAX"]), st.just(path("LastStageChangeDate"))),
)


@st.composite
def grouped(draw):
    """A statement with groups, perhaps with subtotals and HAVING, or with figures of all records."""
    keys = draw(KEYS)
    subtotals = draw(st.sampled_from([None, "ROLLUP", "CUBE"])) if keys else None
    figures = draw(st.lists(FIGURES, min_size=2, max_size=4))
    flags = [s.Call("GROUPING", key) for key in keys] if subtotals else []
    items = [s.SelectField(operand, f"c{number}") for number, operand in enumerate([*keys, *flags, *figures])]
    counted = st.builds(s.Call, st.just("COUNT"), st.just(path("Id")))
    number = st.integers(0, 3).map(Decimal).map(s.Number)
    having = draw(st.none() | st.builds(s.Comparison, counted, st.sampled_from(ORDERED), number)) if keys else None
    return s.Query(
        select=tuple(items), source=path("Opportunity"), where=draw(st.none() | TERMS), group_by=tuple(keys),
        subtotals=subtotals, having=having,
    )  # fmt: skip
