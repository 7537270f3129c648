"""Identifiers in AWS's shapes, drawn from a source that is passed in."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import string
import threading
import uuid

# AWS's unique ids and access key ids are base32: no 0, 1, 8, 9.
_BASE32 = string.ascii_uppercase + "234567"
_SECRET = string.ascii_letters + string.digits + "+/"


_POOL_BYTES = 4096


class SystemEntropy(random.SystemRandom):
    """The system's randomness, fetched in larger pieces: a request draws three ids, at 8 us a call.

    No two threads or processes draw the same: the pool is behind a lock, and empty after a fork.
    """

    def __init__(self) -> None:
        super().__init__()
        self._refresh()
        os.register_at_fork(after_in_child=self._refresh)

    def _refresh(self) -> None:
        self._lock = threading.Lock()
        self._pool = b""
        self._used = 0

    def getrandbits(self, k: int) -> int:
        """Return `k` random bits."""
        size = (k + 7) // 8
        with self._lock:
            if self._used + size > len(self._pool):
                self._pool, self._used = os.urandom(max(size, _POOL_BYTES)), 0
            piece = self._pool[self._used : self._used + size]
            self._used += size
        return int.from_bytes(piece) >> (size * 8 - k)


class Ids:
    """Draws identifiers. The default source is the system's; tests pass `random.Random(seed)`."""

    def __init__(self, source: random.Random | None = None) -> None:
        self._source = source or SystemEntropy()

    def uuid(self) -> str:
        """Return a random UUID, such as request ids are."""
        return str(uuid.UUID(int=self._source.getrandbits(128), version=4))

    def hex(self, length: int) -> str:
        """Return `length` lower-case hexadecimal digits."""
        return f"{self._source.getrandbits(4 * length):0{length}x}"

    def text(self, length: int, alphabet: str = string.ascii_lowercase + string.digits) -> str:
        """Return `length` characters of `alphabet`, each as likely as the others."""
        return "".join(self._source.choices(alphabet, k=length))

    def unique_id(self, prefix: str) -> str:
        """Return an IAM-style id: four letters (`AIDA`, `AROA`, `AKIA`, `ASIA`) and 16 more characters."""
        return prefix + self.text(16, _BASE32)

    def secret_access_key(self) -> str:
        """Return 40 characters of base64's alphabet, as AWS's secret access keys are (recorded)."""
        return self.text(40, _SECRET)

    def uniform(self) -> float:
        """Return a number in [0, 1): for weighted choices and jitter."""
        return self._source.random()


def host_id(request_id: str) -> str:
    """Make S3's second id of a request (`x-amz-id-2`), which says nothing here but is expected."""
    return base64.b64encode(hashlib.sha384(request_id.encode()).digest()).decode()
