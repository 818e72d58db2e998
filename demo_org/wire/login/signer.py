"""The key the org signs with when it vouches for who logged in."""

import threading

from cryptography.hazmat.primitives.asymmetric import rsa


class Signer:
    """A key of the org's own, made when somebody first asks for a signature or for the key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: rsa.RSAPrivateKey | None = None

    @property
    def key(self) -> rsa.RSAPrivateKey:
        """The private key."""
        with self._lock:
            self._made = self._made or rsa.generate_private_key(public_exponent=65537, key_size=2048)
            return self._made
