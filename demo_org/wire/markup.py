"""Reads XML that strangers send: no document types, hence no entities, and only so deep."""

import re
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

_IMPOSSIBLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot hold
_DEEPEST = 50  # elements within each other; more than any message of Salesforce's
_LARGEST = 10_000_000  # bytes


class MalformedMarkup(ValueError):
    """The text is no XML, or XML that nobody needs to send."""


@dataclass(slots=True)
class Element:
    """An element with its namespace ("" = none); the text is what lies between its tags, children's left out."""

    name: str
    namespace: str = ""
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text without white space around it."""
        return "".join(self.texts).strip()

    def child(self, name: str) -> "Element | None":
        """The first child of that name, in any namespace."""
        return next((each for each in self.children if each.name == name), None)

    def child_text(self, name: str) -> str:
        """The text of the first child of that name; empty if there is none."""
        found = self.child(name)
        return found.text if found is not None else ""


class _Reader:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002 - expat's signature
        namespace, _, local = name.rpartition(" ")
        element = Element(local, namespace)
        if len(self._open) >= _DEEPEST:
            raise MalformedMarkup("elements are nested too deeply")
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:  # noqa: ARG002 - expat's signature
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)

    def _refuse(self, *declared: object) -> None:  # noqa: ARG002 - expat's signature
        raise MalformedMarkup("a document type is not allowed")


def read_markup(data: bytes) -> Element:
    """The root element; MalformedMarkup says what is wrong with the text."""
    if len(data) > _LARGEST:
        raise MalformedMarkup("the document is too large")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)  # noqa: FBT003 - expat takes no names
    except (expat.ExpatError, LookupError, ValueError) as error:  # an unknown encoding is a LookupError
        raise MalformedMarkup(str(error)) from None
    if reader.root is None:
        raise MalformedMarkup("no element found")
    return reader.root


def element(name: str, value: object) -> str:
    """One element as text; None is written as xsi:nil, which its envelope must declare."""
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(_IMPOSSIBLE.sub('', text))}</{name}>"
