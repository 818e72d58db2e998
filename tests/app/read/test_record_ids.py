"""A Salesforce id is found however it was copied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.read.record_id import long_id

LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("00530000003BfwD", "00530000003BfwDAAS"),
        ("006000000000001", "006000000000001AAA"),
    ],
)
def test_a_15_character_id_gets_its_three_check_characters(short, long):
    """The id in an old bookmark finds the deal."""
    assert long_id(short) == long
    assert long_id(long) == long


@given(st.text(LETTERS, min_size=15, max_size=15))
def test_an_18_character_id_survives_a_program_that_changed_its_case(short):
    """Spreadsheets that ignore case do no harm."""
    whole = long_id(short)

    assert long_id(whole.upper()) == long_id(whole.lower()) == whole


@pytest.mark.parametrize("text", ["", "006", "0060000000000011", "006000000000001AA6", "006-00000000001", "x" * 40])
def test_what_is_no_id_is_none(text):
    """A typo is told apart from a deal that is not there."""
    assert long_id(text) is None
