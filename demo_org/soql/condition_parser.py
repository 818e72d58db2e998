"""Parses the conditions of WHERE and HAVING.

AND and OR at one level need parentheses, as in Salesforce; NOT takes one comparison or what stands in parentheses.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from demo_org.soql import syntax
from demo_org.soql.errors import error_at, unexpected
from demo_org.soql.literals import LONGEST_TEXT, date_value, instant_value, text_value, too_long
from demo_org.soql.operand_parser import operand
from demo_org.soql.reader import Reader
from demo_org.soql.relative_dates import takes_count
from demo_org.soql.syntax import Operator

_OPERATORS = {each.value: each for each in Operator} | {"<>": Operator.UNEQUAL}
_MONEY = re.compile(r"(?P<currency>[A-Za-z]{3})(?P<amount>-?\d+(?:\.\d+)?)(?![\w.])")
_DEEPEST = 200  # beyond it a statement is an attack, not a question
Subquery = Callable[[Reader], syntax.Query]


def condition(reader: Reader, subquery: Subquery, *, depth: int = 0) -> syntax.Condition:
    """A condition up to the token that cannot belong to it."""
    if depth > _DEEPEST:
        raise reader.unexpected()
    first = _term(reader, subquery, depth)
    if not reader.at("AND", "OR"):
        return first
    word = reader.token.word
    parts = [first]
    while reader.accept(word):
        parts.append(_term(reader, subquery, depth))
    if reader.at("AND", "OR"):
        raise reader.unexpected()
    return syntax.And(tuple(parts)) if word == "AND" else syntax.Or(tuple(parts))


def _term(reader: Reader, subquery: Subquery, depth: int) -> syntax.Condition:
    if depth > _DEEPEST:
        raise reader.unexpected()
    if reader.accept("NOT"):
        return syntax.Not(_term(reader, subquery, depth + 1))
    if reader.accept("("):
        inner = condition(reader, subquery, depth=depth + 1)
        reader.expect(")")
        return inner
    return _comparison(reader, subquery)


def _comparison(reader: Reader, subquery: Subquery) -> syntax.Condition:
    start = reader.token.position
    left = operand(reader)
    if reader.accept("NOT"):
        reader.expect("IN")
        return syntax.Membership(left, _members(reader, subquery, start), negated=True)
    if reader.accept("IN"):
        return syntax.Membership(left, _members(reader, subquery, start))
    chosen = reader.accept("INCLUDES", "EXCLUDES")
    if chosen is not None:
        return syntax.Choice(left, _texts(reader), excluded=chosen.word == "EXCLUDES")
    found = _OPERATORS.get(reader.token.word or reader.token.text)
    if found is None or reader.token.kind == "text":
        raise reader.unexpected()
    reader.advance()
    pattern = found is Operator.LIKE
    if pattern and reader.at("NULL"):
        raise reader.unexpected()
    return syntax.Comparison(left, found, _value(reader, pattern=pattern))


def _members(reader: Reader, subquery: Subquery, start: int) -> syntax.Texts | tuple[syntax.Value, ...] | syntax.Query:
    if not reader.at("("):
        raise _bind(reader) or reader.unexpected()
    position = reader.token.position
    plain = reader.plain_texts()
    if plain is not None:
        if max(map(len, plain)) > LONGEST_TEXT:
            raise too_long(reader.text, position)
        return syntax.Texts(plain, position)
    reader.expect("(")
    if reader.at(")"):
        # The whole comparison is the token that cannot stand there, not the parenthesis (release notes, summer 2024).
        raise unexpected(reader.text, start, reader.text[start : reader.token.position + 1])
    if reader.at("SELECT"):
        inner = subquery(reader)
        reader.expect(")")
        return inner
    values = [_value(reader)]
    while reader.accept(","):
        values.append(_value(reader))
    reader.expect(")")
    texts = [value.value for value in values if isinstance(value, syntax.Text)]
    return syntax.Texts(tuple(texts), position) if len(texts) == len(values) else tuple(values)


def _texts(reader: Reader) -> tuple[str, ...]:
    reader.expect("(")
    found = []
    while True:
        if reader.token.kind != "text":
            raise reader.unexpected()
        found.append(text_value(reader.text, reader.advance()))
        if not reader.accept(","):
            break
    reader.expect(")")
    return tuple(found)


def _value(reader: Reader, *, pattern: bool = False) -> syntax.Value:
    token = reader.token
    match token.kind:
        case "text":
            found: syntax.Value = syntax.Text(text_value(reader.text, token, pattern=pattern), token.position)
        case "number":
            found = syntax.Number(_number(reader), token.position)
        case "date":
            found = syntax.Day(date_value(reader.text, token), token.position)
        case "instant":
            found = syntax.Instant(instant_value(reader.text, token), token.position)
        case "name":
            return _named_value(reader)
        case _:
            raise _bind(reader) or reader.unexpected()
    reader.advance()
    return found


def _bind(reader: Reader) -> Exception | None:
    """The error of :variable, which only Apex can fill in."""
    if not reader.at(":"):
        return None
    reason = "Bind variables only allowed in Apex code"
    return error_at(reader.text, reader.token.position, "MALFORMED_QUERY", reason)


def _number(reader: Reader) -> Decimal:
    try:
        return Decimal(reader.token.text)
    except InvalidOperation:  # an exponent beyond all bounds
        raise reader.unexpected() from None


def _named_value(reader: Reader) -> syntax.Value:
    token = reader.token
    if token.word in {"TRUE", "FALSE"}:
        reader.advance()
        return syntax.Truth(token.word == "TRUE", token.position)
    if token.word == "NULL":
        reader.advance()
        return syntax.Null(token.position)
    counted = takes_count(token.word)
    if counted is None:
        money = reader.matching(_MONEY)
        if money is None:
            raise reader.unexpected()
        return syntax.Money(money["currency"].upper(), Decimal(money["amount"]), token.position)
    reader.advance()
    if not counted:
        return syntax.Relative(token.word, None, token.position)
    reader.expect(":")
    return syntax.Relative(token.word, reader.whole_number(), token.position)
