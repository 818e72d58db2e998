"""A query that times out is asked again in smaller spans of ids: each is read to its end, or all of it is an error."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_org import NOW, TinyOrg, selection_of

from sync.errors import QueryTimedOut, ResultTruncated
from sync.extract.parts import QueryPart, drain
from sync.extract.spans import MOST_CUTS, narrowed
from sync.record import Window
from sync.scope.catalog import STANDARD
from sync.scope.closure import children_query, window_query

DEALS, LINES = selection_of("Opportunity"), selection_of("OpportunityLineItem")
WINDOW = Window(low=NOW - timedelta(minutes=1), high=NOW)
#: the letters of ids in their order
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#: ids of an org that has moved between servers: their numbers lie far apart
IDS = st.builds(lambda server, number: f"006{server}{number:09}AAA", st.sampled_from(["0D0", "5g0", "zz9"]),
                st.integers(0, 10**7))  # fmt: skip


def row(record_id):
    return {"Id": record_id, "OpportunityId": "006A", "SystemModstamp": (NOW - timedelta(seconds=9)).isoformat()}


def org_of(ids, *, too_many, batch=2_000):
    org = TinyOrg(batch=batch)
    org.rows = {"Opportunity": [row(each) for each in ids], "OpportunityLineItem": [row(each) for each in ids]}
    org.takes_too_long = lambda rows: len(rows) > too_many
    return org


def window_part():
    return QueryPart("Opportunity", lambda after: window_query(DEALS, WINDOW, scoped=False, after_id=after))


def set_part():
    known = STANDARD["OpportunityLineItem"]
    return QueryPart(
        "OpportunityLineItem", lambda after: children_query(known, LINES, ["006A"], after_id=after).soql, limited=False
    )


def read(org, part):
    drain(org, [part])
    if part.error is not None:
        raise part.error
    return [record["Id"] for record in part.records]


@given(ids=st.lists(IDS, unique=True, max_size=60), too_many=st.integers(1, 30), batch=st.integers(1, 9))
def test_every_row_comes_once_and_in_order_whatever_the_spans(ids, too_many, batch):
    """Of windows as of complete sets, however the ids lie, wherever a page or a span ends."""
    assert read(org_of(ids, too_many=too_many, batch=batch), window_part()) == sorted(ids)
    assert read(org_of(ids, too_many=too_many, batch=batch), set_part()) == sorted(ids)


def test_a_query_that_is_quick_is_never_cut():
    """The remedy costs nothing where it is not needed."""
    org = org_of([f"006{number:012}AAA" for number in range(100)], too_many=100)

    assert len(read(org, window_part())) == 100
    assert len(org.calls) == 1


def test_a_table_of_twenty_thousand_is_cut_a_few_times_only():
    """Each cut costs two questions by ids alone, and the halves hold as much as can be read."""
    org = org_of([f"006{number:012}AAA" for number in range(20_000)], too_many=4_000)

    assert len(read(org, window_part())) == 20_000
    assert len(org.calls) < 50


def test_what_takes_too_long_in_any_span_is_an_error_and_no_empty_result():
    """It ends after a bounded number of questions, and fails nothing else that travels with it."""
    org = org_of([f"006{number:012}AAA" for number in range(5_000)], too_many=0)
    org.rows["OpportunityLineItem"] = [row(f"00k{number:012}AAA") for number in range(3_000)]
    org.takes_too_long = lambda rows: any(each["Id"].startswith("006") for each in rows)
    bad, good = window_part(), set_part()
    drain(org, [bad, good])

    assert isinstance(bad.error, QueryTimedOut)
    assert len(good.records) == 3_000
    assert len(org.calls) <= 3 * MOST_CUTS + 3


def test_a_span_that_breaks_off_is_an_error():
    """A half that can't be read is never left out."""
    org = org_of([f"006{number:012}AAA" for number in range(64)], too_many=20)
    too_long = org.takes_too_long
    org.takes_too_long = lambda rows: too_long(rows) or any(each["Id"] == "006000000000050AAA" for each in rows)

    with pytest.raises(QueryTimedOut):
        read(org, window_part())


def test_an_object_whose_edges_can_not_be_asked_for_has_timed_out():
    """ContentDocumentLink takes no question without the ids of what it links: that is no reason to skip it."""
    org = org_of([f"006{number:012}AAA" for number in range(64)], too_many=20)

    def refuse():
        if len(org.calls) == 2:
            org.refused = {"Opportunity": "MALFORMED_QUERY"}

    org.on_call = refuse

    with pytest.raises(QueryTimedOut):
        read(org, window_part())


def test_a_set_that_grows_while_it_is_cut_is_not_believed():
    """Salesforce's count of the whole, where it came before the cut, must be the number of rows of all spans."""
    org = org_of([f"006{number:012}AAA" for number in range(0, 60, 2)], too_many=99, batch=5)

    def change():
        if len(org.calls) == 3:
            org.takes_too_long = lambda rows: len(rows) > 8
            org.rows["OpportunityLineItem"].append(row("006000000000001AAA"))
            org.rows["OpportunityLineItem"].pop(0)
            org.rows["OpportunityLineItem"].pop(20)

    org.on_call = change

    with pytest.raises(ResultTruncated):
        read(org, set_part())


@pytest.mark.parametrize(
    ("statement", "narrow"),
    [
        ("SELECT Id FROM X ORDER BY Id LIMIT 5", "SELECT Id FROM X WHERE Id <= '1' ORDER BY Id LIMIT 5"),
        ("SELECT Id FROM X WHERE A = ' ORDER BY Id' ORDER BY Id",
         "SELECT Id FROM X WHERE A = ' ORDER BY Id' AND Id <= '1' ORDER BY Id"),
    ],
)  # fmt: skip
def test_a_statement_is_narrowed_in_its_condition(statement, narrow):
    """Beside what it asks already, and before its order."""
    assert narrowed(statement, "1") == narrow
    assert narrowed(statement, None) == statement
