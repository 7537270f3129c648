"""Beside: an executor that runs some sandboxes itself, and has another one for all the others."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from sagehen.executors.base import Executor, ExecutorState, Interpreter, Sandbox, SandboxSpec


class Own(Sandbox, Protocol):
    """A sandbox that it runs itself."""

    @property
    def spec(self) -> SandboxSpec: ...


OwnT = TypeVar("OwnT", bound=Own)


class Beside(Generic[OwnT]):
    """What `base.Executor` says of both together.

    Args:
        others: Runs what is not its own.
    """

    def __init__(self, others: Executor) -> None:
        self._others = others
        self._running: dict[str, OwnT] = {}

    @property
    def has_private_networks(self) -> bool:
        return self._others.has_private_networks

    def state(self) -> ExecutorState:
        """See `base.Executor.state`; limits and warm parents are the other one's."""
        others = self._others.state()
        own = tuple((sandbox.spec, sandbox) for sandbox in self._running.values())
        return ExecutorState(others.limits, (*others.running, *own), others.warm)

    async def prewarm(
        self,
        name: str,
        spares: int = 0,
        door_ports: tuple[int, ...] = (),
        python: Interpreter | None = None,
    ) -> None:
        """See `base.Executor.prewarm`; here there is nothing to be warm of."""
        await self._others.prewarm(name, spares, door_ports, python)
