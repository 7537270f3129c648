"""Turns: so many pictures are made at a time, and accounts take turns, so that none holds up another."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# One is drawn while the data of another are read: a million points take 140 MB until they are thinned.
_AT_ONCE = 2
# Who looks at a dashboard asks for a dozen at once; each takes some 0.1 s.
_MOST_OF_ONE, _MOST = 64, 256
# boto gives up after 60 s and asks anew. On a busy machine the largest pictures take 15 s, and the one whose
# turn it is may wait for the other.
_LONGEST_WAIT_S = 20.0


class TooManyPictures(RuntimeError):
    """More wait to be drawn than there is patience for."""


class Turns:
    """Who makes a picture now, and who waits.

    Args:
        longest_wait_s: Of real time, as clients wait.
    """

    def __init__(self, longest_wait_s: float = _LONGEST_WAIT_S) -> None:
        self._longest_wait_s = longest_wait_s
        self._free = _AT_ONCE
        self._making: Counter[str] = Counter()  # by account
        # Accounts in the order of their next turns.
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, account_id: str, departed: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Wait for a turn of an account, and keep it for the block.

        Args:
            departed: Returns when nobody waits for the picture any more.

        Raises:
            TooManyPictures: So many wait already, it took too long, or nobody waits any more.
        """
        if self._free:
            self._free -= 1
            self._making[account_id] += 1
        else:
            await self._wait(account_id, departed)
        try:
            yield
        finally:
            self._pass_on(account_id)

    async def _wait(self, account_id: str, departed: Callable[[], Awaitable[None]]) -> None:
        line = self._lines.get(account_id, ())
        if len(line) >= _MOST_OF_ONE or sum(map(len, self._lines.values())) >= _MOST:
            raise TooManyPictures
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(account_id, deque()).append(place)
        gone = asyncio.ensure_future(departed())
        try:
            await asyncio.wait(
                (place, gone), timeout=self._longest_wait_s, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done() or not place.done():
                raise TooManyPictures
        except BaseException:
            if place.done():  # its turn came all the same
                self._pass_on(account_id)
            else:
                self._leave(account_id, place)
            raise
        finally:
            gone.cancel()

    def _leave(self, account_id: str, place: asyncio.Future[None]) -> None:
        line = self._lines[account_id]
        line.remove(place)
        if not line:
            del self._lines[account_id]

    def _pass_on(self, account_id: str) -> None:
        """Give an account's turn to that of which the fewest are made; of several, to the first in order."""
        self._making -= Counter((account_id,))  # leaves no zeros behind
        if not self._lines:
            self._free += 1
            return
        following = min(self._lines, key=lambda each: self._making[each])
        line = self._lines.pop(following)
        line.popleft().set_result(None)
        self._making[following] += 1
        if line:
            self._lines[following] = line
