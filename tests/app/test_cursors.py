"""A cursor says where a list goes on, and nobody but us can write one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paging import Cursor, seal, unseal
from app.problems import Problem

SECRET = b"s" * 32
CURSORS = st.builds(
    Cursor,
    kind=st.just("deals"),
    asked=st.dictionaries(st.text(), st.one_of(st.text(), st.lists(st.text()), st.integers(0, 100))),
    position=st.lists(st.one_of(st.none(), st.text())),
)


@given(CURSORS)
def test_a_cursor_comes_back_as_it_was_sealed(cursor):
    """Filters, sort and position survive the trip through the client."""
    assert unseal(seal(cursor, SECRET), SECRET, kind="deals") == cursor


@given(CURSORS, st.data())
def test_a_cursor_that_was_changed_anywhere_is_refused(cursor, data):
    """Nobody bends the filters inside a cursor."""
    text = seal(cursor, SECRET)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_=.~ü"))
    changed = text[:place] + letter + text[place + 1 :]

    if changed != text:
        with pytest.raises(Problem) as refused:
            unseal(changed, SECRET, kind="deals")

        assert refused.value.status == 400


@pytest.mark.parametrize("text", ["", "abc", "A" * 22, "=" * 5, "💣"])
def test_any_other_text_is_refused(text):
    """A cursor that was cut off is a 400, never a crash."""
    with pytest.raises(Problem):
        unseal(text, SECRET, kind="deals")


def test_a_cursor_of_another_list_or_another_server_is_refused():
    """A cursor goes on with the list it came from."""
    text = seal(Cursor("deals", {}, []), SECRET)

    for secret, kind in ((SECRET, "customers"), (b"other", "deals")):
        with pytest.raises(Problem):
            unseal(text, secret, kind=kind)
