"""The pages under docs/ say what the code does: what can be compared is compared."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from source_tree import ROOT, python_files, shown, table_rows, text_of, tree_of

from app.cli.main import app as command_line
from app.main import create_app
from app.settings import HttpSettings, OidcSettings
from demo_org.manual import rewritten
from demo_org.wire.control.acts import ACTS
from demo_org.wire.settings import settable
from models.mirror import MIRRORS
from models.schema import metadata
from models.session import Store
from models.settings import BatonSettings, StoreSettings
from sync.settings import SalesforceSettings, WorkerSettings
from sync.shape.aggregate import Aggregate
from sync.shape.brief import shape_brief
from sync.shape.completeness import REQUIRED

SETTINGS: tuple[type[BatonSettings], ...] = (
    StoreSettings, HttpSettings, OidcSettings, SalesforceSettings, WorkerSettings,
)  # fmt: skip
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def page(name: str) -> str:
    """The text of a page under docs/."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def variables() -> Iterator[tuple[str, str]]:
    """Each setting's variable, and its default as the page writes it ("" where there is nothing to write)."""
    for settings in SETTINGS:
        prefix = settings.model_config.get("env_prefix", "")
        for name, field in settings.model_fields.items():
            default = "" if field.default in {None, PydanticUndefined, ""} else str(field.default)
            yield f"{prefix}{name}".upper(), default
            if SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ())):
                yield f"{prefix}{name}_FILE".upper(), ""


def command_names() -> list[str]:
    """Every command that can be typed, as `sync run`."""

    def below(command: click.Command, words: tuple[str, ...]) -> Iterator[str]:
        commands = getattr(command, "commands", None)
        if commands is None:
            yield " ".join(words)
            return
        for name, each in commands.items():
            yield from below(each, (*words, name))

    return sorted(below(typer.main.get_command(command_line), ()))


def error_codes() -> list[str]:
    """The code of every error that the code declares, except the parents that are never raised."""
    codes = set()
    for path in python_files("app", "sync", "models"):
        for owner in ast.walk(tree_of(path)):
            if not isinstance(owner, ast.ClassDef):
                continue
            for node in owner.body:
                match node:
                    case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
                        codes.add(code)
    return sorted(codes - {"retry", "wait", "skip", "stop"})


@pytest.mark.parametrize(("variable", "default"), [pytest.param(*each, id=each[0]) for each in variables()])
def test_every_setting_is_described_with_its_default(variable: str, default: str):
    """Whoever sets something finds its name, its default and its meaning in one place."""
    lines = [line for line in page("settings.md").splitlines() if f"`{variable}`" in line]

    assert lines, f"docs/settings.md does not name {variable}"
    assert default in lines[0]


def test_every_described_setting_exists():
    """A setting that was removed or renamed does not linger on the page."""
    real = {variable for variable, _ in variables()}

    assert set(re.findall(r"`(BATON_[A-Z_]+)`", page("settings.md"))) - real == set()


@pytest.mark.parametrize("command", command_names())
def test_every_command_is_described(command: str):
    """What `baton --help` lists is explained."""
    assert f"baton {command}" in page("command-line.md")


@pytest.mark.parametrize("code", error_codes())
def test_every_error_says_what_to_do_in_operations(code: str):
    """Whoever meets a code in a log finds it on the page."""
    assert f"| `{code}` |" in page("operations.md")


@pytest.mark.parametrize("table", sorted(str(table) for table in metadata.tables.values() if table.schema == "ops"))
def test_every_operations_table_is_described(table: str):
    """Whoever looks into the database knows what a table tells."""
    assert f"| `{table}` |" in page("operations.md")


@pytest.mark.parametrize("object_name", sorted(MIRRORS))
def test_every_mirrored_object_says_when_it_belongs_to_a_deal(object_name: str):
    """The page lists the whole closure."""
    named = " ".join(row[0] for row in table_rows(page("sync.md"), head="object"))

    assert re.search(rf"\b{object_name}\b", named)


def test_every_path_of_the_api_is_described():
    """The page lists all resources, and none that is gone."""
    store = Store("postgresql+psycopg://nobody@127.0.0.1:1/none")
    paths = set(create_app(store, HttpSettings()).openapi()["paths"])
    store.close()

    assert set(re.findall(r"`(?:GET|POST|PUT) (/[^`]*)`", page("api.md"))) == paths


def test_every_problem_code_of_the_api_is_described():
    """A client that branches on codes can read which there are."""
    codes = {
        node.args[1].value
        for path in python_files("app")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "Problem"
        and isinstance(node.args[1], ast.Constant)
    }

    assert {code for code in codes if f"`{code}`" not in page("api.md")} == set()


