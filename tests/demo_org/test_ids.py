"""Ids of the org: what is one, and how its two forms relate."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_org import ids

ID15 = st.text(alphabet=ids.DIGITS, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("short", "whole"),
    [("003q000000KvQ1t", "003q000000KvQ1tAAF"), ("a00D0000008pQRA", "a00D0000008pQRAIA2"),
     ("012000000000000", "012000000000000AAA"), ("0057e00000RmwSW", "0057e00000RmwSWAAZ")],
)  # fmt: skip
def test_the_checksum_is_the_one_salesforce_computes(short, whole):
    """Ids recorded from real orgs get the three letters they have there."""
    assert whole == ids.to18(short)
    assert whole == ids.normalise(short)


@given(ID15)
def test_both_forms_mean_the_same_record(short):
    """A client may send fifteen or eighteen characters."""
    whole = ids.to18(short)

    assert whole == ids.normalise(short) == ids.normalise(whole)
    assert short == ids.to15(whole)


@given(ID15)
def test_an_id_that_lost_its_case_is_repaired(short):
    """A spreadsheet that turned an id into capitals did no harm."""
    whole = ids.to18(short)

    assert whole == ids.normalise(whole.lower())
    assert whole == ids.normalise(whole.upper())


@given(st.text(max_size=20))
def test_other_texts_are_no_ids(text):
    """Nothing but 15 or 18 letters and digits is taken for an id."""
    if not re.fullmatch(r"[0-9A-Za-z]{15}|[0-9A-Za-z]{18}", text):
        assert ids.normalise(text) is None


@given(st.integers(min_value=0, max_value=62**9 - 2))
def test_ids_sort_in_the_order_they_were_made(number):
    """Reading by Id gives the older record first."""
    earlier, later = (ids.make_id("006", "Dm0", each) for each in (number, number + 1))

    assert earlier[:15] < later[:15]
    assert number == ids.decode(earlier[6:15])
    assert ids.is_id(earlier)


def test_a_full_sequence_says_so():
    """No id is made twice: the sequence ends with an error instead."""
    with pytest.raises(ValueError, match="start a new server id"):
        ids.encode(62**9)
