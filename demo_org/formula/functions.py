"""The functions of formulas in SQL: how many values each takes, of which kind, and what it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from demo_org.formula.errors import FormulaError
from demo_org.formula.operators import operate
from demo_org.formula.values import Kind, Value, instant, text, truth

_ANY = None
_TEXTS = (Kind.TEXT, Kind.PICKLIST, Kind.NOTHING)


@dataclass(frozen=True, slots=True)
class Function:
    """A function whose SQL is a pattern: {0} is its first value."""

    pattern: str
    gives: Kind
    takes: tuple[Kind | None, ...]
    #: how many of the values may be left out, and the pattern then
    short: str = ""


_N, _T, _D, _I, _B = Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.INSTANT, Kind.BOOLEAN
_PATTERNS = {
    "TODAY": Function("org_today()", _D, ()),
    "NOW": Function("org_now()", _I, ()),
    "ABS": Function("abs({0})", _N, (_N,)),
    "CEILING": Function("(CASE WHEN {0} < 0 THEN floor({0}) ELSE ceil({0}) END)", _N, (_N,)),
    "FLOOR": Function("(CASE WHEN {0} < 0 THEN ceil({0}) ELSE floor({0}) END)", _N, (_N,)),
    "MCEILING": Function("ceil({0})", _N, (_N,)),
    "MFLOOR": Function("floor({0})", _N, (_N,)),
    "ROUND": Function("round({0}, CAST({1} AS INTEGER))", _N, (_N, _N)),
    "MOD": Function("mod({0}, {1})", _N, (_N, _N)),
    "SQRT": Function("sqrt({0})", _N, (_N,)),
    "EXP": Function("exp({0})", _N, (_N,)),
    "LN": Function("ln({0})", _N, (_N,)),
    "LOG": Function("log10({0})", _N, (_N,)),
    "LEN": Function("length({0})", _N, (_T,)),
    "LEFT": Function("nullif(substr({0}, 1, CAST({1} AS INTEGER)), '')", _T, (_T, _N)),
    "RIGHT": Function("nullif(substr({0}, max(length({0}) - CAST({1} AS INTEGER), 0) + 1), '')", _T, (_T, _N)),
    "MID": Function("nullif(substr({0}, CAST({1} AS INTEGER), CAST({2} AS INTEGER)), '')", _T, (_T, _N, _N)),
    "UPPER": Function("upper({0})", _T, (_T,)),
    "LOWER": Function("lower({0})", _T, (_T,)),
    "TRIM": Function("nullif(trim({0}), '')", _T, (_T,)),
    "SUBSTITUTE": Function("replace({0}, {1}, {2})", _T, (_T, _T, _T)),
    "CONTAINS": Function("(instr({0}, {1}) > 0)", _B, (_T, _T)),
    "BEGINS": Function("(substr({0}, 1, length({1})) = {1})", _B, (_T, _T)),
    "FIND": Function("instr({1}, {0})", _N, (_T, _T)),
    "INCLUDES": Function("(instr(';' || {0} || ';', ';' || {1} || ';') > 0)", _B, (_T, _T)),
    "ISPICKVAL": Function("({0} = {1})", _B, (_T, _T)),
    "CASESAFEID": Function("{0}", _T, (_T,)),
    "VALUE": Function("CAST(nullif(trim({0}), '') AS REAL)", _N, (_T,)),
    "YEAR": Function("CAST(strftime('%Y', {0}) AS INTEGER)", _N, (_D,)),
    "MONTH": Function("CAST(strftime('%m', {0}) AS INTEGER)", _N, (_D,)),
    "DAY": Function("CAST(strftime('%d', {0}) AS INTEGER)", _N, (_D,)),
    "WEEKDAY": Function("(CAST(strftime('%w', {0}) AS INTEGER) + 1)", _N, (_D,)),
    "DATE": Function(
        "date(printf('%04d-%02d-%02d', CAST({0} AS INTEGER), CAST({1} AS INTEGER), CAST({2} AS INTEGER)))",
        _D, (_N, _N, _N),
    ),
    "DATEVALUE": Function("date(substr({0}, 1, 10))", _D, (_ANY,)),
    "DATETIMEVALUE": Function(instant("unixepoch({0})"), _I, (_ANY,)),
    "NOT": Function("(NOT {0})", _B, (_B,)),
    "ISNUMBER": Function("(trim({0}) GLOB '[-0-9.]*' AND trim({0}) NOT GLOB '?*[^0-9.]*')", _B, (_T,)),
}  # fmt: skip
#: how a last day of a month that is shorter is reached: 31 January + 1 month is 28 February
_ADDMONTHS = (
    "min(date({0}, 'start of month', CAST({1} AS INTEGER) || ' months', '+1 month', '-1 day'), "
    "date({0}, 'start of month', CAST({1} AS INTEGER) || ' months', (strftime('%d', {0}) - 1) || ' days'))"
)


def call(name: str, values: Sequence[Value]) -> Value:
    """A function applied to its values."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(name, values)
    function = _PATTERNS.get(name)
    if function is None:
        raise FormulaError(f"Unknown function {name}. Check spelling.")
    _count(name, values, len(function.takes), len(function.takes))
    given = [_fit(name, value, kind) for value, kind in zip(values, function.takes, strict=True)]
    return Value(function.pattern.format(*given), function.gives)


