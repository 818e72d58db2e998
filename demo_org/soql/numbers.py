"""Writes doubles as Salesforce's CSV does: 15000.0, 0.5, but 8.0E7 from ten millions on.

That is the text of Java's Double.toString, seen in recorded Bulk results (9.9213206E7).
"""

_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7


def java_double(value: float | None) -> str | None:
    """The shortest digits that give the number back, in Java's form."""
    if value is None:
        return None
    value = float(value)
    size = abs(value)
    if value == 0 or _PLAIN_FROM <= size < _PLAIN_BELOW:
        return repr(value)
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.removeprefix("-").partition(".")
    shift = int(exponent or 0) + len(whole) - 1
    digits = (whole + fraction).lstrip("0")
    shift -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{shift}"


def csv_double(column: str) -> str:
    """SQL for the same text; only numbers that SQLite would write otherwise cost a call of Python."""
    return (
        f"CASE WHEN {column} IS NULL THEN '' "
        f"WHEN abs({column}) < 1e7 AND abs({column}) >= 1e-3 AND CAST(CAST({column} AS TEXT) AS REAL) = {column} "
        f"THEN CAST({column} AS TEXT) ELSE soql_double({column}) END"
    )
