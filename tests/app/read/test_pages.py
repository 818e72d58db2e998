"""Reading a list page by page delivers every row exactly once, in order."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Date, DateTime, Integer, MetaData, Numeric, Table, Text, insert, select, text

from app.read.listing import Order, page_query, position_text, read_page

ROWS = Table(
    "rows_to_page", MetaData(), Column("id", Text), Column("word", Text), Column("number", Numeric),
    Column("count", Integer), Column("day", Date), Column("at", DateTime(timezone=True)), prefixes=["TEMPORARY"],
)  # fmt: skip
SORTABLE = ["word", "number", "count", "day", "at"]
MANY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@given(data=st.data())
@MANY
def test_every_row_comes_exactly_once_under_any_order_of_ties(store, data):
    """Equal and missing sort values neither repeat nor hide a row at the border of two pages."""
    values = st.fixed_dictionaries({
        "word": st.sampled_from(["a", "B", "ä", "", None]),
        "number": st.sampled_from([1, 2, None]) | st.decimals(-9, 9, places=2),
        "count": st.sampled_from([0, 7, None]),
        "day": st.none() | st.dates(),
        "at": st.none() | st.datetimes(timezones=st.timezones()).filter(lambda at: 2 < at.year < 9998),
    })  # fmt: skip
    rows = [{"id": str(place), **row} for place, row in enumerate(data.draw(st.lists(values, max_size=12)))]
    columns = data.draw(st.lists(st.sampled_from(SORTABLE), unique=True, max_size=3))
    order = [Order(column=name, descending=data.draw(st.booleans())) for name in columns] + [Order(column="id")]
    limit = data.draw(st.integers(1, 5))

    with store.trying() as session:
        ROWS.create(session)
        if rows:
            session.execute(insert(ROWS), rows)
        source = select(ROWS).subquery()
        whole = [row.id for row in session.execute(page_query(source, where=[], order=order, after=None))]
        paged, after, pages = [], None, 0
        while pages <= len(rows) + 1:
            page = read_page(session, source, where=[], order=order, after=after, limit=limit)
            paged += [row["id"] for row in page.rows]
            pages += 1
            after = page.next_position
            if after is None:
                break

    assert paged == whole
    assert sorted(paged, key=int) == [row["id"] for row in rows]


def test_rows_that_arrive_between_two_pages_shift_nothing(store):
    """A deal won while a client pages is not a reason to see another deal twice."""
    with store.trying() as session:
        ROWS.create(session)
        session.execute(insert(ROWS), [{"id": str(number), "count": number} for number in (2, 4, 6, 8)])
        source, order = select(ROWS.c.id, ROWS.c.count).subquery(), [Order(column="count"), Order(column="id")]
        first = read_page(session, source, where=[], order=order, after=None, limit=2)
        session.execute(insert(ROWS), [{"id": "new", "count": 1}])
        session.execute(text("DELETE FROM rows_to_page WHERE id = '2'"))
        second = read_page(session, source, where=[], order=order, after=first.next_position, limit=2)

    assert [row["id"] for row in first.rows + second.rows] == ["2", "4", "6", "8"]
    assert second.next_position is None


def test_a_missing_value_is_a_position_of_its_own():
    """None stays None, and is not the text "None"."""
    assert position_text(None) is None
    assert position_text(0) == "0"
