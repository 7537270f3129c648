"""Identifiers in AWS's shapes, drawn from a source that is passed in."""

from __future__ import annotations

import random
import string
import uuid

# AWS's unique ids and access key ids are base32: no 0, 1, 8, 9.
_BASE32 = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


class Ids:
    """Draws identifiers. The default source is the system's; tests pass `random.Random(seed)`."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._source = source or random.SystemRandom()

    def uuid(self) -> str:
        """Return a random UUID, such as request ids are."""
        return str(uuid.UUID(int=self._source.getrandbits(128), version=4))

    def hex(self, length: int) -> str:
        """Return `length` lower-case hexadecimal digits."""
        return f"{self._source.getrandbits(4 * length):0{length}x}"

    def text(self, length: int, alphabet: str = string.ascii_lowercase + string.digits) -> str:
        return "".join(self._source.choices(alphabet, k=length))

    def unique_id(self, prefix: str) -> str:
        """Return an IAM-style id: four letters (`AIDA`, `AROA`, `AKIA`, `ASIA`) and 16 more characters."""
        return prefix + self.text(16, _BASE32)

    def secret_access_key(self) -> str:
        return self.text(40, _SECRET)

    def uniform(self) -> float:
        """Return a number in [0, 1): for weighted choices and jitter."""
        return self._source.random()
