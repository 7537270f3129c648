"""ScheduleLoop: does scheduled actions when they are due."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from sagehen.domain.background import Background
from sagehen.domain.clock import Clock, wait_for
from sagehen.services.application_autoscaling.scaling.acting import Acting
from sagehen.services.application_autoscaling.scheduled.action import ScheduledAction
from sagehen.services.application_autoscaling.scheduled.records import ScheduleRecords
from sagehen.services.application_autoscaling.targets.records import TargetRecords

_log = logging.getLogger(__name__)
_PAUSE_AFTER_FAILURE_S = 10.0


class ScheduleLoop:
    """Waits for the next action, on the platform's clock.

    What became due while the platform was down is done once when it is up again, as late as that is.

    Args:
        targets: Gets the new bounds.
        schedules: What is due.
        acting: Brings capacity into the bounds.
        clock: Says when.
    """

    def __init__(
        self, targets: TargetRecords, schedules: ScheduleRecords, acting: Acting, clock: Clock
    ) -> None:
        self._targets = targets
        self._schedules = schedules
        self._acting = acting
        self._clock = clock
        self._poked = asyncio.Event()
        self._running = Background("scaling-schedules", self._run)

    def start(self) -> None:
        """Begin; what is overdue is done now."""
        self._running.start()

    async def stop(self) -> None:
        """End."""
        await self._running.stop()

    def poke(self) -> None:
        """Look again when the next action is due."""
        self._poked.set()

    async def do_due(self) -> None:
        """Do every action that is due, in order."""
        while due := self._schedules.due(self._clock.now()):
            for action in due:
                await self._advance(action)
                await self._do(action)

    async def _advance(self, action: ScheduledAction) -> None:
        """Before it is done: an action that cannot be done is not tried again at once, for ever."""
        if action.schedule.is_once:
            await self._schedules.remove(action)  # from memory: a one-time action is gone when it was done
        else:
            await self._schedules.put(replace(action, next_at=action.due_after(self._clock.now())))

    async def _do(self, action: ScheduledAction) -> None:
        target = self._targets.get(action.key)
        if target is None or target.suspended.scheduled:
            return
        minimum = target.minimum if action.minimum is None else action.minimum
        maximum = target.maximum if action.maximum is None else action.maximum
        if maximum < minimum:
            # One of the two was given and has passed the other: what was given counts. From memory.
            minimum, maximum = (minimum, minimum) if action.maximum is None else (maximum, maximum)
        target = replace(target, minimum=minimum, maximum=maximum)
        await self._targets.put(target)
        shown = f"min capacity to {minimum} and max capacity to {maximum}"
        cause = f"scheduled action name {action.name} was triggered"  # recorded, as are the other words
        await self._acting.note(action.key, f"Setting {shown}", cause, f"Successfully set {shown}")
        await self._acting.into_bounds(target)

    async def _run(self) -> None:
        while True:
            self._poked.clear()
            pause_s: float | None = _PAUSE_AFTER_FAILURE_S
            try:
                await self.do_due()
                next_at = self._schedules.next_at()
                pause_s = None if next_at is None else next_at - self._clock.now().timestamp()
            except Exception:
                _log.exception("doing scheduled actions failed; it is tried again")
            await wait_for(self._poked, self._clock, pause_s)
