"""EarlyAnswer: what a function has answered while its extensions are still at work after it."""

from __future__ import annotations

import asyncio
from typing import Any

from sagehen.services.lambda_.execution.contract import Outcome


class EarlyAnswer:
    """Waits for an invocation's answer or its end, whichever comes first.

    Attributes:
        outcome: The answer, without what only the end tells; None where the end came first.
    """

    def __init__(self) -> None:
        self.outcome: Outcome | None = None
        self._settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def tell(self, outcome: Outcome) -> None:
        """Take the answer."""
        self.outcome = outcome
        self._settle()

    async def or_end_of(self, running: asyncio.Task[Any]) -> None:
        """Return when there is an answer, or `running` is over. It goes on if the caller goes away."""
        running.add_done_callback(self._ended)
        await self._settled

    def _ended(self, running: asyncio.Task[Any]) -> None:
        if not running.cancelled():
            running.exception()  # known to whoever still waits
        self._settle()

    def _settle(self) -> None:
        if not self._settled.done():
            self._settled.set_result(None)
