"""Rows of the story before they are loaded, and the copies that make an org of any size out of them.

A volume is one telling of the story (about 600 deals). Its rows point at each other by Ref; a copy of the volume turns
every Ref into an id of its own, so that a hundred volumes are as quick to load as one is to tell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from demo_org.ids import checksum, decode, encode
from demo_org.store.org import SERVER
from demo_org.store.values import stamp_text


class Ref(NamedTuple):
    """A record of the volume: its object's key prefix and the end of its id."""

    prefix: str
    tail: str
    check: str


Row = dict[str, Any]
#: (object, field) -> how the value differs from copy to copy
Varying = Mapping[tuple[str, str], Callable[[Any, int], object]]

_PLAIN = frozenset({str, float, int, type(None), Ref})  # most values are stored as they are
_TAIL = 5  # digits of an id that count the records of a volume; the digits before them count the copies
_HEAD = 4


class Volume:
    """The rows of one telling of the story, object by object."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self.rows: dict[str, list[Row]] = {}

    def reserve(self, object_name: str) -> Ref:
        """The id of a record whose row will be known only later."""
        rows = self.rows.setdefault(object_name, [])
        rows.append({})
        return Ref(self._prefixes[object_name], *_end(len(rows)))

    def put(self, object_name: str, ref: Ref, values: Row) -> None:
        """Write the row of a reserved record."""
        self.rows[object_name][_position(ref)].update({"Id": ref, **values})

    def add(self, object_name: str, values: Row) -> Ref:
        """Write a row and return what others point at it with."""
        ref = self.reserve(object_name)
        self.put(object_name, ref, values)
        return ref

    def share(self, object_name: str, ref: Ref, values: Row) -> None:
        """Write a row under the id of another object's record: how a partner is seen from a deal, say."""
        self.rows.setdefault(object_name, []).append({"Id": ref, **values})

    def row(self, object_name: str, ref: Ref) -> Row:
        """The row of a record, to be completed by what happens later in the story."""
        return self.rows[object_name][_position(ref)]

    def count(self, object_name: str) -> int:
        """How many records of the object there are so far."""
        return len(self.rows.get(object_name, ()))


def columns_of(volumes: Iterable[Volume], object_name: str) -> list[str]:
    """Every field that any row of the object fills."""
    return list(dict.fromkeys(name for volume in volumes for row in volume.rows.get(object_name, ()) for name in row))


class Copier:
    """Turns the rows of one object of one volume into loadable rows, once per copy."""

    def __init__(self, volume: Volume, object_name: str, columns: list[str], varying: Varying) -> None:
        rows = volume.rows.get(object_name, [])
        self._columns = [
            [value if type(value := row.get(name)) in _PLAIN else _stored(value) for row in rows] for name in columns
        ]
        self._references = [
            place for place, column in enumerate(self._columns) if any(type(value) is Ref for value in column)
        ]
        self._varying = [
            (place, varying[object_name, name]) for place, name in enumerate(columns) if (object_name, name) in varying
        ]

    def rows(self, copy: int) -> Iterator[tuple[object, ...]]:
        """The rows of the copy with that number, from 1."""
        columns = list(self._columns)
        for place in self._references:
            columns[place] = _ids(columns[place], copy)
        for place, vary in self._varying:
            columns[place] = [value if value is None else vary(value, copy) for value in columns[place]]
        return zip(*columns, strict=True)


def _ids(column: list[Any], copy: int) -> list[Any]:
    made = []
    for value in column:
        if type(value) is Ref:
            front, checks = _head(value.prefix, copy)
            value = f"{front}{value.tail}{checks}{value.check}"  # noqa: PLW2901 - a tight loop over a million ids
        made.append(value)
    return made


@cache
def _end(number: int) -> tuple[str, str]:
    tail = encode(number, _TAIL)
    return tail, checksum("0" * 10 + tail)[2]


@cache
def _head(prefix: str, copy: int) -> tuple[str, str]:
    front = f"{prefix}{SERVER}{encode(copy, _HEAD)}"
    return front, checksum(front + "0" * _TAIL)[:2]


def _position(ref: Ref) -> int:
    return decode(ref.tail) - 1


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(str(value))
    if isinstance(value, bool):
        return int(value)
    return value
