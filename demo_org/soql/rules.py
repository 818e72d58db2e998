"""What a statement may not contain although it can be parsed: the limits of semi-joins, scopes and FIELDS().

SOQL guide, "Semi-Joins with IN and Anti-Joins with NOT IN" and "FIELDS()".
"""

from collections.abc import Iterator

from demo_org.soql import syntax
from demo_org.soql.errors import SoqlError, error_at, unexpected

MOST_SEMI_JOINS = 2
MOST_WITH_FIELDS = 200
_SCOPES = frozenset({"EVERYTHING", "MINE"})
_NOT_INSIDE = frozenset(
    {"activityhistory", "attachment", "event", "eventattendee", "note", "openactivity", "task"}
)  # fmt: skip


def check(query: syntax.Query) -> None:
    """Refuse what Salesforce refuses before it looks at any record."""
    _check_scope(query)
    _check_aliases(query)
    _check_fields(query)
    found = list(_semi_joins(query.where, below_or=False))
    if len(found) > MOST_SEMI_JOINS:
        position = found[MOST_SEMI_JOINS][0].source.position
        reason = f"The maximum number of semi join sub-selects in a query is {MOST_SEMI_JOINS}"
        raise error_at(query.text, position, "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", reason)
    for inner, left, below_or in found:
        _check_semi_join(query, inner, left, below_or=below_or)
    for item in query.select:
        if isinstance(item, syntax.ChildQuery):
            check(item.query)


def _semi_joins(
    condition: syntax.Condition | None, *, below_or: bool
) -> Iterator[tuple[syntax.Query, syntax.Operand, bool]]:
    match condition:
        case syntax.Membership(left, syntax.Query() as inner, _):
            yield inner, left, below_or
        case syntax.And(parts) | syntax.Or(parts):
            for part in parts:
                yield from _semi_joins(part, below_or=below_or or isinstance(condition, syntax.Or))
        case syntax.Not(part):
            yield from _semi_joins(part, below_or=below_or)
        case _:
            return


def _check_semi_join(query: syntax.Query, inner: syntax.Query, left: syntax.Operand, *, below_or: bool) -> None:
    def refuse(reason: str) -> SoqlError:
        return error_at(query.text, inner.source.position, "MALFORMED_QUERY", reason)

    item = inner.select[0]
    if below_or:
        raise refuse("Semi join sub-selects are not allowed with the 'OR' operator")
    if isinstance(left, syntax.Call) or (len(left.names) > 1 and left.names[0].lower() != (query.alias or "").lower()):
        raise refuse("The left operand of a semi join sub-select cannot be a relationship or a function")
    if len(inner.select) != 1 or not isinstance(item, syntax.SelectField) or isinstance(item.operand, syntax.Call):
        raise refuse("Semi join sub-selects can only query one ID or reference field")
    if len(item.operand.names) > 1 and item.operand.names[0].lower() != (inner.alias or "").lower():
        raise refuse("Semi join sub-selects cannot select a field of a relationship")
    if inner.order_by or inner.group_by or inner.limit is not None or inner.offset is not None:
        raise refuse("Semi join sub-selects cannot have GROUP BY, ORDER BY, LIMIT or OFFSET")
    if any(_semi_joins(inner.where, below_or=False)):
        raise refuse("Nesting of semi join sub-selects is not supported")
    name = inner.source.names[-1].lower()
    if name in _NOT_INSIDE:
        raise refuse(f"Semi join sub-selects are not supported on {inner.source.names[-1]}")
    if name == query.source.names[-1].lower() and left.names[-1].lower() == item.operand.names[-1].lower() == "id":
        raise refuse("Semi join sub-selects cannot compare the ID of an object with the ID of the same object")


def _check_scope(query: syntax.Query) -> None:
    if query.scope is not None and query.scope.upper() not in _SCOPES:
        raise SoqlError("INVALID_QUERY_SCOPE", f"invalid query scope: {query.scope}")


def _check_aliases(query: syntax.Query) -> None:
    if query.aggregates:
        return
    for item in query.select:
        if isinstance(item, syntax.SelectField) and item.alias is not None and isinstance(item.operand, syntax.Path):
            raise error_at(
                query.text, item.operand.position, "MALFORMED_QUERY", "only aggregate expressions use field aliasing"
            )


def _check_fields(query: syntax.Query) -> None:
    for item in query.select:
        if not isinstance(item, syntax.AllFields):
            continue
        if query.aggregates:
            raise unexpected(query.text, item.position, "FIELDS")
        if item.kind != "STANDARD" and not _bounded(query):
            reason = f"The SOQL FIELDS function must have a LIMIT of at most {MOST_WITH_FIELDS}"
            raise error_at(query.text, item.position, "MALFORMED_QUERY", reason)


def _bounded(query: syntax.Query) -> bool:
    if query.limit is not None and query.limit <= MOST_WITH_FIELDS:
        return True
    return any(
        isinstance(each, syntax.Membership)
        and isinstance(each.values, syntax.Texts)
        and not each.negated
        and isinstance(each.left, syntax.Path)
        and each.left.names[-1].lower() == "id"
        and len(each.values.values) <= MOST_WITH_FIELDS
        for each in syntax.conjuncts(query.where)
    )
