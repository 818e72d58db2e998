"""What part of a formula becomes: SQL, the kind of its value, and whether it may be blank."""

from dataclasses import dataclass
from enum import Enum

from demo_org.catalog.types import FieldType

ROW = "{row}"


class Kind(Enum):
    """What a value is."""

    NUMBER = "Number"
    TEXT = "Text"
    PICKLIST = "Picklist"
    BOOLEAN = "Boolean"
    DATE = "Date"
    INSTANT = "DateTime"
    NOTHING = "Null"


@dataclass(frozen=True, slots=True)
class Value:
    """A part of a formula in SQL."""

    sql: str
    kind: Kind
    #: the SQL before a blank number was made zero, which ISBLANK and BLANKVALUE look at
    raw: str = ""

    @property
    def blank_seen(self) -> str:
        """The SQL that is null where the value is blank."""
        return self.raw or self.sql


_KINDS = {
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.INSTANT,
    "int": Kind.NUMBER,
    "long": Kind.NUMBER,
    "double": Kind.NUMBER,
    "currency": Kind.NUMBER,
    "percent": Kind.NUMBER,
    "picklist": Kind.PICKLIST,
    "multipicklist": Kind.PICKLIST,
}


def kind_of(field: FieldType) -> Kind:
    """The kind of a field's value."""
    return _KINDS.get(field.type, Kind.TEXT)


def of_field(field: FieldType, sql: str, *, blank_is_zero: bool) -> Value:
    """A field's value; a percentage counts as its hundredth, 75 % as 0.75."""
    kind = kind_of(field)
    raw = f"({sql} / 100.0)" if field.type == "percent" else sql
    if kind is Kind.NUMBER and blank_is_zero:
        return Value(f"coalesce({raw}, 0)", kind, raw)
    return Value(raw, kind)


def literal(text: str) -> str:
    """A text as SQL; a brace must not look like the place of the record."""
    quoted = text.replace("'", "''")
    return "'" + quoted.replace("{", "' || char(123) || '") + "'"


def number(value: Value) -> str:
    """The SQL of a number to count with: a whole division must not cut off the rest."""
    return f"({value.sql})"


def text(value: Value) -> str:
    """The SQL of a text, empty where it is blank."""
    return f"coalesce({value.sql}, '')"


def truth(value: Value) -> str:
    """The SQL of a condition: true or false, never null."""
    return f"coalesce({value.sql}, 0)"


def instant(sql: str) -> str:
    """Seconds since 1970 as an instant in stored form."""
    return f"strftime('%Y-%m-%dT%H:%M:%S.000Z', CAST(round({sql}) AS INTEGER), 'unixepoch')"
