"""FunctionRunner: one invocation from its reference to its outcome, for every way of invoking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sagehen.services.lambda_.errors import TooManyRequestsException
from sagehen.services.lambda_.execution.contract import Invocation, Outcome
from sagehen.services.lambda_.execution.response_stream import ResponseStream
from sagehen.services.lambda_.functions.preparations import Preparations
from sagehen.services.lambda_.functions.targets import Target, Targets
from sagehen.services.lambda_.invocations.dispatch import Dispatch
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.names import FunctionReference


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome and the version that made it."""

    outcome: Outcome
    executed_version: str


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
        draw: Callable[[], float],
    ) -> None:
        self._targets = targets
        self._preparations = preparations
        self._dispatch = dispatch
        self._metrics = metrics
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
    ) -> Answer:
        """Invoke and wait for the end.

        Args:
            reference: Function, version or alias.
            request_id: The one that the function's log shows.
            payload: JSON.
            stream: Where an answer goes that comes in pieces, if it may.

        Raises:
            ResourceNotFoundException, ResourceConflictException: Not there; failed to become active.
            TooManyRequestsException: Throttled.
            EnvironmentStartException: No environment could be started.
        """
        target = self._targets.resolve(reference)
        if target.unready:
            target = await self._prepared(target)
        function = target.routes[0][0] if len(target.routes) == 1 else target.route(self._draw())
        invocation = Invocation(request_id, payload, reference.arn, client_context, trace_id, stream)
        if stream is not None:
            stream.executed_version = function.version
        try:
            done = await self._dispatch.run(reference, function, invocation)
        except TooManyRequestsException:
            self._metrics.throttled(reference)
            raise
        self._metrics.invoked(reference, function.version, done)
        return Answer(done.outcome, function.version)

    async def _prepared(self, target: Target) -> Target:
        """Wait for code that is being unpacked. AWS answers 409 in that time; here it is milliseconds."""
        for record in target.unready:
            await self._preparations.ready(record)
        self._targets.renew()
        return self._targets.resolve(target.reference)
