"""Reads the rows of an uploaded CSV, each with the very text it was sent as, which the result files give back."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

csv.field_size_limit(2**31 - 1)  # a rich text may have 131,072 characters, and there is no reason to stop there
#: one row up to its line break: what stands between quotes may hold line breaks of its own
_ROW = re.compile(r'(?:[^"\r\n]++|"(?:[^"]++|"")*+")*+(?:\r\n|\r|\n|\Z)')


class Null(Enum):
    """Tells "make it empty" from "leave it as it is"."""

    NULL = 0


NULL = Null.NULL


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: its text without the line break, and its values."""

    text: str
    values: list[str]


def csv_rows(text: str, delimiter: str) -> Iterator[RawRow]:
    """The rows of a CSV text, the head row first; empty lines are none."""
    place = 0
    while place < len(text):
        found = _ROW.match(text, place)
        if found is None or found.end() == place:  # a stray quote in the middle of a value: take the line as it is
            end = text.find("\n", place)
            line, place = (text[place:], len(text)) if end < 0 else (text[place:end], end + 1)
        else:
            line, place = found[0], found.end()
        line = line.rstrip("\r\n")
        if line.strip():
            yield RawRow(line, next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter)))


def value_of(text: str) -> Any:
    """What a cell says: nothing ("" = leave the field alone), #N/A (make it empty), or its text (Bulk API guides)."""
    if text == "":
        return None
    return NULL if text == "#N/A" else text
