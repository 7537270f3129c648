"""Join tokens: with one a machine becomes a node, once or for a time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sagehen.cluster.authority.certificates import PIN_CHARACTERS
from sagehen.domain.whole_files import write_whole

_PREFIX = "sgh1"
_SECRET_BYTES = 20  # 160 bits: nobody guesses it, so that it needs no salt where its hash is kept
_TOKEN = re.compile(rf"{_PREFIX}-([a-z2-7]{{32}})-([0-9a-f]{{{PIN_CHARACTERS}}})")
_NAME_BYTES = 6
# Kept at once; the one that ends first goes for a new one.
MOST_TOKENS = 64
LONGEST = timedelta(days=30)


class BadToken(ValueError):
    """A text that is no token; the message is shown as it is."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as whoever joins reads it.

    Args:
        secret: What proves that the platform's owner gave it.
        pin: Of the authority's public key: whom the joining machine may believe.
    """

    secret: str
    pin: str

    @classmethod
    def read(cls, text: str) -> Token:
        """Read what a person typed.

        Raises:
            BadToken: It is none.
        """
        found = _TOKEN.fullmatch(text.strip())
        if found is None:
            raise BadToken("a join token looks like sgh1-…-…, as `sagehen nodes --invite` prints it")
        return cls(found[1], found[2])

    def __str__(self) -> str:
        return f"{_PREFIX}-{self.secret}-{self.pin}"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a token: nobody who reads it can join.

    Args:
        digest: SHA-256 of the secret.
        expires: Seconds since 1970.
        once: Whether it is good for one machine.
        node: The name that a machine gets for it; empty: one of its own.
    """

    digest: str
    expires: float
    once: bool
    node: str = ""


class Tokens:
    """The tokens that are good now, in a file of their hashes.

    Args:
        path: The file; mode 0600.
        pin: Of the authority's key.
        now: The world's time, in UTC.
    """

    def __init__(self, path: Path, pin: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._pin = pin
        self._now = now
        self._kept = self._read()

    def issue(self, lifetime: timedelta = timedelta(hours=1), *, once: bool = True, node: str = "") -> str:
        """Make a token; the file holds it no more than its hash.

        Args:
            lifetime: 30 days at most.
            once: Good for one machine; otherwise for any number, until it expires.
            node: The name that the machine gets; empty: one of its own.
        """
        secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().lower()
        expires = (self._now() + min(lifetime, LONGEST)).timestamp()
        kept = sorted(self._good(), key=lambda each: each.expires)[-(MOST_TOKENS - 1) :]
        self._write([*kept, _Kept(_digest(secret), expires, once, node)])
        return str(Token(secret, self._pin))

    def admit(self, secret: str) -> str | None:
        """Return which name a machine gets for this secret; None where it may not join. A token for one
        machine is gone then."""
        digest = _digest(secret)
        # All are compared, each in the same time: how long it takes tells nothing.
        found = [each for each in self._good() if hmac.compare_digest(each.digest, digest)]
        if not found:
            return None
        if found[0].once:  # written down before anything is given for it
            self._write([each for each in self._good() if each.digest != digest])
        return found[0].node or f"node-{secrets.token_hex(_NAME_BYTES)}"

    def revoke_all(self) -> int:
        """Forget every token; return how many were good."""
        count = len(self._good())
        self._write([])
        return count

    def _good(self) -> list[_Kept]:
        now = self._now().timestamp()
        return [each for each in self._kept if each.expires > now]

    def _write(self, kept: list[_Kept]) -> None:
        write_whole(self._path, json.dumps([asdict(each) for each in kept]).encode())
        self._kept = [replace(each) for each in kept]

    def _read(self) -> list[_Kept]:
        try:
            return [_Kept(**each) for each in json.loads(self._path.read_bytes())]
        except FileNotFoundError:
            return []


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
