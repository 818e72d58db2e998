"""What somebody wrote into Salesforce is text in a spreadsheet, whatever it looks like."""

import csv
import io
from decimal import Decimal

import pytest

from app.read.csv import to_csv

#: as East Asian keyboards write them
WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(value):
    """How a value comes out of a spreadsheet's reader."""
    rows = list(csv.reader(io.StringIO(to_csv([{"a": value}], ["a"]).decode(), newline="")))
    return rows[1][0]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", *WIDE, " =", "\u00a0="])
def test_a_text_that_would_be_computed_is_a_text(begin):
    """Opening a list starts nothing, in whatever way the first letter is written."""
    hostile = f'{begin}HYPERLINK("http://evil.example";"Click")'

    assert cell(hostile) == f"'{hostile}"
    assert cell([hostile, "b"]) == f"'{hostile} b"


@pytest.mark.parametrize("value", ["a=b", "1-2", "x@y.example", "", 'O\'Neil; "so"\r\nto say, yes', "Ä"])
def test_any_other_text_is_as_it_was(value):
    """Quotation marks, separators and line breaks survive."""
    assert cell(value) == value


def test_numbers_stay_numbers():
    """A loss is no formula."""
    assert cell(Decimal("-12.50")) == "-12.50"
    assert cell(-3) == "-3"
