"""Secrets at rest are sealed: encrypted with a key that is not where they are.

The first key of BATON_SECRET_KEYS seals; each of them opens. So a key is exchanged by putting the new one in front,
starting everything anew, which seals again whatever the old one had sealed, and then leaving the old one out.
"""

from collections.abc import Sequence
from typing import Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from models.errors import SecretSealed
from models.settings import StoreSettings

#: what a sealed secret begins with; anything else is in clear
_MARK = b"sealed:"


class Seal:
    """Seals and opens secrets; without keys they stay in clear."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """Take the keys, the one that seals first.

        Raises:
            ValueError: one of them is no key.
        """
        each = [Fernet(key) for key in keys]
        self._first = each[0] if each else None
        self._all = MultiFernet(each) if each else None

    @classmethod
    def of(cls, keys: SecretStr | None) -> Self:
        """The seal of a setting: keys, comma-separated."""
        return cls([] if keys is None else [key.strip() for key in keys.get_secret_value().split(",") if key.strip()])

    @classmethod
    def in_settings(cls) -> Self:
        """The seal that is configured."""
        return cls.of(StoreSettings().secret_keys)

    def close(self, plain: bytes) -> bytes:
        """Seal a secret."""
        return plain if self._first is None else _MARK + self._first.encrypt(plain)

    def open(self, kept: bytes) -> bytes:
        """Return a secret in clear.

        Raises:
            SecretSealed: it was sealed with a key that we do not have.
        """
        if not kept.startswith(_MARK):
            return kept
        if self._all is None:
            raise SecretSealed
        try:
            return self._all.decrypt(kept.removeprefix(_MARK))
        except InvalidToken:
            raise SecretSealed from None

    def is_current(self, kept: bytes) -> bool:
        """Whether a secret is sealed with the key that seals now."""
        if self._first is None:
            return not kept.startswith(_MARK)
        try:
            self._first.decrypt(kept.removeprefix(_MARK))
        except InvalidToken:
            return False
        return kept.startswith(_MARK)


def new_secret_key() -> str:
    """Make a key for BATON_SECRET_KEYS."""
    return Fernet.generate_key().decode()
