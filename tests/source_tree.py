"""The source of the project as the tests about it see it: files, syntax trees, names and texts."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "sync", "models", "migrations", "demo_org")


def python_files(*folders: str) -> list[Path]:
    """Every Python file below some folders of the project, in order."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def shown(path: Path) -> str:
    """A path as the reader of a failed test wants it."""
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(path: Path) -> str:
    """The source of a file."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(text_of(path))


def names_in(path: Path) -> Iterator[tuple[str, int]]:
    """Every name that a file gives or uses, and its own name, each with a line."""
    yield path.stem, 1
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.Name():
                yield node.id, node.lineno
            case ast.Attribute():
                yield node.attr, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.keyword(arg=str(name)):
                yield name, node.value.lineno


def texts_in(path: Path) -> Iterator[tuple[str, int]]:
    """Every text of a file, docstrings among them (the command line and the API show theirs)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def imports_in(path: Path) -> Iterator[tuple[str, int]]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module, node.lineno


def words_of(name: str) -> list[str]:
    """The words of a name in either spelling: `brief_document` and `BriefDocument` both have two."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def table_rows(markdown: str, *, head: str) -> list[list[str]]:
    """The cells of the table of a page whose head row begins with `head`, row by row."""
    lines = iter(markdown.splitlines())
    for line in lines:
        if line.startswith(f"| {head} |"):
            next(lines)
            break
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split(" |")])
    return rows
