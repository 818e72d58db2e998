"""The house itself: pinned packages, no machine's paths, a licence, and one command for each check."""

import os
import re
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from source_tree import ROOT

#: directories of one machine, written so that this file does not contain them
_MACHINE = re.compile(r"(?<![\w./~$}-])/(?:work|root|home|Users)/[\w.-]")
_REGISTRIES = (".".join(("pypi", "org")), "files.python" + "hosted.org", ".".join(("registry", "npm" + "js")))


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """Every file that belongs to the project: tracked, or new and not ignored."""
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def lock() -> str:
    """The text of the lock."""
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_every_pinned_package_has_its_hashes():
    """What is installed is what was tested, byte for byte."""
    packages = re.split(r"\n(?=[A-Za-z0-9])", lock().strip())

    assert len(packages) > 50
    assert [each.splitlines()[0] for each in packages if "--hash=sha256:" not in each] == []
    assert [each.splitlines()[0] for each in packages if not re.match(r"[\w.\[\],-]+==\S+", each)] == []


def test_the_lock_names_no_host():
    """Whoever installs decides from where."""
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links|@ file", lock()) == []


def test_the_lock_holds_every_direct_dependency():
    """A dependency that was added without `make lock` is noticed here, not on somebody's machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *(each for extra in project["project"]["optional-dependencies"].values() for each in extra),
        *project["dependency-groups"]["dev"],
    ]
    pinned = set(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", lock(), re.MULTILINE))

    assert {re.split(r"[^\w.-]", each)[0] for each in wanted} - pinned == set()


def test_no_file_names_a_path_of_somebodys_machine(tracked: list[str]):
    """A clone works wherever it lies."""
    found = [f"{name}: {match}" for name in tracked for match in _MACHINE.findall(_text(name))]

    assert found == []


def test_no_file_names_a_package_registry(tracked: list[str]):
    """Packages come from where the machine's pip is told, which may be a mirror."""
    found = [f"{name}: {host}" for name in tracked for host in _REGISTRIES if host in _text(name)]

    assert found == []


def test_no_two_test_modules_have_the_same_name(tracked: list[str]):
    """Pytest imports test modules by their file's name, and leaves out the second of two."""
    named = Counter(Path(name).name for name in tracked if Path(name).name.startswith("test_"))

    assert [name for name, times in named.items() if times > 1] == []


def test_no_file_is_larger_than_a_person_reads(tracked: list[str]):
    """Python files stay near 350 lines; one that grows past 400 is to be split by what it decides."""
    long = [name for name in tracked if name.endswith(".py") and _text(name).count("\n") > 400]

    assert long == []


def test_the_licence_is_apache_2():
    """The licence that pyproject.toml names is the one that lies here."""
    text = _text("LICENSE")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_continuous_integration_runs_the_commands_of_the_readme():
    """What is green there is what a reader of the README gets."""
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text(encoding="utf-8")
    assert "\nmake demo\nmake test\n" in _text("README.md")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")