def test_the_page_of_the_brief_lists_its_sections_gaps_and_rules():
    """Whoever wonders why a brief says something finds it in a table."""
    text = page("brief.md")
    bare = shape_brief(Aggregate(org_id="", instance_url="", currency=None, deal={"id": ""}))
    rules = set(re.findall(r'_risk\(\s*"(\w+)"', text_of(ROOT / "sync/shape/risks.py")))

    def first(head: str) -> list[str]:
        return [row[0].strip("`") for row in table_rows(text, head=head)]

    assert first("section") == [*(section.key for section in bare.sections), "cs_owned"]
    assert [tuple(row) for row in table_rows(text, head="gap")] == [
        (f"`{each.key}`", str(each.weight), each.owner) for each in REQUIRED
    ]
    assert set(first("rule")) == rules


def test_every_dependency_has_its_reason():
    """Nothing is installed that nobody has argued for, and no reason outlives its package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
        *(each for group in project["dependency-groups"].values() for each in group),
    ]
    names = {re.split(r"[^\w.-]", each)[0] for each in wanted}
    tables = "\n".join(line for line in page("dependencies.md").splitlines() if line.startswith("|"))

    assert {name for name in names if not re.search(rf"[| ]{re.escape(name)}[,\s]", tables)} == set()


@pytest.mark.parametrize("path", DECISIONS, ids=[path.stem for path in DECISIONS])
def test_a_decision_has_its_four_parts_on_one_page(path: Path):
    """A reader of all decisions understands the load-bearing choices in an hour."""
    text = text_of(path)

    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Alternatives"]
    assert len(text.splitlines()) <= 60
    assert f"({path.name})" in page("decisions/README.md")


@pytest.mark.parametrize("path", PAGES, ids=[shown(path) for path in PAGES])
def test_links_between_pages_lead_somewhere(path: Path):
    """No page sends its reader to a file that is not there."""
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text_of(path))]
    local = [target for target in targets if target and "://" not in target]

    assert [target for target in local if not (path.parent / target).exists()] == []


def test_the_files_that_pages_name_exist():
    """`sync/extract/poll.py` on a page is a file; a renamed one is noticed."""
    folders = "app|sync|models|migrations|demo_org|tests|docs|deploy"
    found = {
        f"{shown(path)}: {name}"
        for path in PAGES
        for name in re.findall(rf"`((?:{folders})/[\w./-]*)`", text_of(path))
        if not (ROOT / name).exists()
    }

    assert found == set()


def locked_version(folder: Path, client: str) -> str:
    """The version of a client that its lock names."""
    if (folder / "requirements.lock").exists():
        found = re.search(
            rf"^{re.escape(client)}(?:\[[\w,]+\])?==(\S+)", text_of(folder / "requirements.lock"), re.MULTILINE
        )
        return found[1] if found else ""
    packages = json.loads(text_of(folder / "package-lock.json"))["packages"]
    return str(packages.get(f"node_modules/{client}", {}).get("version", ""))


def test_every_setting_of_the_demo_org_is_told_with_its_default():
    """Whoever starts a demo org can look up what can be changed about it."""
    told = {name.strip("`"): default for name, default, _ in table_rows(page("demo-org.md"), head="setting")}
    written = {
        name: ",".join(default)
        if isinstance(default, tuple)
        else str(default).lower()
        if isinstance(default, bool)
        else str(default)
        for name, default in settable().items()
    }

    assert told == written


def test_the_manual_of_the_demo_org_lists_its_acts_and_faults():
    """What can be asked of the control plane stands in one table, which the code writes."""
    written = page("demo-org.md")

    assert rewritten(written) == written, "run: python -m demo_org.manual docs/demo-org.md"
    assert all(f"`{act.method} {act.path}`" in written for act in ACTS)


def test_the_table_of_clients_tells_what_is_tested():
    """Each client has a row, with the version of its lock and a test that is there."""
    rows = table_rows(page("demo-org.md"), head="client")
    tested = {client: ROOT / test.strip("`") for client, *_, test in rows}
    locked = {path.parent for path in (ROOT / "tests/clients").glob("*/*") if path.suffix == ".lock"}
    locked |= {path.parent for path in (ROOT / "tests/clients").glob("*/package-lock.json")}

    assert {path.parent for path in tested.values() if path.is_file()} == locked
    assert {client: version for client, version, *_ in rows} == {
        client: locked_version(test.parent, client) for client, test in tested.items()
    }


def test_the_glossary_gives_each_word_one_meaning():
    """A word that is defined is not banned by another row, and is defined once."""
    rows = table_rows(page("glossary.md"), head="word")
    defined = [word.strip() for row in rows for word in row[0].split(",")]
    never = {word.strip() for row in rows for word in re.sub(r"\([^)]*\)", "", row[2]).split(",")}

    assert len(defined) == len(set(defined))
    assert set(defined) & never == {"cursor"}, "a cursor is the API's word for a place in a list, and no watermark"
