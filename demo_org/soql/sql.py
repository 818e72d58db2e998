"""Pieces of SQLite SQL with the values that belong to them, and the functions SQLite lacks for SOQL.

Names of tables and columns come from the catalogue; whatever a client wrote travels as a bound value.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo_org.soql.formatting import formatted, local
from demo_org.soql.geodesy import distance
from demo_org.soql.numbers import java_double

if TYPE_CHECKING:
    from demo_org.store import Org

Bound = str | int | float
_WIDEST = 100


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression and its values, in the order of their question marks."""

    text: str
    values: tuple[Bound, ...] = ()


def joined(word: str, parts: Iterable[Sql]) -> Sql:
    """The parts, each in parentheses, with AND or OR between them."""
    listed = list(parts)
    # SQLite takes expressions a thousand levels deep, and a chain is as deep as it is long.
    while len(listed) > _WIDEST:
        listed = [joined(word, listed[first : first + _WIDEST]) for first in range(0, len(listed), _WIDEST)]
    text = f" {word} ".join(f"({part.text})" for part in listed)
    return Sql(text, tuple(value for part in listed for value in part.values))


def is_true(part: Sql) -> Sql:
    """The same condition, in a form that SQLite cannot use to choose an index or the order of a join.

    Only comparisons at the top of WHERE are looked at by its planner (SQLite, "The SQLite Query Optimizer Overview").
    """
    return Sql(f"({part.text}) IS TRUE", part.values)


def is_not_true(part: Sql) -> Sql:
    """The contrary of a condition; a comparison with null counts as not fulfilled."""
    return Sql(f"({part.text}) IS NOT TRUE", part.values)


def quoted(name: str) -> str:
    """A name of the catalogue as SQL."""
    return f'"{name}"'


def fold(text: str | None) -> str | None:
    """The form in which texts are compared, so that capitals make no difference."""
    return None if text is None else text.lower()


def ready(org: "Org", connection: sqlite3.Connection) -> None:
    """Make sure the connection knows our functions; asked before every statement, works once."""
    if not _installed(connection):
        org.prepare_connections(_install)


def _installed(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("SELECT soql_fold('')")
    except sqlite3.OperationalError:
        return False
    return True


def _install(connection: sqlite3.Connection) -> None:
    # Defining a function again fails while a statement of the connection is open.
    if not _installed(connection):
        connection.create_function("soql_double", 1, java_double, deterministic=True)
        connection.create_function("soql_distance", 5, distance, deterministic=True)
        connection.create_function("soql_format", 7, formatted, deterministic=True)
        connection.create_function("soql_local", 2, local, deterministic=True)
        connection.create_function("soql_fold", 1, fold, deterministic=True)
