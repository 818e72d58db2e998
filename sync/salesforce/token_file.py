"""Keeps the newest refresh token of an org that rotates them.

With rotation on, every login ends the token it used; without the new one nobody could log in again. The file holds it
beside a fingerprint of the configured token, so that a newly configured one wins over what was kept. Where there are
keys for it (BATON_SECRET_KEYS), the token is sealed.
"""

import hashlib
import json
import os
from pathlib import Path

from models.seal import Seal


class TokenFile:
    """One file, readable by its owner only, replaced as a whole."""

    def __init__(self, path: Path, *, configured: str, seal: Seal | None = None) -> None:
        """Choose the file and say which token the settings have, and with what the newest is sealed."""
        self._path = path
        self._seal = seal or Seal()
        self._given = hashlib.sha256(configured.encode()).hexdigest()

    def newest(self) -> str | None:
        """Return the kept token if it descends from the configured one, and seal it with the key in use now.

        Raises:
            SecretSealed: it was sealed with a key that is not configured.
        """
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        is_ours = isinstance(kept, dict) and kept.get("given") == self._given
        if not is_ours or not kept.get("newest"):
            return None
        sealed = str(kept["newest"]).encode()
        token = self._seal.open(sealed).decode()
        if not self._seal.is_current(sealed):
            self.keep(token)
        return token

    def keep(self, token: str) -> None:
        """Write the token; it is on the disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"given": self._given, "newest": self._seal.close(token.encode()).decode()}, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path)
