"""Termination: the notice that the machine is about to be taken away."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

import torch
from world import World

# Ranks must leave at the same step, so they ask one another; each asking costs a round of messages.
_ASK_EVERY_STEPS = 10


class Termination:
    """SIGTERM (spot, MaxRuntime, StopTrainingJob), after which SageMaker gives 120 s."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._here = False
        self._at_once = False
        signal.signal(signal.SIGTERM, self._note)

    def _note(self, signum: int, frame: object) -> None:
        if self._at_once:
            raise SystemExit("SIGTERM: nothing was learnt yet that a checkpoint could keep")
        self._here = True

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Leave at once while there is nothing to keep."""
        self._at_once = True
        yield
        self._at_once = False

    def due(self, step: int) -> bool:
        """Tell whether to stop after this step; every rank is told the same."""
        if self._world.size == 1:
            return self._here
        if step % _ASK_EVERY_STEPS:
            return False
        return bool(self._world.sum(torch.tensor(float(self._here))) > 0)
