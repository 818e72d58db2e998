"""The truth about an org: every stored row of an object, hidden fields and the recycle bin included, and its digest.

A test compares a copy with it. Rows come by id in portions, so an object of any size can be read.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from demo_org.catalog import ObjectType
from demo_org.ids import normalise
from demo_org.store import Org
from demo_org.store.replication import watermark_field
from demo_org.store.values import stamp_text

Row = dict[str, Any]

_PORTION = 2000  # rows
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of an object, and which of their fields; all unless told."""

    #: stamped at this instant or later
    since: datetime | None = None
    ids: Sequence[str] = ()
    fields: Sequence[str] = ()
    #: those in the recycle bin, too
    deleted: bool = True


EVERYTHING = Wanted()


def portions(org: Org, object_name: str, wanted: Wanted = EVERYTHING) -> Iterator[list[Row]]:
    """The rows by id, some thousand at a time; each portion is what is committed when it is read."""
    described = org.catalog.stored_object(object_name)
    names = [described.fields[name].name for name in _columns(described, wanted)]
    checkbox = {name for name in names if described.fields[name].type == "boolean"}
    conditions, values = _conditions(described, wanted)
    columns = ", ".join(f'"{name}"' for name in names)
    sql = f'SELECT Id, {columns} FROM "{described.name}" WHERE {conditions} ORDER BY Id LIMIT {_PORTION}'  # noqa: S608 - names come from the catalogue
    return _read(org, sql, values, names, checkbox)


def _read(org: Org, sql: str, values: list[Any], names: list[str], checkbox: set[str]) -> Iterator[list[Row]]:
    last = ""
    while True:
        with org.reading() as connection:
            found = connection.execute(sql, (last, *values)).fetchall()
        if not found:
            return
        last = found[-1][0]
        yield [
            {name: bool(value) if name in checkbox else value for name, value in zip(names, row[1:], strict=True)}
            for row in found
        ]


def rows(org: Org, object_name: str, wanted: Wanted = EVERYTHING) -> list[Row]:
    """All of the rows at once."""
    return [row for portion in portions(org, object_name, wanted) for row in portion]


def as_json(org: Org, object_name: str, wanted: Wanted = EVERYTHING) -> Iterator[bytes]:
    """The rows as one JSON list, in pieces."""
    return _joined(portions(org, object_name, wanted))


def _joined(read: Iterator[list[Row]]) -> Iterator[bytes]:
    start = b"["
    for portion in read:
        yield start + b",".join(_ENCODER.encode(row) for row in portion)
        start = b","
    yield b"[]" if start == b"[" else b"]"


def digest(org: Org, object_name: str, wanted: Wanted = EVERYTHING) -> dict[str, Any]:
    """What two copies are compared by: how many rows, the newest stamp, and a checksum.

    The checksum is the SHA-256 of a line for each row by id: its id and its stamp, or all of the fields asked for, as
    a JSON list with a line feed behind it.
    """
    described = org.catalog.stored_object(object_name)
    stamp = watermark_field(described)
    names = list(wanted.fields) or ["Id", stamp]
    asked = Wanted(since=wanted.since, ids=wanted.ids, deleted=wanted.deleted, fields=[*names, stamp])
    sums, count, newest = hashlib.sha256(), 0, ""
    canonical = [described.fields[name].name for name in _columns(described, Wanted(fields=names))]
    for portion in portions(org, object_name, asked):
        for row in portion:
            sums.update(_ENCODER.encode([row[name] for name in canonical]) + b"\n")
            newest = max(newest, row[stamp] or "")
        count += len(portion)
    return {
        "object": described.name,
        "count": count,
        "newest": newest or None,
        "fields": canonical,
        "checksum": sums.hexdigest(),
    }


def _columns(described: ObjectType, wanted: Wanted) -> list[str]:
    if not wanted.fields:
        return list(described.columns)
    known = {name.lower(): name for name in described.columns}
    missing = [name for name in wanted.fields if name.lower() not in known]
    if missing:
        raise ValueError(f"{described.name} has no column {missing[0]}")
    return list(dict.fromkeys(known[name.lower()] for name in wanted.fields))


def _conditions(described: ObjectType, wanted: Wanted) -> tuple[str, list[Any]]:
    conditions, values = ["Id > ?"], list[Any]()
    if wanted.since is not None:
        conditions.append(f"{watermark_field(described)} >= ?")
        values.append(stamp_text(wanted.since))
    if wanted.ids:
        conditions.append(f"Id IN ({', '.join('?' * len(wanted.ids))})")
        values += [normalise(each) or each for each in wanted.ids]
    if not wanted.deleted and "IsDeleted" in described.fields:
        conditions.append("IsDeleted = 0")
    return " AND ".join(conditions), values
