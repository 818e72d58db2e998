"""Reads the text of a formula."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from demo_org.formula.errors import FormulaError
from demo_org.formula.syntax import Call, Negation, Node, Number, Operation, Reference, Text, Word

_TOKEN = re.compile(
    r"""\s+ | /\*.*?\*/
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>\$?[A-Za-z]\w*(?:\s*\.\s*[A-Za-z]\w*)*)
    | (?P<operator><>|!=|<=|>=|==|&&|\|\||[-+*/^&=<>(),!])""",
    re.VERBOSE | re.DOTALL,
)
#: from the loosest to the tightest
_LEVELS = (("||",), ("&&",), ("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",))
_SAME = {"==": "=", "!=": "<>"}
_WORDS = frozenset({"TRUE", "FALSE", "NULL"})
_DEEPEST = 40


class _Token(NamedTuple):
    kind: str
    text: str


def parse(text: str) -> Node:
    """The tree of a formula."""
    return _Reader(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FormulaError(f"Syntax error. Found '{text[position]}'")
        if match.lastgroup is not None:
            kept = match[match.lastgroup]
            found.append(_Token(match.lastgroup, _SAME.get(kept, kept)))
        position = match.end()
    return found


class _Reader:
    """The tokens, and how far they have been read."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        """The formula, with nothing behind it."""
        node = self._level(0)
        if self._next < len(self._tokens):
            raise FormulaError(f"Syntax error. Extra '{self._tokens[self._next].text}'")
        return node

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while self._peek() in _LEVELS[level]:
            operator = self._take()
            node = Operation(operator, node, self._level(level + 1))
        return node

    def _unary(self) -> Node:
        if self._peek() not in {"-", "+", "!"}:
            return self._primary()
        sign = self._take()
        with self._deeper():
            node = self._unary()
        if sign == "!":
            return Call("NOT", (node,))
        return Negation(node) if sign == "-" else node

    def _primary(self) -> Node:
        if self._next >= len(self._tokens):
            raise FormulaError("Syntax error. Unexpected end of formula")
        token = self._tokens[self._next]
        self._next += 1
        match token.kind:
            case "number":
                return Number(token.text)
            case "text":
                return Text(re.sub(r"\\(.)", r"\1", token.text[1:-1]))
            case "name":
                return self._named(re.sub(r"\s", "", token.text))
        if token.text != "(":
            raise FormulaError(f"Syntax error. Found '{token.text}'")
        return self._nested()

    def _nested(self) -> Node:
        with self._deeper():
            node = self._level(0)
            self._expect(")")
        return node

    def _named(self, name: str) -> Node:
        if self._peek() == "(":
            self._take()
            return Call(name.upper(), self._arguments())
        if name.upper() in _WORDS:
            return Word(name.upper())
        return Reference(tuple(name.split(".")))

    def _arguments(self) -> tuple[Node, ...]:
        found: list[Node] = []
        with self._deeper():
            if self._peek() != ")":
                found.append(self._level(0))
                while self._peek() == ",":
                    self._take()
                    found.append(self._level(0))
            self._expect(")")
        return tuple(found)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FormulaError("Formula is too deeply nested")
        yield
        self._depth -= 1

    def _peek(self) -> str | None:
        if self._next >= len(self._tokens) or self._tokens[self._next].kind != "operator":
            return None
        return self._tokens[self._next].text

    def _take(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1].text

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise FormulaError(f"Syntax error. Missing '{text}'")
        self._take()
