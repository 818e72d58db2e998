"""ORDER BY as SQL: nulls first unless said otherwise, texts without regard to capitals, equal keys by id."""

from demo_org.soql.errors import error_at
from demo_org.soql.operands import bind
from demo_org.soql.scope import Column, Scope

_SORTED_AS_STORED = frozenset(
    {"id", "reference", "boolean", "int", "long", "double", "currency", "percent", "date", "datetime", "time"}
)


def sort_columns(scope: Scope, *, aggregates: bool = False) -> list[Column]:
    """The columns of ORDER BY; a field that cannot be sorted by is refused."""
    found = []
    for key in scope.query.order_by:
        column = bind(scope, key.operand, aggregates=aggregates)
        if not column.field.sortable or column.field.compound:
            reason = f"field '{column.field.name}' can not be sorted in a query call"
            raise error_at(scope.query.text, key.operand.position, "INVALID_FIELD", reason)
        found.append(column)
    return found


def sort_keys(scope: Scope, *, by_index: bool = True, aggregates: bool = False) -> list[str]:
    """The keys for SQL's ORDER BY, ending in the id so that equal keys come in the same order every time.

    Without `by_index` the few records found are sorted, and the index of the ids is not walked to find them.
    """
    keys: list[str] = []
    own_id = scope.own("Id")
    for column, key in zip(sort_columns(scope, aggregates=aggregates), scope.query.order_by, strict=True):
        direction = " DESC" if key.descending else ""
        if column.sql == own_id:
            return [*keys, f"{'' if by_index and not keys else '+'}{own_id}{direction}"]
        sql = column.sql if column.field.type in _SORTED_AS_STORED else f"soql_fold({column.sql})"
        keys.append(f"{sql}{direction} NULLS {'FIRST' if key.nulls_first else 'LAST'}")
    return [*keys, f"+{own_id}"] if keys and not aggregates else keys
