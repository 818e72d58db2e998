"""Reads selected records and gives them the form of a REST reply.

Values are read when a page is asked for, by the ids the result holds; what was deleted meanwhile is missing.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from demo_org.soql.conditions import ConditionWriter
from demo_org.soql.context import Context
from demo_org.soql.ordering import sort_keys
from demo_org.soql.selection import Branch, ByType, Children, Compound, Leaf, Selection, related, types_by_prefix
from demo_org.soql.sql import Sql, is_true, joined
from demo_org.soql.syntax import conjuncts

Row = tuple[Any, ...]
Record = dict[str, Any]


def source_by_keys(context: Context, selection: Selection, *, key: str = "Id") -> Sql:
    """FROM and WHERE of the records whose key is in a JSON list, in the order of the list; its value comes first."""
    scope = selection.scope
    conditions = scope.live()
    if key != "Id":
        # The lookup to the parent must choose the index, whatever else is asked of the children.
        writer = ConditionWriter(context, scope, correlated=True)
        conditions += [is_true(writer.write(each)) for each in conjuncts(scope.query.where)]
    where = joined("AND", conditions or [Sql("1")])
    keys = "(SELECT key AS n, value AS v FROM json_each(?)) AS k"
    joins = "".join(f" {each}" for each in scope.joins)
    text = f"FROM {keys} CROSS JOIN {scope.table} ON {scope.own(key)} = k.v{joins} WHERE {where.text}"
    return Sql(text, where.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPages:
    """Where children go that do not fit in the page of their parents."""

    #: children of one record that are shown with it
    limit: int
    #: keeps the result that all children of a record are, and tells the address of its next page
    keep: Callable[[Selection, list[str]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaper:
    """Reads records in one transaction and puts them together."""

    context: Context
    connection: sqlite3.Connection
    version: str
    types: dict[str, str]
    #: None shows all children, however many
    pages: ChildPages | None = None

    @classmethod
    def over(
        cls, context: Context, connection: sqlite3.Connection, version: str, pages: ChildPages | None = None
    ) -> "Shaper":
        """A shaper for one page."""
        types = types_by_prefix(context.catalog)
        return cls(context=context, connection=connection, version=version, types=types, pages=pages)

    def records(self, selection: Selection, ids: Sequence[str]) -> list[Record]:
        """The records of the ids, in their order."""
        return self._shape(selection, [row[1:] for row in self._rows(selection, ids)])

    def _rows(self, selection: Selection, keys: Iterable[str], *, key: str = "Id") -> list[Row]:
        source = source_by_keys(self.context, selection, key=key)
        order = "" if key == "Id" else " ORDER BY " + ", ".join(["k.n", *sort_keys(selection.scope, by_index=False)])
        columns = ", ".join(_read_form(selection, each) for each in selection.expressions)
        text = f"SELECT k.v, {columns} {source.text}{order}"
        return self.connection.execute(text, (json.dumps(list(keys)), *source.values)).fetchall()

    def _shape(self, selection: Selection, rows: list[Row]) -> list[Record]:
        more = self._related(selection, rows)
        if not selection.nested:
            return self._flat(selection, rows)
        return [self._branch(selection.root, row, more) or {} for row in rows]

    def _flat(self, selection: Selection, rows: list[Row]) -> list[Record]:
        """Records without parents or children, the form most pages have, in as little work as possible."""
        leaves = {name: each for name, each in selection.root.entries.items() if isinstance(each, Leaf)}
        names = list(leaves)
        ticked = [name for name in names if leaves[name].field.type == "boolean"]
        binary = [name for name in names if leaves[name].field.type == "base64"]
        places = [leaves[name].index for name in names]
        direct = places == list(range(len(rows[0]) if rows else 0))
        kind, base = selection.root.object_name, self._address(selection.root.object_name or "", "")
        id_index = selection.root.id_index
        found = []
        for row in rows:
            record: Record = {"attributes": {"type": kind, "url": base + row[id_index]}}
            record.update(zip(names, row if direct else [row[place] for place in places], strict=True))
            for name in ticked:
                record[name] = record[name] == 1
            for name in binary:
                record[name] = record[name] and f"{base}{row[id_index]}/{name}"
            found.append(record)
        return found

    def _branch(self, branch: Branch, row: Row, more: dict[int, dict[str, Any]]) -> Record | None:
        record_id = row[branch.id_index]
        if record_id is None:
            return None
        kind = branch.object_name or self.types.get(record_id[:3], "Name")
        url = self._address(kind, record_id)
        record: Record = {"attributes": {"type": branch.object_name or "Name", "url": url}}
        for name, entry in branch.entries.items():
            match entry:
                case Leaf(index=index, field=field):
                    value = row[index]
                    if field.type == "boolean":
                        value = value == 1
                    elif field.type == "base64" and value is not None:
                        value = f"{url}/{name}"
                    record[name] = value
                case Compound(parts=parts):
                    values = {key: row[index] for key, index in parts}
                    record[name] = values if any(each is not None for each in values.values()) else None
                case Branch():
                    record[name] = self._branch(entry, row, more)
                case Children() | ByType():
                    key = row[entry.id_index] if isinstance(entry, ByType) else record_id
                    record[name] = more[id(entry)].get(key)
        return record

    def _related(self, selection: Selection, rows: list[Row]) -> dict[int, dict[str, Any]]:
        """What the records need from other tables, read for all of them at once."""
        found: dict[int, dict[str, Any]] = {}
        for entry in related(selection.root):
            if isinstance(entry, Children):
                found[id(entry)] = self._children(entry, [row[selection.root.id_index] for row in rows])
            else:
                found[id(entry)] = self._by_type(entry, {row[entry.id_index] for row in rows} - {None})
        return found

    def _children(self, entry: Children, parents: list[str]) -> dict[str, Any]:
        sets: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows(entry.selection, parents, key=entry.lookup):
            sets[row[0]].append(row[1:])
        first = entry.query.offset or 0
        last = None if entry.query.limit is None else first + entry.query.limit
        found = {}
        for parent, rows in sets.items():
            if wanted := rows[first:last]:
                found[parent] = self._child_set(entry.selection, wanted)
        return found

    def _child_set(self, selection: Selection, rows: list[Row]) -> dict[str, Any]:
        """The children of one record as a result of their own; a long one has pages of its own, too."""
        result: dict[str, Any] = {"totalSize": len(rows), "done": True}
        if self.pages is not None and len(rows) > self.pages.limit:
            ids = [row[selection.root.id_index] for row in rows]
            result |= {"done": False, "nextRecordsUrl": self.pages.keep(selection, ids)}
            rows = rows[: self.pages.limit]
        return result | {"records": self._shape(selection, rows)}

    def _by_type(self, entry: ByType, ids: set[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for prefix, selection in entry.selections.items():
            wanted = sorted(each for each in ids if each.startswith(prefix))
            rows = self._rows(selection, wanted)
            found |= {
                row[0]: record for row, record in zip(rows, self._shape(selection, [r[1:] for r in rows]), strict=True)
            }
        return found

    def _address(self, kind: str, record_id: str) -> str:
        return f"/services/data/v{self.version}/sobjects/{kind}/{record_id}"


def _read_form(selection: Selection, sql: str) -> str:
    """Instants leave SQLite in the form REST sends: an offset without a colon instead of the Z."""
    return f"substr({sql}, 1, 23) || '+0000'" if sql in selection.instants else sql
