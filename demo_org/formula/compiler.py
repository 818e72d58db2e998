"""Turns a formula into SQL over the org's tables, with the kind of value the field promises.

A path through lookups becomes nested reads of the parent; a formula that names another formula contains it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from demo_org.catalog.types import FieldType, ObjectType
from demo_org.formula import functions
from demo_org.formula.errors import FormulaError
from demo_org.formula.operators import operate
from demo_org.formula.parser import parse
from demo_org.formula.syntax import Call, Negation, Node, Number, Operation, Reference, Text, Word
from demo_org.formula.values import ROW, Kind, Value, kind_of, literal, of_field

#: as many operators in a row or functions in one another; SQLite takes expressions a thousand levels deep
_LONGEST = 250
#: as many relationships as a formula may cross
_DEEPEST = 10
Find = Callable[[str], ObjectType]
_WORDS = {
    "TRUE": Value("1", Kind.BOOLEAN),
    "FALSE": Value("0", Kind.BOOLEAN),
    "NULL": Value("NULL", Kind.NOTHING),
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A formula in SQL; {row} stands for the alias of the record."""

    sql: str
    kind: Kind


@dataclass(slots=True)
class _Compiler:
    """What one formula knows while it is compiled."""

    find: Find
    blank_is_zero: bool
    #: formulas that are being compiled, outermost first
    under_way: list[tuple[str, str]] = field(default_factory=list)
    _aliases: int = 0
    _depth: int = 0

    def value(self, node: Node, described: ObjectType, row: str) -> Value:
        """A part of the formula, as it stands for the record under an alias."""
        self._depth += 1
        if self._depth > _LONGEST:
            raise FormulaError("Compiled formula is too big to execute")
        value = self._part(node, described, row)
        self._depth -= 1
        return value

    def _part(self, node: Node, described: ObjectType, row: str) -> Value:
        match node:
            case Number() | Text() | Word():
                return _literal(node)
            case Negation(inner):
                return Value(f"(-{self.value(inner, described, row).sql})", Kind.NUMBER)
            case Operation(operator, left, right):
                return operate(operator, self.value(left, described, row), self.value(right, described, row))
            case Call(name, arguments):
                return functions.call(name, [self.value(each, described, row) for each in arguments])
            case Reference(names):
                found, sql = self._path(names, described, row)
                return of_field(found, sql, blank_is_zero=self.blank_is_zero)

    def _path(self, names: tuple[str, ...], described: ObjectType, row: str) -> tuple[FieldType, str]:
        if len(names) > _DEEPEST:
            raise FormulaError(f"Too many relationships: {'.'.join(names)}")
        if len(names) == 1:
            found = described.field(names[0])
            if found is None or found.compound:
                raise FormulaError(f"Field {names[0]} does not exist. Check spelling.")
            return found, self._field(found, described, row)
        lookup = described.relationship(names[0])
        if lookup is None or not lookup.reference_to:
            raise FormulaError(f"Field {'.'.join(names)} does not exist. Check spelling.")
        parent = self.find("User" if "User" in lookup.reference_to else lookup.reference_to[0])
        self._aliases += 1
        alias = f"f{self._aliases}"
        found, sql = self._path(names[1:], parent, alias)
        read = f'SELECT {sql} FROM "{parent.name}" AS {alias} WHERE {alias}."Id" = {row}."{lookup.name}"'  # noqa: S608 - names come from the catalogue
        return found, f"({read})"

    def _field(self, found: FieldType, described: ObjectType, row: str) -> str:
        if found.formula is None or found.derivation is None:
            return found.sql(row)
        # A formula of its own: compiled anew, so that the aliases of its parents differ from ours.
        key = (described.name, found.name)
        if key in self.under_way:
            raise FormulaError(f"Formula field {found.name} refers to itself")
        inner = _Compiler(self.find, found.blank_is_zero, [*self.under_way, key], self._aliases)
        sql = _promised(inner.value(parse(found.formula), described, row), found)
        self._aliases = inner._aliases
        return sql


def _literal(node: Number | Text | Word) -> Value:
    match node:
        case Number(text):
            return Value(text, Kind.NUMBER)
        case Text(text):
            return Value(literal(text), Kind.TEXT)
        case Word(name):
            return _WORDS[name]


def compile_formula(promised: FieldType, described: ObjectType, find: Find) -> Compiled:
    """The formula of a field; a fault if it is wrong or gives another kind of value than the field promises."""
    assert promised.formula is not None, "only a formula can be compiled"
    compiler = _Compiler(find, promised.blank_is_zero, [(described.name, promised.name)])
    value = compiler.value(parse(promised.formula), described, ROW)
    wanted = kind_of(promised)
    got = Kind.TEXT if value.kind is Kind.PICKLIST else value.kind
    if got not in {wanted, Kind.NOTHING}:
        raise FormulaError(
            f"Formula result is data type ({got.value}), incompatible with expected data type ({wanted.value})."
        )
    return Compiled(_promised(value, promised), wanted)


def _promised(value: Value, promised: FieldType) -> str:
    """The value as the field holds it: rounded to its decimals, a percentage as a whole number of hundredths."""
    if promised.type == "boolean":
        return f"coalesce({value.sql}, 0)"
    if kind_of(promised) is not Kind.NUMBER:
        return f"({value.sql})"
    factor = " * 100" if promised.type == "percent" else ""
    return f"round(({value.sql}){factor} * 1.0, {promised.scale})"
