"""Acting: changes of capacity, written down before they are done and followed until they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from sagehen.api.errors import ServiceError
from sagehen.autoscaling.decide import Decision
from sagehen.domain.background import Background
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.scaling import ScalableResource, ScalableResources
from sagehen.services.application_autoscaling.activities import activity as words
from sagehen.services.application_autoscaling.activities.activity import ScalingActivity
from sagehen.services.application_autoscaling.activities.records import ActivityRecords
from sagehen.services.application_autoscaling.targets.target import ScalableTarget, TargetKey

_log = logging.getLogger(__name__)
# Real seconds between two looks at what goes on: starting an instance takes seconds, whatever the clock's
# scale.
_LOOK_EVERY_S = 0.25
# An activity that took longer than this is given up, in the clock's seconds. AWS's own patience is not known.
PATIENCE_S = 3600.0
_SWEEP_EVERY_S = 3600.0


class Acting:
    """Changes of capacity.

    Args:
        activities: Where they are written down.
        resources: What can be scaled, by service namespace.
        clock: Dates.
        ids: Draws the activities' ids.
    """

    def __init__(
        self,
        activities: ActivityRecords,
        resources: Mapping[str, ScalableResources],
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._activities = activities
        self._resources = resources
        self._clock = clock
        self._ids = ids
        self._begun = asyncio.Event()
        # Who follows must not take what is just being told for what an earlier life left.
        self._telling = asyncio.Lock()
        self._swept_at = float("-inf")
        self._following = Background("scaling-activities", self._follow)

    def start(self) -> None:
        """Take up what an earlier life decided and did not finish."""
        self._begun.set()
        self._following.start()

    async def stop(self) -> None:
        """End; what is open stays on record."""
        await self._following.stop()

    def find(self, key: TargetKey) -> ScalableResource | None:
        """Return the resource of a target as it is now."""
        return self._resources[key.namespace].find(key.scope, key.resource_id, key.dimension)

    async def into_bounds(self, target: ScalableTarget) -> None:
        """Change a capacity that is outside of the target's bounds.

        Documented in RegisterScalableTarget: not where the resource is not active. The causes are recorded.
        """
        found = self.find(target.key)
        if found is None or not found.scalable:
            return
        capacity = max(target.minimum, min(target.maximum, found.desired))
        if capacity != found.desired:
            side = "minimum" if capacity > found.desired else "maximum"
            await self.set(target.key, capacity, f"{side} capacity was set to {capacity}")

    async def set(
        self,
        key: TargetKey,
        capacity: int,
        cause: str,
        decision: Decision | None = None,
        details: str = "",
    ) -> ScalingActivity:
        """Set a capacity: written down first, so that a decision is done even if this life ends in between.

        Args:
            key: The target.
            capacity: What it is to have.
            cause: AWS's words for why.
            decision: Of a policy; it begins a cooldown.
            details: What the policy read, in sentences.
        """
        async with self._telling:
            activity = await self._activities.add(
                ScalingActivity(
                    key,
                    self._ids.uuid(),
                    words.setting(key, capacity),
                    cause,
                    "Pending",
                    self._now(),
                    capacity=capacity,
                    base=decision.base if decision else None,
                    cooldown_s=decision.cooldown_s if decision else None,
                    details=details,
                )
            )
            activity = await self._do(activity)
        self._begun.set()
        return activity

    async def note(self, key: TargetKey, description: str, cause: str, message: str) -> None:
        """Write down what was done at once: new bounds."""
        now = self._now()
        await self._activities.add(
            ScalingActivity(key, self._ids.uuid(), description, cause, "Successful", now, message)
        )
        self._begun.set()  # old ones are swept on the way

    async def note_not_scaled(self, key: TargetKey, cause: str, reason: Mapping[str, object]) -> None:
        """Write down why nothing was scaled; the same reason again and again is written once."""
        newest = self._activities.newest(key)
        if newest is not None and newest.cause == cause and newest.not_scaled == (reason,):
            return
        now = self._now()
        description = (
            "Attempting to scale due to alarm triggered"  # documented: User Guide, Scaling activities
        )
        await self._activities.add(
            ScalingActivity(
                key, self._ids.uuid(), description, cause, "Failed", now, ended_at=now, not_scaled=(reason,)
            )
        )
        self._begun.set()

    async def look(self) -> bool:
        """Follow everything that is open once; tell whether something still is."""
        open_ = self._activities.open()
        newest = {one.key: one.row for one in open_}
        for activity in open_:
            if activity.status == "Pending":
                await self._take_up(activity)
            else:
                await self._conclude(activity, is_newest=newest[activity.key] == activity.row)
        return bool(self._activities.open())

    async def _take_up(self, activity: ScalingActivity) -> None:
        async with self._telling:
            if any(one.row == activity.row and one.status == "Pending" for one in self._activities.open()):
                await self._do(activity)

    async def _do(self, activity: ScalingActivity) -> ScalingActivity:
        key, capacity = activity.key, activity.capacity
        assert capacity is not None
        try:
            await self._resources[key.namespace].set_desired(
                key.scope, key.resource_id, key.dimension, capacity
            )
        except ServiceError as error:
            message = words.failed(key, capacity, error.message)
            return await self._activities.change(activity, "Failed", message, self._now())
        except Exception:  # a fault of ours ends this activity, and holds up none behind it
            _log.exception("setting the capacity of %s failed", key.resource_id)
            message = words.failed(key, capacity, "An internal failure; the platform's log tells more.")
            return await self._activities.change(activity, "Failed", message, self._now())
        waiting = words.waiting(key, capacity)
        return await self._activities.change(activity, "InProgress", waiting, self._now())

    async def _conclude(self, activity: ScalingActivity, *, is_newest: bool) -> None:
        key, capacity, now = activity.key, activity.capacity, self._now()
        assert capacity is not None
        found = self.find(key)
        if found is not None and found.desired == capacity and found.fulfilled:
            await self._activities.change(activity, "Successful", words.fulfilled(key, capacity), now)
        elif not is_newest:
            await self._activities.change(activity, "Overridden", words.overridden(key, capacity), now)
        elif found is None or found.desired != capacity or now - activity.started_at > PATIENCE_S:
            await self._activities.change(activity, "Unfulfilled", words.unfulfilled(key, capacity), now)

    async def _follow(self) -> None:
        while True:
            self._begun.clear()
            try:
                going = await self.look()
                if (now := self._now()) - self._swept_at > _SWEEP_EVERY_S:
                    self._swept_at = now
                    await self._activities.forget(now)
            except Exception:
                _log.exception("following scaling activities failed; it is tried again")
                going = True
            if going:
                await asyncio.sleep(_LOOK_EVERY_S)
            else:
                await self._begun.wait()

    def _now(self) -> float:
        return self._clock.now().timestamp()
