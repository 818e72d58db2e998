"""The operators of formulas in SQL."""

from demo_org.formula.errors import FormulaError
from demo_org.formula.values import Kind, Value, instant, number, text, truth

_TEXTS = frozenset({Kind.TEXT, Kind.PICKLIST, Kind.NOTHING})
_TIMES = frozenset({Kind.DATE, Kind.INSTANT})


def operate(operator: str, left: Value, right: Value) -> Value:
    """Two values and what stands between them."""
    if operator in {"&&", "||"}:
        word = "AND" if operator == "&&" else "OR"
        return Value(f"({truth(left)} {word} {truth(right)})", Kind.BOOLEAN)
    if operator in {"=", "<>", "<", ">", "<=", ">="}:
        return _compare(operator, left, right)
    if operator == "&" or (operator == "+" and left.kind in _TEXTS and right.kind in _TEXTS):
        return _concatenate(left, right)
    return _calculate(operator, left, right)


def _calculate(operator: str, left: Value, right: Value) -> Value:
    if operator in {"+", "-"} and (left.kind in _TIMES or right.kind in _TIMES):
        return _shift(operator, left, right)
    _demand(operator, left, right)
    if operator == "/":
        return Value(f"({number(left)} * 1.0 / nullif({number(right)}, 0))", Kind.NUMBER)
    if operator == "^":
        return Value(f"pow({number(left)}, {number(right)})", Kind.NUMBER)
    return Value(f"({number(left)} {operator} {number(right)})", Kind.NUMBER)


def _compare(operator: str, left: Value, right: Value) -> Value:
    if Kind.NOTHING in {left.kind, right.kind}:
        other = right if left.kind is Kind.NOTHING else left
        empty = f"nullif({other.blank_seen}, '') IS {'' if operator == '=' else 'NOT '}NULL"
        return Value(f"({empty})", Kind.BOOLEAN)
    if left.kind in _TEXTS and right.kind in _TEXTS:
        return Value(f"({text(left)} {operator} {text(right)})", Kind.BOOLEAN)
    if left.kind is not right.kind:
        raise FormulaError(f"Incorrect parameter type for operator '{operator}'. Expected {left.kind.value}, "
                           f"received {right.kind.value}")  # fmt: skip
    return Value(f"coalesce({left.sql} {operator} {right.sql}, 0)", Kind.BOOLEAN)


def _concatenate(left: Value, right: Value) -> Value:
    for value in (left, right):
        if value.kind not in _TEXTS:
            raise FormulaError(f"Incorrect parameter type for operator '&'. Expected Text, received {value.kind.value}")
    return Value(f"nullif({text(left)} || {text(right)}, '')", Kind.TEXT)


def _shift(operator: str, left: Value, right: Value) -> Value:
    """A day or an instant moved by days, or the days between two of them."""
    if operator == "-" and left.kind is right.kind:
        if left.kind is Kind.DATE:
            return Value(f"CAST(julianday({left.sql}) - julianday({right.sql}) AS INTEGER)", Kind.NUMBER)
        return Value(f"((unixepoch({left.sql}) - unixepoch({right.sql})) / 86400.0)", Kind.NUMBER)
    if left.kind is Kind.NUMBER and operator == "+":
        left, right = right, left
    if right.kind is not Kind.NUMBER:
        raise FormulaError(f"Incorrect parameter type for operator '{operator}'. Expected Number, "
                           f"received {right.kind.value}")  # fmt: skip
    if left.kind is Kind.DATE:
        return Value(f"date({left.sql}, CAST(0 {operator} {number(right)} AS INTEGER) || ' days')", Kind.DATE)
    return Value(instant(f"unixepoch({left.sql}) {operator} {number(right)} * 86400"), Kind.INSTANT)


def _demand(operator: str, *values: Value) -> None:
    for value in values:
        if value.kind not in {Kind.NUMBER, Kind.NOTHING}:
            raise FormulaError(
                f"Incorrect parameter type for operator '{operator}'. Expected Number, received {value.kind.value}"
            )
