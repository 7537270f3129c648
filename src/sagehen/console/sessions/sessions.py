"""Sessions: opened by a token, renewed while a tab is open, ended by a person or with the platform."""

from __future__ import annotations

import asyncio
import string
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256

from sagehen.console.sessions.errors import InvalidToken, NotAllowed
from sagehen.console.sessions.tokens import OneTimeTokens, Wanted
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import SigningKey
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.console_keys import ConsoleKeys

# Seconds of a browser's clock, not of the platform's, which may be scaled. Credentials live as short as
# STS's shortest; a session that nobody renewed in their time is over, and a day of work ends every one.
CREDENTIALS_LIFETIME_S = 900
SESSION_LIFETIME_S = 12 * 3600
_MOST_SESSIONS = 64
# A tab renews three times in the life of a key; what is asked more often makes rows, and nothing else.
_KEYS_KEPT = 4
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 43


@dataclass(slots=True)
class _Session:
    wanted: Wanted
    ends_s: float
    renewed_s: float
    keys: list[str] = field(default_factory=list)

    def is_over(self, now_s: float) -> bool:
        return now_s >= self.ends_s or now_s >= self.renewed_s + CREDENTIALS_LIFETIME_S


@dataclass(frozen=True, slots=True)
class Opened:
    """What the browser is told.

    Args:
        key: Credentials, and whom they prove.
        renewal: With which more of them are had.
    """

    key: SigningKey
    renewal: str
    region: str


class ConsoleSessions:
    """All sessions, in memory: none outlives the process.

    Args:
        keys: Opens and closes credentials.
        machine_clock: The machine's.
        time_scale: Seconds of the platform's clock, by which credentials expire, in one of the machine's.
        ids: Draws tokens.
    """

    def __init__(self, keys: ConsoleKeys, machine_clock: Clock, ids: Ids, *, time_scale: float = 1.0) -> None:
        self._keys = keys
        self._clock = machine_clock
        self._ids = ids
        # A clock that is slower than the machine's must not make credentials live longer than the session.
        self._lifetime_s = max(1, int(CREDENTIALS_LIFETIME_S * time_scale))
        self._tokens = OneTimeTokens(ids)
        self._sessions: OrderedDict[bytes, _Session] = OrderedDict()

    def token(self, wanted: Wanted) -> str:
        """Return a one-time token for a session.

        Raises:
            NotAllowed: There will be no such session.
        """
        try:
            self._keys.check(wanted.account_id, wanted.role)
        except AccessDenied as refused:
            raise NotAllowed(refused.message) from None
        return self._tokens.issue(wanted, self._clock.monotonic())

    async def open(self, token: str) -> Opened:
        """Turn a token into a session.

        Raises:
            InvalidToken, NotAllowed
        """
        now_s = self._clock.monotonic()
        wanted = self._tokens.take(token, now_s)
        session = _Session(wanted, now_s + SESSION_LIFETIME_S, now_s)
        renewal = self._ids.text(_LENGTH, _ALPHABET)
        key = await self._new_key(session)
        await self._make_room(now_s)
        self._sessions[_hash(renewal)] = session
        return Opened(key, renewal, wanted.region)

    async def renew(self, renewal: str) -> Opened:
        """Return new credentials of a session that is not over.

        Raises:
            InvalidToken, NotAllowed
        """
        now_s = self._clock.monotonic()
        session = self._sessions.get(_hash(renewal))
        if session is None or session.is_over(now_s):
            await self.end(renewal)
            raise InvalidToken("This session is over. `sagehen console` opens another.")
        session.renewed_s = now_s
        return Opened(await self._new_key(session), renewal, session.wanted.region)

    async def end(self, renewal: str) -> None:
        """End a session, if there is one: its credentials are unknown from then on."""
        session = self._sessions.pop(_hash(renewal), None)
        if session is not None:
            await self._close(session)

    async def end_all(self) -> None:
        """End every session, and make every token void."""
        self._tokens.forget()
        sessions, self._sessions = [*self._sessions.values()], OrderedDict()
        for session in sessions:
            await self._close(session)

    async def _new_key(self, session: _Session) -> SigningKey:
        wanted = session.wanted
        try:
            key = await self._keys.open(wanted.account_id, wanted.role, self._lifetime_s)
        except AccessDenied as refused:
            raise NotAllowed(refused.message) from None
        session.keys.append(key.credentials.access_key_id)
        while len(session.keys) > _KEYS_KEPT:
            await self._keys.close(session.keys.pop(0))
        return key

    async def _make_room(self, now_s: float) -> None:
        over = [mark for mark, session in self._sessions.items() if session.is_over(now_s)]
        crowd = len(self._sessions) - len(over) - _MOST_SESSIONS + 1
        oldest = [mark for mark in self._sessions if mark not in over][: max(0, crowd)]
        ended = [self._sessions.pop(mark) for mark in (*over, *oldest)]
        await asyncio.gather(*(self._close(session) for session in ended))

    async def _close(self, session: _Session) -> None:
        for key in session.keys:
            await self._keys.close(key)


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
