"""Reads a statement word by word, one word ahead, and refuses what is not a word of SOQL."""

import re
from dataclasses import dataclass

from demo_org.soql.errors import SoqlError, error_at, strange_character, unexpected

_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<text>'(?:[^'\\]|\\.)*')"
    r"|(?P<instant>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z_])"
    r"|(?P<name>[A-Za-z]\w*)"
    r"|(?P<sign><=|>=|<>|!=|[=<>(),.:])"
    r")",
    re.DOTALL | re.ASCII,
)
_BLANK = re.compile(r"\s*")
# An IN list of texts without escapes is taken whole: it may hold thousands of ids.
_TEXTS = re.compile(r"\s*\(\s*'[^'\\]*'(?:\s*,\s*'[^'\\]*')*\s*\)")
_TEXT = re.compile(r"'([^']*)'")
END = "<EOF>"
LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Token:
    """One word, sign or literal and where it stands."""

    kind: str
    text: str
    position: int

    @property
    def word(self) -> str:
        """The word in capitals; empty if it is no word."""
        return self.text.upper() if self.kind == "name" else ""


class Reader:
    """A statement and the place up to which it has been read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._after = 0
        self.token = self._scan()

    def advance(self) -> Token:
        """Take the present token and go on to the next."""
        taken = self.token
        self.token = self._scan()
        return taken

    def peek(self) -> Token:
        """The token after the present one."""
        kept, after = self.token, self._after
        following = self._scan()
        self.token, self._after = kept, after
        return following

    def at(self, *words: str) -> bool:
        """Whether the present token is one of these keywords or signs."""
        return (self.token.word or self.token.text) in words if self.token.kind in {"name", "sign"} else False

    def accept(self, *words: str) -> Token | None:
        """Take the present token if it is one of these keywords or signs."""
        return self.advance() if self.at(*words) else None

    def expect(self, word: str) -> Token:
        """Take the keyword or sign that must stand here."""
        if not self.at(word):
            raise self.unexpected()
        return self.advance()

    def name(self) -> Token:
        """Take a name."""
        if self.token.kind != "name":
            raise self.unexpected()
        return self.advance()

    def whole_number(self) -> int:
        """Take a number without sign and fraction."""
        token = self.token
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected()
        self.advance()
        if len(token.text) > len(str(LARGEST)) or int(token.text) > LARGEST:
            reason = "Number outside valid range"
            raise error_at(self.text, token.position, "NUMBER_OUTSIDE_VALID_RANGE", reason)
        return int(token.text)

    def plain_texts(self) -> tuple[str, ...] | None:
        """Take a whole list ('a', 'b') whose opening parenthesis is the present token, if there are no escapes."""
        found = self.matching(_TEXTS)
        return None if found is None else tuple(_TEXT.findall(self.text, found.start(), found.end()))

    def matching(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take what a pattern finds at the present token, if it finds anything."""
        found = pattern.match(self.text, self.token.position)
        if found is not None:
            self._after = found.end()
            self.token = self._scan()
        return found

    def unexpected(self, token: Token | None = None) -> SoqlError:
        """The error of a token (the present one) that cannot stand where it stands."""
        wrong = token or self.token
        return unexpected(self.text, wrong.position, wrong.text.strip("'") or wrong.text)

    def _scan(self) -> Token:
        found = _TOKEN.match(self.text, self._after)
        if found is None or found.lastgroup is None:
            blank = _BLANK.match(self.text, self._after)
            position = blank.end() if blank else self._after
            if position >= len(self.text):
                return Token("end", END, len(self.text))
            raise strange_character(self.text, position)
        self._after = found.end()
        return Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup))
