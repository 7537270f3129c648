"""FunctionRunner: one invocation from its reference to its outcome, for every way of invoking."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from sagehen.concurrency.counting import concurrency_used_up
from sagehen.services.lambda_.errors import TooManyRequestsException
from sagehen.services.lambda_.execution.contract import FunctionVersion, Invocation, Outcome
from sagehen.services.lambda_.execution.response_stream import ResponseStream
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.targets import Target, Targets
from sagehen.services.lambda_.invocations.dispatch import Dispatch, Dispatched, WillWait
from sagehen.services.lambda_.invocations.early import EarlyAnswer
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.invocations.recursion import RecursionGuard
from sagehen.services.lambda_.names import FunctionReference


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome and the version that made it.

    Args:
        queued_s: How long it waited for concurrency, where the platform lets invocations wait.
    """

    outcome: Outcome
    executed_version: str
    queued_s: float | None = None


class FunctionRunner:
    """Resolves, chooses the version, dispatches, and records the metrics.

    Args:
        draw: Returns a number in [0, 1), for aliases that split their traffic.
    """

    def __init__(
        self,
        *,
        targets: Targets,
        preparations: Preparations,
        dispatch: Dispatch,
        metrics: InvocationMetrics,
        recursion: RecursionGuard,
        draw: Callable[[], float],
    ) -> None:
        self._targets = targets
        self._preparations = preparations
        self._dispatch = dispatch
        self._metrics = metrics
        self._recursion = recursion
        self._draw = draw

    def resolve(self, reference: FunctionReference) -> Target:
        """Return what a reference leads to.

        Raises:
            ResourceNotFoundException.
        """
        return self._targets.resolve(reference)

    async def run(
        self,
        reference: FunctionReference,
        request_id: str,
        payload: bytes,
        client_context: str | None = None,
        trace_id: str | None = None,
        stream: ResponseStream | None = None,
        departed: Callable[[], Awaitable[None]] | None = None,
        *,
        until_end: bool = False,
    ) -> Answer:
        """Invoke and wait for the answer.

        Args:
            reference: Function, version or alias.
            request_id: The one that the function's log shows.
            payload: JSON.
            trace_id: The trace header that came with the request.
            stream: Where an answer goes that comes in pieces, if it may.
            departed: Returns when the client has left, of an invocation that may wait for concurrency; None:
                it may not.
            until_end: Wait for what the function's extensions do after its answer, too: then the outcome has
                the whole log.

        Raises:
            ResourceNotFoundException, ResourceConflictException: Not there; failed to become active.
            RecursiveInvocationException: It has run too often in this chain of requests.
            TooManyRequestsException: Throttled.
            EnvironmentStartException: No environment could be started.
            ClientDeparted: It waited for concurrency.
        """
        target = self._targets.resolve(reference)
        trace_id = self._recursion.entered(reference, trace_id)
        if target.unready:
            target = await self._prepared(target)
        early = EarlyAnswer()
        invocation = Invocation(
            request_id,
            payload,
            reference.arn,
            client_context,
            trace_id,
            stream,
            None if until_end else early.tell,
        )
        waiting = None if departed is None else WillWait(partial(self._chosen_anew, reference), departed)
        try:
            started = await self._dispatch.start(reference, self._routed(target), invocation, waiting)
            await early.or_end_of(started.task)
            if early.outcome is not None and not started.task.done():
                started.task.add_done_callback(partial(self._ended, reference))
                return Answer(early.outcome, started.function.version, started.queued_s)
            done = started.task.result()
        except TooManyRequestsException:  # at once, or where environments are added too fast
            self._metrics.throttled(reference)
            raise
        self._metrics.invoked(reference, done)
        return Answer(done.outcome, started.function.version, started.queued_s)

    def _ended(self, reference: FunctionReference, task: asyncio.Task[Dispatched]) -> None:
        """Record an invocation whose answer was given before its extensions were done."""
        if not task.cancelled() and task.exception() is None:
            self._metrics.invoked(reference, task.result())

    def _routed(self, target: Target) -> FunctionVersion:
        return target.routes[0][0] if len(target.routes) == 1 else target.route(self._draw())

    def _chosen_anew(self, reference: FunctionReference) -> FunctionVersion:
        """Return what an invocation runs that has waited: its function may have changed meanwhile.

        Raises:
            ResourceNotFoundException: It is gone.
            TooManyRequestsException: Its code is being unpacked: another moment.
        """
        target = self._targets.resolve(reference)
        if target.unready:
            raise TooManyRequestsException(concurrency_used_up(reserves=False))
        return self._routed(target)

    async def _prepared(self, target: Target) -> Target:
        """Wait for code that is being unpacked. AWS answers 409 in that time; here it is milliseconds."""
        for record in target.unready:
            await self._preparations.ready(record)
        self._targets.renew()
        return self._targets.resolve(target.reference)
