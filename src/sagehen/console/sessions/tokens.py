"""One-time tokens: what `sagehen console` is given, and what a browser turns into a session."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.console.one_time import OneTime
from sagehen.console.sessions.errors import InvalidToken
from sagehen.domain.ids import Ids

# In seconds: to copy an address from one terminal into a browser, on another machine at that.
TOKEN_LIFETIME_S = 300
_MOST_OUTSTANDING = 32


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose session a token opens: an account's root, or with `role` (a name or ARN) that role."""

    account_id: str
    region: str
    role: str = ""


class OneTimeTokens:
    """Tokens that were given out and not used."""

    def __init__(self, ids: Ids) -> None:
        self._waiting: OneTime[Wanted] = OneTime(ids, lifetime_s=TOKEN_LIFETIME_S, most=_MOST_OUTSTANDING)

    def issue(self, wanted: Wanted, now_s: float) -> str:
        """Return a new token; see `OneTime.issue`."""
        return self._waiting.issue(wanted, now_s)

    def take(self, token: str, now_s: float) -> Wanted:
        """Return what a token is good for. It is good for nothing from then on, whatever becomes of this.

        Raises:
            InvalidToken
        """
        wanted = self._waiting.take(token, now_s)
        if wanted is None:
            raise InvalidToken(
                "This token was used, is too old, or never was one. `sagehen console` makes another."
            )
        return wanted

    def forget(self) -> None:
        """Make all of them void."""
        self._waiting.forget()
