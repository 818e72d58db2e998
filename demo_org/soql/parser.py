"""Parses a SOQL statement by recursive descent; what it gives is described in syntax."""

from demo_org.soql import syntax
from demo_org.soql.clauses import purposes, refuse_with
from demo_org.soql.condition_parser import condition
from demo_org.soql.errors import SoqlError, unexpected
from demo_org.soql.operand_parser import operand, path
from demo_org.soql.reader import Reader, Token

LONGEST_STATEMENT = 100_000
LARGEST_OFFSET = 2000
_DEEPEST = 10  # what is nested deeper is an attack; the rules refuse much less than that
# Words that cannot be an alias, because they begin what follows.
_RESERVED = frozenset(
    {
        "AND", "ASC", "DESC", "EXCLUDES", "FIRST", "FROM", "GROUP", "HAVING", "IN", "INCLUDES", "LAST", "LIKE", "LIMIT",
        "NOT", "NULL", "NULLS", "OR", "SELECT", "USING", "WHERE", "WITH", "ORDER", "OFFSET", "FOR", "BY",
        "ALL", "UPDATE",
    }
)  # fmt: skip


def parse(text: str) -> syntax.Query:
    """The statement as a tree; a SoqlError with the place of the mistake if it is none."""
    if len(text) > LONGEST_STATEMENT:
        message = f"SOQL statements cannot be longer than {LONGEST_STATEMENT} characters."
        raise SoqlError("MALFORMED_QUERY", message)
    reader = Reader(text)
    query = _query(reader, depth=0)
    if reader.token.kind != "end":
        raise reader.unexpected()
    return query


def _query(reader: Reader, *, depth: int) -> syntax.Query:
    if depth > _DEEPEST:
        raise reader.unexpected()

    def inner(within: Reader) -> syntax.Query:
        return _query(within, depth=depth + 1)

    first = reader.expect("SELECT")
    if reader.at("FROM"):
        # Both words together are what cannot stand there (release notes, summer 2024).
        raise unexpected(reader.text, first.position, reader.text[first.position : reader.token.position + 4])
    select = [_select_item(reader, depth)]
    while reader.accept(","):
        select.append(_select_item(reader, depth))
    reader.expect("FROM")
    source, alias, joined = _from(reader)
    scope = _scope(reader)
    where = condition(reader, inner) if reader.accept("WHERE") else None
    refuse_with(reader)
    subtotals, group_by = _group_by(reader)
    having = condition(reader, inner) if group_by and reader.accept("HAVING") else None
    order_by = _order_by(reader)
    limit = reader.whole_number() if reader.accept("LIMIT") else None
    return syntax.Query(
        select=tuple(select),
        source=source,
        alias=alias,
        joined=joined,
        scope=scope,
        where=where,
        group_by=group_by,
        subtotals=subtotals,
        having=having,
        order_by=order_by,
        limit=limit,
        offset=_offset(reader),
        purposes=purposes(reader),
        text=reader.text,
    )


def _select_item(reader: Reader, depth: int) -> syntax.SelectItem:
    opened = reader.accept("(")
    if opened is not None:
        inner = _query(reader, depth=depth + 1)
        reader.expect(")")
        return syntax.ChildQuery(inner, opened.position)
    if reader.at("TYPEOF") and reader.peek().kind == "name":
        return _type_of(reader)
    if reader.at("FIELDS") and reader.peek().text == "(":
        return _all_fields(reader)
    return _select_field(reader)


def _select_field(reader: Reader) -> syntax.SelectField:
    chosen = operand(reader)
    if reader.token.kind != "name" or reader.token.word in _RESERVED:
        return syntax.SelectField(chosen)
    following = reader.peek()
    # `select Id fro Account`: the mistake is the word where FROM should be, not what follows it.
    if following.text != "," and following.word != "FROM":
        raise reader.unexpected()
    return syntax.SelectField(chosen, reader.advance().text)


def _type_of(reader: Reader) -> syntax.TypeOf:
    reader.expect("TYPEOF")
    lookup = path(reader)
    branches = []
    while reader.accept("WHEN"):
        name = path(reader)
        reader.expect("THEN")
        branches.append((name, _paths(reader)))
    if not branches:
        raise reader.unexpected()
    otherwise = _paths(reader) if reader.accept("ELSE") else ()
    reader.expect("END")
    return syntax.TypeOf(lookup, tuple(branches), otherwise)


def _paths(reader: Reader) -> tuple[syntax.Path, ...]:
    found = [path(reader)]
    while reader.accept(","):
        found.append(path(reader))
    return tuple(found)


def _all_fields(reader: Reader) -> syntax.AllFields:
    position = reader.advance().position
    reader.expect("(")
    kind = reader.accept("ALL", "STANDARD", "CUSTOM")
    if kind is None:
        raise reader.unexpected()
    reader.expect(")")
    return syntax.AllFields(kind.word, position)


def _from(reader: Reader) -> tuple[syntax.Path, str | None, tuple[tuple[syntax.Path, str], ...]]:
    source = path(reader)
    alias = _alias(reader)
    joined = []
    while reader.accept(","):
        further = path(reader)
        name = _alias(reader)
        if name is None:
            raise reader.unexpected()
        joined.append((further, name))
    return source, alias, tuple(joined)


def _alias(reader: Reader) -> str | None:
    reader.accept("AS")
    token = reader.token
    return reader.advance().text if token.kind == "name" and token.word not in _RESERVED else None


def _scope(reader: Reader) -> str | None:
    if not reader.accept("USING"):
        return None
    word = reader.name()
    if word.word != "SCOPE":
        raise reader.unexpected(word)
    return reader.name().text


def _group_by(reader: Reader) -> tuple[str | None, tuple[syntax.Operand, ...]]:
    if not reader.accept("GROUP"):
        return None, ()
    reader.expect("BY")
    subtotals = None
    if reader.at("ROLLUP", "CUBE") and reader.peek().text == "(":
        subtotals = reader.advance().word
        reader.expect("(")
    found = [operand(reader)]
    while reader.accept(","):
        found.append(operand(reader))
    if subtotals is not None:
        reader.expect(")")
    return subtotals, tuple(found)


def _order_by(reader: Reader) -> tuple[syntax.Sorting, ...]:
    if not reader.accept("ORDER"):
        return ()
    reader.expect("BY")
    found = [_sorting(reader)]
    while reader.accept(","):
        found.append(_sorting(reader))
    return tuple(found)


def _sorting(reader: Reader) -> syntax.Sorting:
    key = operand(reader)
    direction = reader.accept("ASC", "DESC")
    place: Token | None = None
    if reader.accept("NULLS"):
        place = reader.accept("FIRST", "LAST")
        if place is None:
            raise reader.unexpected()
    return syntax.Sorting(
        key,
        descending=direction is not None and direction.word == "DESC",
        nulls_first=place is None or place.word == "FIRST",
    )


def _offset(reader: Reader) -> int | None:
    if not reader.accept("OFFSET"):
        return None
    rows = reader.whole_number()
    if rows > LARGEST_OFFSET:
        # Recorded from a real org: the text stands alone, without an excerpt.
        raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {LARGEST_OFFSET}")
    return rows
