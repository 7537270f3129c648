"""SingleLoop: the loop of a thing that has one run at most."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeVar

from sagehen.domain.clock import Clock
from sagehen.upkeep.loop import Loop
from sagehen.upkeep.run import Phase, Run

RunType = TypeVar("RunType", bound=Run[Any])


class SingleLoop(Loop, Generic[RunType]):
    """A loop with its run.

    Args:
        leaving_grace_s: What the run has to end in when the platform leaves.

    Attributes:
        run: None where nothing runs.
    """

    def __init__(self, name: str, clock: Clock, leaving_grace_s: float) -> None:
        super().__init__(name, clock)
        self.run: RunType | None = None
        self._leaving_grace_s = leaving_grace_s

    @property
    def ready_run(self) -> RunType | None:
        """Return the run while it is ready; None else."""
        return self.run if self.run is not None and self.run.phase == "ready" else None

    @abstractmethod
    def _note_end(self, run: RunType, served_s: float | None, now: float) -> None:
        """Keep why a run ended, if it was not told to.

        Args:
            served_s: How long it was ready; None where it never was.
            now: On the monotonic clock.
        """

    def _phase(self) -> Phase | None:
        return None if self.run is None or self.run.phase == "ended" else self.run.phase

    def _launch(self, run: RunType) -> None:
        self.run = run
        run.begin(self._changed)

    def _changed(self, run: RunType) -> None:
        if run.phase == "ended" and not self._closing:
            now = self._clock.monotonic()
            self._note_end(run, None if run.ready_at is None else now - run.ready_at, now)
            if run is self.run:
                self.run = None
        self.poke()

    async def _leave(self) -> None:
        if self.run is not None:
            self.run.stop(self._leaving_grace_s)
            await self.run.ended()
