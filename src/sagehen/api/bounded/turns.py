"""Turns: so much is done at a time, and accounts take turns, so that none holds up another for long."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

# Who looks at a dashboard asks for a dozen things at once; each takes some 0.1 s.
MOST_OF_ONE, MOST = 64, 256
# boto gives up after 60 s and asks anew. On a busy machine the longest work takes 15 s, and the one
# whose turn it is may wait for another.
LONGEST_WAIT_S = 20.0


class NoTurn(RuntimeError):
    """More wait than there is patience for."""


class Turns:
    """Who works now, and who waits.

    Args:
        at_once: How many work at a time.
        longest_wait_s: Of real time, as clients wait.
    """

    def __init__(self, at_once: int, longest_wait_s: float = LONGEST_WAIT_S) -> None:
        self._longest_wait_s = longest_wait_s
        self._free = at_once
        self._at_work: Counter[str] = Counter()  # by account
        # Accounts in the order of their next turns.
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, account_id: str, departed: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Wait for a turn of an account, and keep it for the block.

        Args:
            departed: Returns when nobody waits for the outcome any more.

        Raises:
            NoTurn: So many wait already, it took too long, or nobody waits any more.
        """
        if self._free:
            self._free -= 1
            self._at_work[account_id] += 1
        else:
            await self._wait(account_id, departed)
        try:
            yield
        finally:
            self._pass_on(account_id)

    async def _wait(self, account_id: str, departed: Callable[[], Awaitable[None]]) -> None:
        line = self._lines.get(account_id, ())
        if len(line) >= MOST_OF_ONE or sum(map(len, self._lines.values())) >= MOST:
            raise NoTurn
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(account_id, deque()).append(place)
        gone = asyncio.ensure_future(departed())
        try:
            await asyncio.wait(
                (place, gone), timeout=self._longest_wait_s, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done() or not place.done():
                raise NoTurn
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
        """Give an account's turn to that of which the fewest work; of several, to another, in their order."""
        self._at_work -= Counter((account_id,))  # leaves no zeros behind
        if not self._lines:
            self._free += 1
            return
        following = min(self._lines, key=lambda each: (self._at_work[each], each == account_id))
        line = self._lines.pop(following)
        line.popleft().set_result(None)
        self._at_work[following] += 1
        if line:
            self._lines[following] = line