def _fit(name: str, value: Value, wanted: Kind | None) -> str:
    if wanted is Kind.TEXT:
        _demand(name, value, _TEXTS, "Text")
        return text(value)
    if wanted is Kind.BOOLEAN:
        _demand(name, value, (Kind.BOOLEAN,), "Boolean")
        return truth(value)
    if wanted is not None:
        _demand(name, value, (wanted, Kind.NOTHING), wanted.value)
    return f"({value.sql})"


def _if(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 3, 3)
    condition, yes, no = values
    _demand(name, condition, (Kind.BOOLEAN,), "Boolean")
    return Value(
        f"(CASE WHEN {truth(condition)} THEN {yes.sql} ELSE {no.sql} END)",
        _alike(name, [yes, no]),
        f"(CASE WHEN {truth(condition)} THEN {yes.blank_seen} ELSE {no.blank_seen} END)",
    )


def _case(name: str, values: Sequence[Value]) -> Value:
    if len(values) < 4 or len(values) % 2:
        raise FormulaError(f"Incorrect number of parameters for function '{name}()'. Received {len(values)}")
    subject, pairs, otherwise = values[0], values[1:-1], values[-1]
    whens = " ".join(
        f"WHEN {operate('=', subject, wanted).sql} THEN {result.sql}"
        for wanted, result in zip(pairs[::2], pairs[1::2], strict=True)
    )
    return Value(f"(CASE {whens} ELSE {otherwise.sql} END)", _alike(name, [*pairs[1::2], otherwise]))


def _both(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 1, 1000)
    for value in values:
        _demand(name, value, (Kind.BOOLEAN,), "Boolean")
    return Value("(" + f" {name} ".join(truth(value) for value in values) + ")", Kind.BOOLEAN)


def _is_blank(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 1, 1)
    return Value(f"(nullif({values[0].blank_seen}, '') IS NULL)", Kind.BOOLEAN)


def _blank_value(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 2, 2)
    return Value(f"coalesce(nullif({values[0].blank_seen}, ''), {values[1].sql})", _alike(name, values))


def _text(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 1, 1)
    value = values[0]
    if value.kind is Kind.NUMBER:
        whole = f"{value.sql} = CAST({value.sql} AS INTEGER)"
        return Value(f"CAST(CASE WHEN {whole} THEN CAST({value.sql} AS INTEGER) ELSE {value.sql} END AS TEXT)", _T)
    if value.kind is Kind.INSTANT:
        return Value(f"strftime('%Y-%m-%d %H:%M:%SZ', {value.sql})", _T)
    if value.kind is Kind.BOOLEAN:
        raise FormulaError("Incorrect parameter type for function 'TEXT()'. Expected Number, received Boolean")
    return Value(value.sql, _T)


def _extreme(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 1, 1000)
    for value in values:
        _demand(name, value, (Kind.NUMBER,), "Number")
    if len(values) == 1:
        return values[0]
    return Value(f"{name.lower()}({', '.join(value.sql for value in values)})", Kind.NUMBER)


def _add_months(name: str, values: Sequence[Value]) -> Value:
    _count(name, values, 2, 2)
    _demand(name, values[0], (Kind.DATE,), "Date")
    return Value(_ADDMONTHS.format(values[0].sql, values[1].sql), Kind.DATE)


_SPECIAL: dict[str, Callable[[str, Sequence[Value]], Value]] = {
    "IF": _if,
    "CASE": _case,
    "AND": _both,
    "OR": _both,
    "ISBLANK": _is_blank,
    "ISNULL": _is_blank,
    "BLANKVALUE": _blank_value,
    "NULLVALUE": _blank_value,
    "TEXT": _text,
    "MIN": _extreme,
    "MAX": _extreme,
    "ADDMONTHS": _add_months,
}


def _alike(name: str, values: Sequence[Value]) -> Kind:
    """The kind all results share; a blank fits each."""
    kinds = {Kind.TEXT if value.kind is Kind.PICKLIST else value.kind for value in values} - {Kind.NOTHING}
    if len(kinds) > 1:
        names = ", ".join(sorted(kind.value for kind in kinds))
        raise FormulaError(f"Incorrect parameter type for function '{name}()'. Received {names}")
    return kinds.pop() if kinds else Kind.NOTHING


def _demand(name: str, value: Value, kinds: Sequence[Kind], expected: str) -> None:
    if value.kind not in kinds:
        raise FormulaError(
            f"Incorrect parameter type for function '{name}()'. Expected {expected}, received {value.kind.value}"
        )


def _count(name: str, values: Sequence[Value], least: int, most: int) -> None:
    if not least <= len(values) <= most:
        raise FormulaError(
            f"Incorrect number of parameters for function '{name}()'. Expected {least}, received {len(values)}"
        )
