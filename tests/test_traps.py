"""Every trap that replicas fell into is a line of docs/traps.md with the tests that prove that we do not."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from source_tree import ROOT

_PAGE = ROOT / "docs" / "traps.md"
_TRAPS = ROOT / "tests" / "sync" / "run" / "traps"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
#: the word of a line that no test can prove yet
_WAITS = "waits"


def lines() -> list[tuple[str, str]]:
    """(trap, what proves it) of every line of the tables."""
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [(trap, proof) for trap, proof in rows if trap != "trap"]


@cache
def named_tests(path: Path) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize(("trap", "proof"), lines(), ids=lambda text: text[:40])
def test_each_trap_is_proven_by_tests_that_exist(trap: str, proof: str):
    """A line without a test, or with one that was renamed, is found here."""
    named = _TEST.findall(proof)

    assert named or proof.startswith(_WAITS), trap
    assert [name for path, name in named if name not in named_tests(ROOT / path)] == []


def test_each_test_of_a_trap_is_in_the_list():
    """Whoever writes one more says which trap it is about."""
    listed = {name for _, proof in lines() for _, name in _TEST.findall(proof)}
    written = {name for path in sorted(_TRAPS.glob("test_*.py")) for name in named_tests(path)}

    assert written - listed == set()


def test_the_list_holds_all_letters():
    """Loss at the cursor, deletions, transport, login, events: none of them is forgotten."""
    titles = re.findall(r"^## ([A-E])\. ", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert titles == ["A", "B", "C", "D", "E"]
