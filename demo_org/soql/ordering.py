"""ORDER BY as SQL: nulls first unless said otherwise, texts without regard to capitals, equal keys by id."""

from dataclasses import replace

from demo_org.soql.errors import SoqlError, error_at, unexpected
from demo_org.soql.operands import bind
from demo_org.soql.ranks import rank_sql
from demo_org.soql.scope import Column, Scope
from demo_org.soql.syntax import Call, holds_aggregate

MOST_KEYS = 32
_SORTED_AS_STORED = frozenset(
    {"id", "reference", "boolean", "int", "long", "double", "currency", "percent", "date", "datetime", "time"}
)
# A picklist is sorted by its own order, an amount by its worth, whatever is shown (SOQL guide, "toLabel()").
_ONLY_SHOWN = frozenset({"TOLABEL", "CONVERTCURRENCY", "FORMAT"})


def sort_columns(scope: Scope, *, aggregates: bool = False) -> list[Column]:
    """The columns of ORDER BY; a field that cannot be sorted by is refused."""
    found = []
    keys = scope.query.order_by
    if len(keys) > MOST_KEYS:
        reason = f"A query can be ordered by at most {MOST_KEYS} fields"
        raise error_at(scope.query.text, keys[MOST_KEYS].operand.position, "MALFORMED_QUERY", reason)
    for key in keys:
        if isinstance(key.operand, Call) and key.operand.name in _ONLY_SHOWN:
            raise unexpected(scope.query.text, key.operand.position, key.operand.name)
        column = bind(scope, key.operand, aggregates=aggregates)
        if not column.field.sortable or column.field.compound:
            reason = f"field '{column.field.name}' can not be sorted in a query call"
            raise error_at(scope.query.text, key.operand.position, "MALFORMED_QUERY", reason)
        found.append(replace(column, sql="NULL") if column.sql in scope.summed_up else column)
    return found


def sort_keys(scope: Scope, *, by_index: bool = True) -> list[str]:
    """The keys for SQL's ORDER BY, ending in the id so that equal keys come in the same order every time.

    Without `by_index` the few records found are sorted, and the index of the ids is not walked to find them.
    """
    keys: list[str] = []
    own_id = scope.own("Id")
    for column, key in zip(sort_columns(scope), scope.query.order_by, strict=True):
        direction = " DESC" if key.descending else ""
        if column.sql == own_id:
            return [*keys, f"{'' if by_index and not keys else '+'}{own_id}{direction}"]
        nulls = f"{direction} NULLS {'FIRST' if key.nulls_first else 'LAST'}"
        keys += [f"{each}{nulls}" for each in _compared(scope, column)]
    return [*keys, f"+{own_id}"] if keys else keys


def group_sort_keys(scope: Scope) -> list[tuple[str, str]]:
    """What groups are ordered by, and how; everything must be grouped by or be an aggregate."""
    grouped = {bind(scope, each).sql for each in scope.query.group_by} | {"NULL"}
    keys: list[tuple[str, str]] = []
    for column, key in zip(sort_columns(scope, aggregates=True), scope.query.order_by, strict=True):
        of_groups = holds_aggregate(key.operand) or (isinstance(key.operand, Call) and key.operand.name == "GROUPING")
        if not of_groups and column.sql not in grouped:
            raise SoqlError("MALFORMED_QUERY", f"Ordered field must be grouped or aggregated: {column.field.name}")
        how = f"{' DESC' if key.descending else ''} NULLS {'FIRST' if key.nulls_first else 'LAST'}"
        keys += [(each, how) for each in _compared(scope, column)]
    return keys


def _compared(scope: Scope, column: Column) -> list[str]:
    """What is compared: places in a picklist, worth in the company's currency, texts without regard to capitals."""
    currencies = scope.context.currencies
    if column.currency is not None and currencies is not None:
        return [currencies.corporate_sql(column.sql, column.currency)]
    if column.field.type in _SORTED_AS_STORED:
        return [column.sql]
    folded = f"soql_fold({column.sql})"
    if column.field.type == "picklist" and column.field.picklist_values:
        return [f"CASE WHEN {column.sql} IS NOT NULL THEN {rank_sql(column)} END", folded]
    return [folded]
