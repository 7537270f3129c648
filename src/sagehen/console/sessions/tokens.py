"""One-time tokens: what `sagehen console` is given, and what a browser turns into a session."""

from __future__ import annotations

import string
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from sagehen.console.sessions.errors import InvalidToken
from sagehen.domain.ids import Ids

# In seconds: to copy an address from one terminal into a browser, on another machine at that.
TOKEN_LIFETIME_S = 300
_ALPHABET = string.ascii_letters + string.digits
# 62 to the 43rd is more than 2 to the 256th.
_LENGTH = 43
_MOST_OUTSTANDING = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose session a token opens: an account's root, or with `role` (a name or ARN) that role."""

    account_id: str
    region: str
    role: str = ""


class OneTimeTokens:
    """Tokens that were given out and not used. They end with the process; the oldest gives way to a new one.

    Of each only a hash is kept: what a dump of the memory shows opens nothing.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._waiting: OrderedDict[bytes, tuple[float, Wanted]] = OrderedDict()

    def issue(self, wanted: Wanted, now_s: float) -> str:
        """Return a new token.

        Args:
            wanted: What it is good for.
            now_s: The present in seconds of any clock that never goes backwards.
        """
        token = self._ids.text(_LENGTH, _ALPHABET)
        while len(self._waiting) >= _MOST_OUTSTANDING:
            self._waiting.popitem(last=False)
        self._waiting[_hash(token)] = (now_s + TOKEN_LIFETIME_S, wanted)
        return token

    def take(self, token: str, now_s: float) -> Wanted:
        """Return what a token is good for. It is good for nothing from then on, whatever becomes of this.

        Raises:
            InvalidToken
        """
        ends_s, wanted = self._waiting.pop(_hash(token), (0.0, None))
        if wanted is None or now_s >= ends_s:
            raise InvalidToken(
                "This token was used, is too old, or never was one. `sagehen console` makes another."
            )
        return wanted

    def forget(self) -> None:
        """Make all of them void."""
        self._waiting.clear()


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
