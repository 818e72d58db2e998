"""Runs somebody else's client as its user would: a command, a home of its own, and the demo org for a Salesforce."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments import HERE, Environment, folder_of_modules
from org_process import DemoOrg

_LOOPBACK = HERE / "loopback"
_PATIENCE = 240.0  # seconds for one command of a client on a machine that does much else at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An installed client beside the org it works with."""

    environment: Environment
    org: DemoOrg
    home: Path

    def run(
        self,
        *command: str,
        within: float = _PATIENCE,
        refused: bool = False,
        cwd: Path | None = None,
        **variables: str,
    ) -> "subprocess.CompletedProcess[str]":
        """Run one of its programs in its home; fails unless it ends as it should (`refused`: with an error)."""
        done = subprocess.run(
            [self.environment.program(command[0]), *command[1:]],
            cwd=cwd or self.home,
            env=self.variables() | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        assert (done.returncode != 0) == refused, _told(command, done)
        return done

    def script(self, name: str, *arguments: str, **variables: str) -> Any:
        """Run a program that a user of the client wrote, and return the JSON it prints."""
        path = self.environment.source / name
        if path.suffix == ".mjs":
            done = self.run("node", str(self._beside_packages() / name), *arguments, **variables)
        else:
            done = self.run("python", str(path), *arguments, **variables)
        return json.loads(done.stdout)

    def _beside_packages(self) -> Path:
        """The programs for Node in a folder with the client's packages, for Node looks for them nowhere else."""
        folder = self.home / "programs"
        if not folder.exists():
            folder.mkdir()
            (folder / "node_modules").symlink_to(folder_of_modules(self.environment))
            for each in self.environment.source.glob("*.mjs"):
                shutil.copy(each, folder)
        return folder

    def variables(self) -> dict[str, str]:
        """The environment of a user who has set up nothing but how the org is reached and trusted."""
        ca_file = self.org.facts["ca_file"]
        return {
            "PATH": os.pathsep.join([*map(str, self.environment.programs), os.defpath]),
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            **{f"XDG_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CONFIG", "CACHE", "DATA", "STATE")},
            "DO_NOT_TRACK": "1",
            # *.salesforce.com is this org, and no other host is reached
            "PYTHONPATH": str(_LOOPBACK),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NODE_OPTIONS": f"--require={_LOOPBACK / 'loopback.cjs'}",
            "DEMO_ORG_HTTPS_PORT": self.org.facts["https_url"].rpartition(":")[2],
            "DEMO_ORG": json.dumps(self.org.facts),
            **dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), ca_file),
        }


def _told(command: tuple[str, ...], done: "subprocess.CompletedProcess[str]") -> str:
    return f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
