"""Seeds the org with ready-made rows at full speed, without any of the semantics of a save."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from demo_org.catalog import ObjectType
from demo_org.catalog.types import INTEGER_TYPES, REAL_TYPES
from demo_org.errors import unknown_field
from demo_org.store.schema import create_indexes, drop_indexes
from demo_org.store.values import adapt_rows, stamp_text

if TYPE_CHECKING:
    from demo_org.store.org import Org

_MANY = 20_000  # from here on building the indexes at the end is faster than keeping them up to date


def load(org: "Org", object_name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Insert the rows verbatim and return how many; a missing Id is made, audit fields get sensible defaults.

    Values come in stored form; Python dates, instants, decimals and booleans are turned into it. An Id seen before
    replaces that record.
    """
    described = org.catalog.stored_object(object_name)
    names = [_column(described, name) for name in columns]
    prepared = iter(_with_ids(org, described, names, adapt_rows(rows)))
    first = list(islice(prepared, _MANY))
    if "Id" not in names:
        names = ["Id", *names]
    with org.writing() as connection:
        empty = connection.execute(f'SELECT 1 FROM "{described.name}" LIMIT 1').fetchone() is None  # noqa: S608 - names come from the catalogue
        rebuild = empty and len(first) == _MANY
        if rebuild:
            drop_indexes(connection, described)
        count = 0
        statement = _insert_statement(described, names, org)
        for batch in chain([first], _batches(prepared)):
            connection.executemany(statement, batch)
            count += len(batch)
        if rebuild:
            create_indexes(connection, described)
        if "IsDeleted" in names:
            _log_deleted(org, described)
    return count


def _column(described: ObjectType, name: str) -> str:
    field = described.field(name)
    if field is None or not field.stored:
        raise unknown_field(name, described.name)
    return field.name


def _batches(rows: Iterator[list[object]]) -> Iterator[list[list[object]]]:
    while batch := list(islice(rows, _MANY)):
        yield batch


def _with_ids(
    org: "Org", described: ObjectType, names: list[str], rows: Iterable[list[object]]
) -> Iterator[list[object]]:
    name = described.name
    if "Id" not in names:
        for row in rows:
            yield [org.new_id(name), *row]
        return
    position = names.index("Id")
    for row in rows:
        if row[position] is None or row[position] == "":
            row[position] = org.new_id(name)
        yield row


def _insert_statement(described: ObjectType, names: list[str], org: "Org") -> str:
    """An INSERT that fills audit fields the caller left out from those it gave."""
    values = {name: _slot(described, name, position) for position, name in enumerate(names, start=1)}
    now = f"'{stamp_text(org.clock.now())}'"
    user = f"'{org.users.admin}'"
    given = {name: values.get(name, "NULL") for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")}
    created = f"coalesce({given['CreatedDate']}, {given['LastModifiedDate']}, {given['SystemModstamp']}, {now})"
    modified = f"coalesce({given['LastModifiedDate']}, {given['CreatedDate']}, {given['SystemModstamp']}, {now})"
    audit = {
        "CreatedDate": created,
        "LastModifiedDate": modified,
        "SystemModstamp": f"coalesce({given['SystemModstamp']}, {modified})",
        "CreatedById": f"coalesce({values.get('CreatedById', 'NULL')}, {user})",
        "LastModifiedById": f"coalesce({values.get('LastModifiedById', values.get('CreatedById', 'NULL'))}, {user})",
        "OwnerId": f"coalesce({values.get('OwnerId', 'NULL')}, {user})",
    }
    values |= {name: text for name, text in audit.items() if name in described.fields}
    columns = ", ".join(f'"{name}"' for name in values)
    return f'INSERT OR REPLACE INTO "{described.name}" ({columns}) VALUES ({", ".join(values.values())})'  # noqa: S608 - names come from the catalogue


def _slot(described: ObjectType, name: str, position: int) -> str:
    # '' is never stored: Salesforce knows no empty text, only null.
    plain = described.fields[name].type in REAL_TYPES | INTEGER_TYPES | {"id"}
    return f"?{position}" if plain else f"nullif(?{position}, '')"


def _log_deleted(org: "Org", described: ObjectType) -> None:
    stamp = "SystemModstamp" if "SystemModstamp" in described.fields else "CreatedDate"
    org.connection.execute(
        f"INSERT OR IGNORE INTO _deleted_log (object, id, deleted_at) "  # noqa: S608 - names come from the catalogue
        f'SELECT ?, Id, {stamp} FROM "{described.name}" WHERE IsDeleted = 1',
        (described.name,),
    )
    org.connection.execute(
        f'INSERT OR IGNORE INTO _bin SELECT ?, Id, Id FROM "{described.name}" WHERE IsDeleted = 1',  # noqa: S608 - see above
        (described.name,),
    )
