"""As whom the embedded PostgreSQL runs: PostgreSQL refuses root, so root lends it another user."""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.embedded.errors import ForeignData, HomeUnusable

_STAND_INS = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The user of the server and its files; `lent` when it is not the user of this process."""

    uid: int
    gid: int
    lent: bool

    def popen_arguments(self) -> dict[str, Any]:
        """What makes a child process run as this user, whatever directory we are in."""
        user = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}
        return {**user, "cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}

    def give(self, path: Path) -> None:
        """Make a file or directory of ours theirs."""
        if self.lent:
            os.chown(path, self.uid, self.gid)

    def may_run(self, program: Path) -> bool:
        """Whether this user reaches the program; asked of the kernel, as rights can be more than mode bits."""
        return not self.lent or self._runs([str(program), "--version"])

    def may_pass(self, folder: Path) -> bool:
        """Whether this user may go through the directory and everything above it."""
        return not self.lent or all(self._enters(each) for each in (folder, *folder.parents))

    def _runs(self, command: Sequence[str]) -> bool:
        try:
            return subprocess.run(command, capture_output=True, check=False, **self.popen_arguments()).returncode == 0  # noqa: S603 - a path of ours
        except OSError:
            return False

    def _enters(self, folder: Path) -> bool:
        if not folder.exists():
            return True  # about to be made by us
        about = folder.stat()
        wanted = stat.S_IXOTH
        if about.st_uid == self.uid:
            wanted = stat.S_IXUSR
        elif about.st_gid == self.gid:
            wanted = stat.S_IXGRP
        return bool(about.st_mode & wanted)


def choose_owner(data: Path) -> Owner:
    """Return who runs the server: the owner of the data when there are any, else ourselves, or for root a stand-in."""
    us = os.geteuid()
    found = data.stat() if data.exists() else None
    if us != 0:
        if found is not None and found.st_uid != us:
            raise ForeignData(reason=f"{data} belongs to the user {_name(found.st_uid)}, this is {_name(us)}")
        return Owner(uid=us, gid=os.getegid(), lent=False)
    if found is not None and found.st_uid != 0:
        return Owner(uid=found.st_uid, gid=found.st_gid, lent=True)
    for name in _STAND_INS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(uid=user.pw_uid, gid=user.pw_gid, lent=True)
    raise HomeUnusable(reason="PostgreSQL refuses to run as root, and there is no user postgres or nobody to lend it")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
