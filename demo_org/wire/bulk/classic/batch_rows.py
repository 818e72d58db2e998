"""Reads the rows of a batch, whatever its content type, into columns and values that the loader takes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from demo_org.bulk import NULL, RefusedBatch, csv_rows, value_of
from demo_org.wire.markup import Element, MalformedMarkup, read_markup

_MOST_ROWS = 10_000  # of a batch (Bulk API guide, "General Guidelines for Data Loads")
Rows = tuple[Sequence[str], Sequence[Sequence[Any]]]


def read_rows(body: bytes, content_type: str) -> Rows:
    """Columns and rows; RefusedBatch says why the batch cannot be read."""
    columns, rows = {"CSV": _csv, "JSON": _json, "XML": _xml}[content_type](body)
    if len(rows) > _MOST_ROWS:
        raise RefusedBatch(f"InvalidBatch : Records exceeded limit of {_MOST_ROWS}")
    return columns, rows


def _csv(body: bytes) -> Rows:
    try:
        rows = list(csv_rows(body.decode("utf-8-sig"), ","))
    except UnicodeDecodeError:
        raise RefusedBatch("InvalidBatch : The batch is not encoded in UTF-8") from None
    if not rows:
        raise RefusedBatch("InvalidBatch : The batch has no head row")
    return rows[0].values, [[value_of(each) for each in row.values] for row in rows[1:]]


def _json(body: bytes) -> Rows:
    try:
        records = msgspec.json.decode(body, type=list[dict[str, Any]])
    except (msgspec.DecodeError, RecursionError) as error:
        raise RefusedBatch(f"InvalidBatch : Unable to parse the batch: {error}") from None
    return _table([_flat(each) for each in records])


def _flat(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict):  # {"Account": {"Ext__c": "x"}}: a record named by an identifying field
            flat |= {f"{name}.{key}": each for key, each in value.items() if key != "attributes"}
        else:
            flat[name] = NULL if value is None else value
    return flat


def _xml(body: bytes) -> Rows:
    try:
        root = read_markup(body)
    except MalformedMarkup as error:
        raise RefusedBatch(f"InvalidBatch : Unable to parse the batch: {error}") from None
    return _table([_fields(each) for each in root.children if each.name == "sObject"])


def _fields(record: Element) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for each in record.children:
        if each.name == "type":
            continue
        if each.children:  # <Account><sObject><Ext__c>x</Ext__c></sObject></Account>
            inner = next((child for child in each.children if child.name == "sObject"), each)
            flat |= {f"{each.name}.{child.name}": child.text for child in inner.children if child.name != "type"}
        else:
            # An empty element, with xsi:nil or without, empties the field.
            flat[each.name] = each.text or NULL
    return flat


def _table(records: Sequence[Mapping[str, Any]]) -> Rows:
    columns = list(dict.fromkeys(name for record in records for name in record))
    return columns, [[record.get(name) for name in columns] for record in records]
