"""What the comparison with recorded answers notices, and what it lets pass."""

import pytest
from likeness import assert_alike, differences


@pytest.mark.parametrize(
    ("recorded", "answered", "line"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, "the whole: lacks 'b'"),
        ({"a": 1}, {"a": 1, "c": 2}, "the whole: adds 'c'"),
        ({"a": 12.0}, {"a": 12}, "a: recorded a double (12.0), answered a whole number (12)"),
        ({"a": "x"}, {"a": None}, "a: recorded text ('x'), answered null (None)"),
        ([{"d": "2020-01-01"}], [{"d": "x"}], "0.d: recorded a day ('2020-01-01'), answered text ('x')"),
        ([1], [], "the whole: recorded with elements, answered empty"),
        (
            {"id": "001B000000UnQ2vIAF"},
            {"id": "001B000000UnQ2v"},
            (
                "id: recorded an id of 18 characters ('001B000000UnQ2vIAF'), "
                "answered an id of 15 characters ('001B000000UnQ2v')"
            ),
        ),
        (
            "/services/data/v58.0/sobjects/Account/001",
            "/services/data/v64.0/queries/Account/001",
            (
                "the whole: recorded /services/data/v58.0/sobjects/Account/001, "
                "answered /services/data/v64.0/queries/Account/001"
            ),
        ),
    ],
)
def test_a_difference_is_told_with_its_place(recorded, answered, line):
    """Whoever reads the failure knows what to change."""
    assert [line] == differences(recorded, answered)


def test_what_differs_from_org_to_org_is_no_difference():
    """Ids, names, versions and what a recorded null would have held are the org's own."""
    recorded = {
        "url": "/services/data/v58.0/sobjects/Account/001...",
        "n": None,
        "t": "x",
        "l": [{"v": 1.0}, {"v": 2.0}],
        "e": [],
    }
    answered = {
        "url": "/services/data/v64.0/sobjects/Contact/003000000000001AAA",
        "n": 5,
        "t": "2020-01-01",
        "l": [{"v": 3.0}],
        "e": [1],
    }

    assert_alike(recorded, answered)


def test_a_key_may_be_excused():
    """A test says which keys came later than the recording, and nothing else passes."""
    assert_alike({"l": [{"a": 1}]}, {"l": [{"b": 1}]}, absent=["l.*.a"], extra=["l.*.b"])
    assert_alike({"l": [{"a": 1}]}, {"l": [{"a": None}]}, nullable=["l.*.a"])
    with pytest.raises(AssertionError, match="lacks 'a'"):
        assert_alike({"l": [{"a": 1}]}, {"l": [{"b": 1}]}, absent=["a"], extra=["l.*.b"])
