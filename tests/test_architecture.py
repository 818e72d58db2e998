"""The rules of the house that a program can watch; each names what breaks it, and where."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_tree import (
    PACKAGES,
    ROOT,
    imports_in,
    names_in,
    python_files,
    shown,
    table_rows,
    text_of,
    texts_in,
    tree_of,
    words_of,
)

#: what ends a transaction of the store
_ENDS_A_TRANSACTION = frozenset({"commit", "rollback", "begin", "begin_nested"})
#: what talks to Salesforce
_TRANSPORTS = frozenset({"httpx", "requests", "simple_salesforce", "urllib3", "aiohttp"})
_DRAWERS = frozenset({"util", "utils", "helper", "helpers", "common", "core", "misc", "shared", "lib", "tools", "base"})
#: made where the parts are put together, never when a module is imported
_STARTED = frozenset(
    {"FastAPI", "FastAPIOffline", "Starlette", "Store", "Client", "AsyncClient", "Session", "Engine", "create_engine"}
    | {"create_app", "BackgroundScheduler", "EmbeddedServer", "Thread", "Worker", "Connection", "connect"}
    | {"StoreSettings", "HttpSettings", "OidcSettings", "SalesforceSettings", "WorkerSettings"}
)
#: reads the clock
_CLOCKS = frozenset({"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns"})

_WRITTEN_IN_SQL = re.compile(
    r'\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|MERGE INTO)\s+((?:salesforce|cs|ops)\.(?:"?\w+"?|(?=\{)))'
)
_SUPPRESSION = re.compile(r"#\s*(?:ruff:\s*)?noqa\b(?P<rest>.*)|#\s*type:\s*ignore(?P<ignored>.*)")


def test_imports_run_in_one_direction():
    """The contracts in pyproject.toml hold: app over sync over models, the demo org apart."""
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


def test_only_the_session_module_ends_transactions():
    """Rows, watermark, briefs and events can only be kept together if nobody else commits."""
    found = [
        f"{shown(path)}:{node.lineno} {node.func.attr}()"
        for path in python_files("app", "sync", "models", "migrations")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _ENDS_A_TRANSACTION
        and shown(path) != "models/session.py"
    ]

    assert found == []


def test_only_one_package_of_the_pipeline_talks_over_the_network():
    """Time limits, retries and the count of API calls hold because there is one way out."""
    found = [
        f"{shown(path)}:{line} imports {name}"
        for path in python_files("sync", "models", "migrations")
        for name, line in imports_in(path)
        if name.split(".")[0] in _TRANSPORTS and "salesforce" not in path.relative_to(ROOT).parts
    ]

    assert found == []


def test_nothing_is_started_by_an_import():
    """Applications, clients, stores and settings are made in app/cli, so that a test can make its own."""
    found = [
        f"{shown(path)}:{node.lineno} {_called(node)}()"
        for path in python_files(*PACKAGES)
        for statement in tree_of(path).body
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and _called(node) in _STARTED
    ]

    assert found == []


def test_shaping_and_scope_read_no_clock():
    """The same records give the same brief and the same queries, whenever they are asked."""
    found = [
        f"{shown(path)}:{node.lineno} {_called(node)}()"
        for path in python_files("sync/scope", "sync/shape")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLOCKS
    ]

    assert found == []


def test_there_are_no_drawers():
    """A module without a name of its own has no place: no utils, helpers, common."""
    found = [shown(path) for path in python_files(*PACKAGES, "tests") if {path.stem, path.parent.name} & _DRAWERS]

    assert found == []


@pytest.mark.parametrize(
    ("banned", "instead", "folders", "allowed"),
    [pytest.param(*row, id=row[0]) for row in table_rows(text_of(ROOT / "docs/glossary.md"), head="banned")],
)
def test_one_word_per_idea(banned: str, instead: str, folders: str, allowed: str):
    """A word that the glossary bans occurs in no name of the code."""
    exceptions = set(re.findall(r"`(\w+)`", allowed))
    found = {
        f"{shown(path)}:{line} {name} (say {instead})"
        for path in python_files(*folders.split())
        for name, line in names_in(path)
        if name not in exceptions and {banned, banned + "s"} & set(words_of(name))
    }

    assert sorted(found) == []


@pytest.mark.parametrize(
    "banned",
    [row[0] for row in table_rows(text_of(ROOT / "docs/glossary.md"), head="banned") if len(row[2].split()) > 1],
)
def test_users_read_one_word_per_idea(banned: str):
    """A word that the glossary bans occurs in no text of the API and the command line."""
    found = [
        f"{shown(path)}:{line} {text[:60]!r}"
        for path in python_files("app")
        for text, line in texts_in(path)
        if re.search(rf"\b{banned}s?\b", text, re.IGNORECASE)
    ]

    assert found == []


def test_each_table_has_one_writing_module():
    """Whoever wonders how a row came about has one file to read."""
    writers: dict[str, set[str]] = defaultdict(set)
    for path in python_files("app", "sync", "models"):
        for table in _tables_written(path):
            writers[table].add(shown(path))
    several = {table: sorted(modules) for table, modules in sorted(writers.items()) if len(modules) > 1}

    assert "salesforce.*" in writers, "the mirror has no writer: the test looks for the wrong thing"
    assert several == {}


def test_every_suppression_has_its_reason():
    """A rule may be broken where somebody says why, on the same line, behind a dash."""
    found = []
    for path in python_files(*PACKAGES, "tests", "bench"):
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            match = _SUPPRESSION.search(line)
            if match is None or '"""' in line or "_SUPPRESSION" in line:
                continue
            rest = match["rest"] if match["rest"] is not None else match["ignored"]
            if not re.match(r"(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w, -]+\])\s+(?:- |# )\S", rest):
                found.append(f"{shown(path)}:{number} {line.strip()[-90:]}")

    assert found == []


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _tables_written(path: Path) -> Iterator[str]:
    """The tables that a file inserts into, updates or deletes from, by SQL text or by statement."""
    for table in _WRITTEN_IN_SQL.findall(text_of(path)):
        # A name in braces is one of the mirror's tables.
        yield table.replace('"', "") + ("*" if table.endswith(".") else "")
    tables = _tables_declared()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and _called(node) in {"insert", "update", "delete", "upsert"} and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name) and first.id in tables:
                yield tables[first.id]


def _tables_declared() -> dict[str, str]:
    """`ORG` -> `ops.org`, for every table that is not one of the mirror's."""
    found: dict[str, str] = {}
    for path in python_files("models"):
        for node in tree_of(path).body:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=variable)],
                    value=ast.Call(func=ast.Name(id="Table"), args=[ast.Constant(value=name), *_], keywords=keywords),
                ):
                    schema = next(each.value.value for each in keywords if each.arg == "schema")
                    found[variable] = f"{schema}.{name}"
    return found
