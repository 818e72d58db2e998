"""Spans of ids, cut in halves: how a query that takes Salesforce too long is asked again in smaller parts.

A query that times out is no empty result. The span of ids it was asked for is cut in the middle, between the first and
the last record that the object has there, and both halves are read one after the other; a half that times out is cut
again. Every span is read to its end, or the whole reading is an error.
"""

from dataclasses import dataclass

from sync.record import Records
from sync.salesforce.soql import select, text_literal

#: after so many cuts a span holds too little to be the reason why a query takes too long
MOST_CUTS = 12

# Ids sort as their first 15 characters do, which count in these digits behind the three that name the object.
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_PREFIX, _LENGTH = 3, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The ids behind `after`, up to and with `up_to`; without an end where that is None."""

    after: str | None
    up_to: str | None
    cuts: int


class Spans:
    """What is left to read of one query, in the order of ids."""

    def __init__(self, object_name: str, *, after_id: str | None = None) -> None:
        self._object_name = object_name
        self._left = [Span(after=after_id, up_to=None, cuts=0)]
        #: the first and the last record of the span that is being cut, as far as they are known; None otherwise
        self._edges: list[str] | None = None

    @property
    def present(self) -> Span:
        """The span that is being read."""
        return self._left[-1]

    @property
    def is_whole(self) -> bool:
        """Whether nothing has been cut yet."""
        return self.present.cuts == 0

    @property
    def is_cutting(self) -> bool:
        """Whether the next request is about the edges of the present span, and not for its records."""
        return self._edges is not None

    def read_up_to(self, record_id: str) -> None:
        """Note that the present span is read as far as this record."""
        self._left[-1] = Span(after=record_id, up_to=self.present.up_to, cuts=self.present.cuts)

    def finish(self) -> bool:
        """Note that the present span is read; whether another one is left."""
        self._left.pop()
        return bool(self._left)

    def cut(self) -> bool:
        """Begin to cut the present span, which can't be read in one piece; False where that would not help."""
        if self.is_cutting or self.present.cuts >= MOST_CUTS:
            return False
        self._edges = []
        return True

    def edge_statement(self) -> str:
        """Ask for the first record of the present span, then for the last: by ids alone, which is always quick."""
        span = self.present
        where = [f"Id <= {text_literal(span.up_to)}"] if span.up_to is not None else []
        statement = select(["Id"], self._object_name, where=where, after_id=span.after, ordered=True)
        return f"{statement}{' DESC' if self._edges else ''} LIMIT 1"

    def take_edge(self, records: Records) -> bool:
        """Take the answer to such a question. False when nothing is left to read, as the span turned out empty."""
        if self._edges is None:
            raise ValueError("no span is being cut")
        if not records:
            self._edges = None
            return self.finish()
        self._edges.append(records[0]["Id"])
        if len(self._edges) == 2:
            first, last = self._edges
            self._edges = None
            self._left[-1:] = _halves(self.present, first, last)
        return True


def narrowed(statement: str, up_to: str | None) -> str:
    """A statement that is ordered by Id, for the ids up to this one only."""
    if up_to is None:
        return statement
    asked, order, rest = statement.rpartition(" ORDER BY Id")
    word = "AND" if " WHERE " in asked else "WHERE"
    return f"{asked} {word} Id <= {text_literal(up_to)}{order}{rest}"


def _halves(span: Span, first: str, last: str) -> list[Span]:
    """Both halves of a span, the lower one on top; a span of one record can only be tried once more."""
    cuts = span.cuts + 1
    low, high = _number(first), _number(last)
    if high <= low:
        return [Span(after=span.after, up_to=last, cuts=MOST_CUTS)]
    middle = first[:_PREFIX] + _text((low + high) // 2)
    # The upper half has no end where the span had none: records may have been added meanwhile.
    return [Span(after=middle, up_to=span.up_to, cuts=cuts), Span(after=span.after, up_to=middle, cuts=cuts)]


def _number(record_id: str) -> int:
    value = 0
    for letter in record_id[_PREFIX:_LENGTH]:
        value = value * len(_DIGITS) + _VALUES[letter]
    return value


def _text(value: int) -> str:
    letters = []
    for _ in range(_LENGTH - _PREFIX):
        value, digit = divmod(value, len(_DIGITS))
        letters.append(_DIGITS[digit])
    return "".join(reversed(letters))
