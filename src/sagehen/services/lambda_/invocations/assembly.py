"""What runs functions on demand, and its operations."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.domain.scope import Scope
from sagehen.services.lambda_.concurrency.assembly import ConcurrencyRoom
from sagehen.services.lambda_.functions.assembly import FunctionRoom
from sagehen.services.lambda_.invocations.accepting import Accepting
from sagehen.services.lambda_.invocations.dispatch import Dispatch
from sagehen.services.lambda_.invocations.invoker import Invoker
from sagehen.services.lambda_.invocations.metrics import InvocationMetrics
from sagehen.services.lambda_.invocations.operations import Invocations
from sagehen.services.lambda_.invocations.recursion import RecursionGuard
from sagehen.services.lambda_.invocations.runner import FunctionRunner
from sagehen.services.lambda_.invocations.streaming import Streaming
from sagehen.services.lambda_.premises import Premises


class InvocationRoom:
    """Invocations, as the rooms above see them.

    Args:
        on_release: Told when an invocation has given its concurrency back.
    """

    def __init__(
        self,
        premises: Premises,
        functions: FunctionRoom,
        concurrency: ConcurrencyRoom,
        on_release: Callable[[Scope], None],
    ) -> None:
        self._premises = premises
        self.metrics = InvocationMetrics(premises.metrics)
        self.dispatch = Dispatch(
            premises.environments,
            concurrency.provisioning,
            concurrency.records,
            premises.limits,
            premises.clock,
            on_release,
            premises.patience,
        )
        self.runner = FunctionRunner(
            targets=functions.targets,
            preparations=functions.preparations,
            dispatch=self.dispatch,
            metrics=self.metrics,
            recursion=RecursionGuard(functions.recursion, self.metrics, premises.ids),
            draw=premises.ids.uniform,
        )
        self.streaming = Streaming(self.runner)

    def operations(self, queue: Accepting) -> tuple[object, ...]:
        """Return what implements the operations.

        Args:
            queue: Takes asynchronous events.
        """
        return (Invocations(self.runner, self.streaming, queue),)

    def invoker(self, queue: Accepting) -> Invoker:
        """Return functions as other services invoke them."""
        return Invoker(
            runner=self.runner,
            queue=queue,
            authorizer=self._premises.authorizer,
            ids=self._premises.ids,
        )
