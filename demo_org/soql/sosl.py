"""SOSL, Salesforce's language for searching texts: FIND {words} IN NAME FIELDS RETURNING Account(Id, Name), Contact.

What is searched are the records themselves, so nothing waits for an index; a word is found as a whole word, * stands
for any letters and ? for one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from demo_org.errors import SalesforceFault

_FIND = re.compile(r"\s*FIND\s*\{(?P<term>(?:[^{}\\]|\\.)*)\}", re.IGNORECASE | re.DOTALL)
_GROUP = re.compile(r"\s*IN\s+(?P<group>ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS\b", re.IGNORECASE)
_RETURNING = re.compile(r"\s*RETURNING\b", re.IGNORECASE)
_OBJECT = re.compile(r"\s*(?P<name>\w+)\s*")
_LIMIT = re.compile(r"\s*LIMIT\s+(?P<limit>\d+)\s*\Z", re.IGNORECASE)
_INNER = re.compile(
    r"\s*(?P<fields>.*?)"
    r"(?:\s+WHERE\s+(?P<where>.*?))?"
    r"(?:\s+ORDER\s+BY\s+(?P<order>.*?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?"
    r"(?:\s+OFFSET\s+(?P<offset>\d+))?\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_WORD = re.compile(r'"(?P<phrase>[^"]*)"|(?P<sign>[()])|(?P<word>[^\s()"]+)')

NO_TERM = "No search term found. The search term must be enclosed in braces."
Matcher = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to answer of one object's records that were found."""

    object: str
    fields: tuple[str, ...] = ("Id",)
    where: str | None = None
    order: str | None = None
    limit: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A whole search."""

    term: str
    group: str = "ALL"
    #: empty means every object that can be searched
    wanted: tuple[Wanted, ...] = field(default=())
    limit: int | None = None


def parse_search(text: str) -> Search:
    """The search a SOSL statement stands for; a fault in Salesforce's words if it is none."""
    found = _FIND.match(text)
    if found is None:
        raise malformed(NO_TERM)
    rest, group = text[found.end() :], "ALL"
    in_fields = _GROUP.match(rest)
    if in_fields is not None:
        rest, group = rest[in_fields.end() :], in_fields["group"].upper()
    wanted: tuple[Wanted, ...] = ()
    returning = _RETURNING.match(rest)
    if returning is not None:
        listed, rest = _returned(rest[returning.end() :])
        wanted = tuple(listed)
    limit = _LIMIT.match(rest)
    if limit is None and rest.strip():
        raise malformed(f"unexpected token: {rest.split()[0]}")
    most = None if limit is None else int(limit["limit"])
    return Search(term=re.sub(r"\\(.)", r"\1", found["term"]), group=group, wanted=wanted, limit=most)


def matcher(term: str) -> Matcher:
    """Tells of a record's texts whether they hold what is searched: words, "phrases", AND, OR, AND NOT, parentheses."""
    if len(term.strip(' "')) < 2:
        raise malformed(f"search term must be longer than one character: {term.strip()}")
    tokens = list(_WORD.finditer(term))
    try:
        matches, after = _either(tokens, 0)
    except RecursionError:
        raise malformed("the search term has too many parentheses") from None
    if after < len(tokens):
        raise malformed(f"unexpected token: {tokens[after][0]}")
    return matches


def words_of(term: str) -> list[str]:
    """The words of a term without wildcards, any of which a record it finds must hold; the longest part of each."""
    return [
        max(re.split(r"[*?\s]", each["phrase"] or each["word"] or ""), key=len)
        for each in _WORD.finditer(term)
        if each["sign"] is None and (each["word"] or "").upper() not in {"AND", "OR", "NOT"}
    ]


def malformed(message: str) -> SalesforceFault:
    """The search can't be read."""
    return SalesforceFault(400, "MALFORMED_SEARCH", message)


def _returned(text: str) -> tuple[list[Wanted], str]:
    """The objects behind RETURNING, and what follows them."""
    found: list[Wanted] = []
    while True:
        name = _OBJECT.match(text)
        if name is None:
            raise malformed(f"unexpected token: {text.strip()[:20] or '<EOF>'}")
        text = text[name.end() :]
        inner = ""
        if text.startswith("("):
            end = _closing(text)
            inner, text = text[1:end], text[end + 1 :].lstrip()
        found.append(_wanted(name["name"], inner))
        if not text.startswith(","):
            return found, text
        text = text[1:]


def _wanted(name: str, inner: str) -> Wanted:
    parts = _INNER.match(inner)
    assert parts is not None, "every text matches"
    fields = tuple(each.strip() for each in parts["fields"].split(",") if each.strip())
    return Wanted(
        object=name,
        fields=fields or ("Id",),
        where=parts["where"],
        order=parts["order"],
        limit=None if parts["limit"] is None else int(parts["limit"]),
        offset=None if parts["offset"] is None else int(parts["offset"]),
    )


def _closing(text: str) -> int:
    """Where the parenthesis that the text begins with is closed; texts in quotes do not count."""
    depth = 0
    for found in re.finditer(r"'(?:[^'\\]|\\.)*'|[()]", text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    raise malformed("missing ) at '<EOF>'")


def _either(tokens: list[re.Match[str]], at: int) -> tuple[Matcher, int]:
    first, at = _both(tokens, at)
    options = [first]
    while at < len(tokens) and _is(tokens[at], "OR"):
        another, at = _both(tokens, at + 1)
        options.append(another)
    return (lambda texts: any(each(texts) for each in options)), at


def _both(tokens: list[re.Match[str]], at: int) -> tuple[Matcher, int]:
    """Conditions that must all hold: AND, AND NOT, or nothing between them."""
    conditions: list[Matcher] = []
    while at < len(tokens) and not _is(tokens[at], "OR") and tokens[at]["sign"] != ")":
        if _is(tokens[at], "AND"):
            at += 1
        negated = at < len(tokens) and _is(tokens[at], "NOT")
        condition, at = _single(tokens, at + negated)
        conditions.append(_negation(condition) if negated else condition)
    if not conditions:
        raise malformed(NO_TERM)
    return (lambda texts: all(each(texts) for each in conditions)), at


def _negation(condition: Matcher) -> Matcher:
    return lambda texts: not condition(texts)


def _single(tokens: list[re.Match[str]], at: int) -> tuple[Matcher, int]:
    if at >= len(tokens):
        raise malformed("unexpected token: <EOF>")
    token = tokens[at]
    if token["sign"] == "(":
        inner, at = _either(tokens, at + 1)
        if at >= len(tokens) or tokens[at]["sign"] != ")":
            raise malformed("missing ) at '<EOF>'")
        return inner, at + 1
    if token["sign"] == ")":
        raise malformed("unexpected token: )")
    pattern = re.compile("".join(_pattern(token["phrase"] or token["word"] or "")), re.IGNORECASE)
    return (lambda texts: any(pattern.search(each) for each in texts)), at + 1


def _pattern(words: str) -> Iterator[str]:
    yield r"(?<!\w)"
    for letter in words:
        yield {"*": r"\w*", "?": r"\w"}.get(letter, re.escape(letter))
    yield r"(?!\w)"


def _is(token: re.Match[str], word: str) -> bool:
    return (token["word"] or "").upper() == word
