"""A demo org in a process of its own, as a user starts it, and the truth about what lies in it."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


class DemoOrg:
    """The org; `facts` is the line it prints when it answers, plus the file of a key whose JWT logins it accepts."""

    def __init__(self, *options: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="demo-org-")
        public, private = _key_pair(Path(self._folder.name))
        self._errors = (Path(self._folder.name) / "stderr").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "demo_org", "--port", "0", "--jwt-public-key", str(public), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the demo org did not start: {self.said()}"
        self.facts: dict[str, Any] = json.loads(line) | {"private_key_file": str(private)}
        self._client = httpx.Client(base_url=self.facts["url"], timeout=60, trust_env=False)

    def token(self) -> str:
        """The access token of a new session."""
        grant = {name: self.facts[name] for name in ("client_id", "client_secret")}
        answer = self._client.post("/services/oauth2/token", data={"grant_type": "client_credentials", **grant})
        return str(answer.raise_for_status().json()["access_token"])

    def truth(self, object_name: str) -> dict[str, dict[str, Any]]:
        """Every record of an object that is not in the recycle bin, by id, as it is stored."""
        rows = self._client.get(f"/demo/truth/{object_name}").raise_for_status().json()
        return {row["Id"]: row for row in rows if not row.get("IsDeleted")}

    def act(self, method: str, resource: str, body: Any = None) -> Any:
        """Do what a user of the org does meanwhile: one call of the REST API, and its answer."""
        answer = self._client.request(
            method, f"/services/data/v64.0/{resource}", json=body, headers={"Authorization": f"Bearer {self.token()}"}
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def control(self, path: str, order: Any = None) -> Any:
        """Do what only the control plane can do."""
        answer = self._client.post(f"/demo/{path}", json={} if order is None else order)
        assert answer.is_success, answer.text
        return answer.json()

    def calls(self) -> dict[str, Any]:
        """The API calls so far, by kind."""
        counts: dict[str, Any] = self._client.get("/demo/calls").raise_for_status().json()
        return counts

    def said(self) -> str:
        """What it printed on stderr."""
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        """Stop it; an error in it that no client noticed fails the test."""
        self._client.close()
        self._process.terminate()
        self._process.communicate(timeout=30)
        said = self.said()
        self._errors.close()
        self._folder.cleanup()
        assert "Traceback" not in said, said


def _key_pair(folder: Path) -> tuple[Path, Path]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private, public = folder / "private.pem", folder / "public.pem"
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return public, private
