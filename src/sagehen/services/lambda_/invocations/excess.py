"""Excess: invocations beyond the concurrency that wait for room, where the operator wants that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from sagehen.api.errors import ClientDeparted
from sagehen.concurrency.waiting_line import Function, Patience, Place, WaitingLine
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import TooManyRequestsException

T = TypeVar("T")
# Concurrency that comes free is told at once; what else makes room (a larger reservation, provisioned
# environments that are ready) is looked for so often.
_LOOK_S = 0.25


class _Waiting(Generic[T]):
    """Somebody who waits: `attempt` starts its invocation, or raises that there is still no room."""

    def __init__(self, attempt: Callable[[], T]) -> None:
        self.attempt = attempt
        self.started: asyncio.Future[T] = asyncio.get_running_loop().create_future()


class Excess(Generic[T]):
    """Lets invocations wait.

    Args:
        patience: How long and how many; None: nobody waits, as on AWS.
    """

    def __init__(self, patience: Patience | None) -> None:
        self._patience = patience
        self._line: WaitingLine[_Waiting[T]] | None = None if patience is None else WaitingLine(patience)
        self._looking: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return 0 if self._line is None else len(self._line)

    def is_waited_for(self, function: Function) -> bool:
        """Tell whether somebody waits for this function already."""
        return self._line is not None and self._line.is_waited_for(function)

    async def wait(
        self,
        function: Function,
        size: int,
        reserved: int | None,
        refused: TooManyRequestsException,
        attempt: Callable[[], T],
        departed: Callable[[], Awaitable[None]],
    ) -> T:
        """Return what `attempt` returned once it could start the invocation.

        Args:
            function: Whose concurrency is used up.
            size: Of the payload, in bytes.
            reserved: What the function reserves.
            refused: Why it may not run at once.
            attempt: Starts it, or raises.
            departed: Returns when its client has left.

        Raises:
            TooManyRequestsException: `refused`: nobody may wait, or it has waited for long enough.
            ServiceError: What `attempt` raises else.
            ClientDeparted: Nobody waits for it any more.
        """
        line, patience = self._line, self._patience
        if line is None or patience is None or not line.admits(refused.reason, reserved, size):
            raise refused
        waiting = _Waiting(attempt)
        place = line.join(function, size, waiting)
        self._look_again()
        leaving = asyncio.ensure_future(departed())
        try:
            done, _ = await asyncio.wait(
                (waiting.started, leaving), timeout=patience.seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            line.leave(place)
            leaving.cancel()
        if waiting.started in done:
            return waiting.started.result()
        if leaving in done:
            raise ClientDeparted("The client closed its connection while it waited for concurrency.")
        raise refused

    def freed(self, scope: Scope) -> None:
        """Concurrency came free: let those run who have waited for longest."""
        if self._line is not None:
            self._let_in(self._line, scope)

    def clear(self) -> None:
        """Throttle everybody who waits: the service stops."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        for place in [] if self._line is None else self._line.clear():
            if not place.who.started.done():
                place.who.started.set_exception(TooManyRequestsException("ConcurrentInvocationLimitExceeded"))

    def _let_in(self, line: WaitingLine[_Waiting[T]], scope: Scope | None) -> None:
        """Start whom there is room for: the first of each function, then the next one of it."""
        heads = list(line.first(scope))
        while heads:
            heads = [following for place in heads if (following := self._started(line, place))]

    def _started(
        self, line: WaitingLine[_Waiting[T]], place: Place[_Waiting[T]]
    ) -> Place[_Waiting[T]] | None:
        """Start one if there is room, and return who is first of its function then."""
        waiting = place.who
        if not waiting.started.done():
            try:
                waiting.started.set_result(waiting.attempt())
            except TooManyRequestsException:
                return None
            except Exception as error:  # its function is gone, say: that is its answer
                waiting.started.set_exception(error)
        line.leave(place)
        return line.head(place.function)

    def _look_again(self) -> None:
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(_LOOK_S, self._look)

    def _look(self) -> None:
        self._looking = None
        if self._line is not None and len(self._line):
            self._let_in(self._line, None)
            self._look_again()
