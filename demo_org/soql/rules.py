"""What a statement may not contain although it can be parsed: the limits of semi-joins, child queries and FIELDS().

SOQL guide, "Semi-Joins with IN and Anti-Joins with NOT IN" and "FIELDS()".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from demo_org.soql import syntax
from demo_org.soql.context import VERSION
from demo_org.soql.errors import SoqlError, error_at, unexpected

MOST_SEMI_JOINS = 2
MOST_WITH_FIELDS = 200
MOST_CHILDREN = 20
NO_TAIL = "Non-grouped query that uses overall aggregate functions cannot also use {}"
#: levels of records in one statement, the outermost counted
DEEPEST_CHILDREN = 5
NESTED_SINCE = 58.0
_LINK_ENDS = frozenset({"contentdocumentid", "linkedentityid"})
_UNBOUND_LINKS = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or "
    "LinkedEntityId using the equals operator or multiple Id's using the IN operator."
)
_NOT_INSIDE = {
    name.lower(): name
    for name in ("ActivityHistory", "Attachment", "Event", "EventAttendee", "Note", "OpenActivity", "Task")
}


def check(query: syntax.Query, *, version: str = VERSION, level: int = 1) -> None:
    """Refuse what Salesforce refuses before it looks at any record."""
    _check_aliases(query)
    _check_fields(query)
    _check_locking(query)
    if query.counts and query.order_by:
        # SOQL guide, "COUNT()": not with ORDER BY; LIMIT bounds the number.
        raise SoqlError("MALFORMED_QUERY", NO_TAIL.format("ORDER BY"))
    _check_links(query)
    found = list(_semi_joins(query.where))
    if len(found) > MOST_SEMI_JOINS:
        position = found[MOST_SEMI_JOINS].inner.source.position
        reason = f"Maximum {MOST_SEMI_JOINS} semi join sub-selects are allowed"
        raise error_at(query.text, position, "EXCEEDED_MAX_SEMIJOIN_SUBSELECTS", reason)
    for each in found:
        _check_semi_join(query, each)
    _check_children(query, version=version, level=level)


@dataclass(frozen=True, slots=True)
class _SemiJoin:
    left: syntax.Operand
    inner: syntax.Query
    #: the signs around it, outermost first: And, Or, Not
    around: tuple[type[syntax.Condition], ...]


def _semi_joins(
    condition: syntax.Condition | None, around: tuple[type[syntax.Condition], ...] = ()
) -> Iterator[_SemiJoin]:
    match condition:
        case syntax.Membership(left, syntax.Query() as inner, _):
            yield _SemiJoin(left, inner, around)
        case syntax.And(parts) | syntax.Or(parts):
            for part in parts:
                yield from _semi_joins(part, (*around, type(condition)))
        case syntax.Not(part):
            yield from _semi_joins(part, around)
        case _:
            return


def _check_semi_join(query: syntax.Query, found: _SemiJoin) -> None:
    inner, left = found.inner, found.left

    def refuse(reason: str, position: int = inner.source.position) -> SoqlError:
        return error_at(query.text, position, "MALFORMED_QUERY", reason)

    if found.around == (syntax.Or,):
        raise refuse("Semi join sub-selects are not allowed with the 'OR' operator")
    if len(found.around) > 1:
        raise refuse(
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
            "expressions"
        )
    if not isinstance(left, syntax.Path):
        raise refuse("The left operand of a semi join sub-select cannot be a function", left.position)
    if _leads_away(left, query):
        raise refuse(f"The left operand '{left}' cannot have more than one level of relationships", left.position)
    _check_inner(inner, refuse)
    _check_links(inner)
    if inner.source.names[-1].lower() == query.source.names[-1].lower():
        raise refuse("The inner and outer selects should not be on the same object type")


def _check_inner(inner: syntax.Query, refuse: Callable[..., SoqlError]) -> None:
    item = inner.select[0]
    if len(inner.select) != 1 or not isinstance(item, syntax.SelectField) or not isinstance(item.operand, syntax.Path):
        raise refuse("Semi join sub-selects can only query one id field")
    if _leads_away(item.operand, inner):
        reason = f"The inner select field '{item.operand}' cannot have more than one level of relationships"
        raise refuse(reason, item.operand.position)
    if inner.group_by:
        raise SoqlError("MALFORMED_QUERY", "missing value at 'GROUP'")
    if inner.order_by or inner.limit is not None or inner.offset is not None or inner.purposes:
        raise refuse("Semi join sub-selects cannot have ORDER BY, LIMIT, OFFSET or FOR")
    if any(_semi_joins(inner.where)):
        raise refuse("Nesting of semi join sub-selects is not supported")
    name = inner.source.names[-1]
    if name.lower() in _NOT_INSIDE:
        raise refuse(f"Entity '{_NOT_INSIDE[name.lower()]}' is not supported for semi join inner selects")


def _leads_away(path: syntax.Path, query: syntax.Query) -> bool:
    """Whether the field is one of another record, reached by a lookup."""
    own = {query.source.names[-1].lower(), (query.alias or "").lower()}
    return len(path.names) > 2 or (len(path.names) > 1 and path.names[0].lower() not in own)


def _check_children(query: syntax.Query, *, version: str, level: int) -> None:
    children = [item for item in query.select if isinstance(item, syntax.ChildQuery)]
    deepest = DEEPEST_CHILDREN if float(version) >= NESTED_SINCE else 2
    for number, child in enumerate(children, start=1):
        if level == deepest:
            raise unexpected(query.text, child.position, "(")
        if number > MOST_CHILDREN:
            reason = f"A query can have at most {MOST_CHILDREN} parent-to-child relationships"
            raise error_at(query.text, child.position, "MALFORMED_QUERY", reason)
        if child.query.aggregates:
            position = child.query.source.position
            raise error_at(query.text, position, "MALFORMED_QUERY", "Only root queries support aggregate expressions")
        check(child.query, version=version, level=level + 1)


def _check_links(query: syntax.Query) -> None:
    """Links between files and records are found by one of their ends only."""
    if query.source.names[-1].lower() != "contentdocumentlink":
        return
    for each in syntax.conjuncts(query.where):
        match each:
            case syntax.Comparison(syntax.Path(names), syntax.Operator.EQUAL, syntax.Text()):
                bound = names[-1].lower() in _LINK_ENDS
            case syntax.Membership(syntax.Path(names), _, negated):
                bound = not negated and names[-1].lower() in _LINK_ENDS
            case _:
                bound = False
        if bound:
            return
    raise SoqlError("MALFORMED_QUERY", _UNBOUND_LINKS)


def _check_locking(query: syntax.Query) -> None:
    if "UPDATE" in query.purposes and query.order_by:
        # SOQL guide, "FOR UPDATE": records cannot be locked in an order.
        raise unexpected(query.text, query.order_by[0].operand.position, "ORDER BY")


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
