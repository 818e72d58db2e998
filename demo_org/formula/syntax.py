"""What a formula is made of."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """TRUE, FALSE or NULL."""

    name: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of the record, or of one its lookups lead to: Account.Owner.Name."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Two values with an operator between them."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Negation:
    """A number with a minus in front."""

    value: "Node"


Node: TypeAlias = Number | Text | Word | Reference | Call | Operation | Negation
