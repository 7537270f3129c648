"""Cooldowns: waits after an activity, never delays before one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class LastActivity:
    """The scalable target's last activity that a policy caused, successful or still going on.

    Args:
        base: Capacity before the activity that began this cooldown.
        capacity: What it set.
        ended_at: When it was fulfilled, which begins the cooldown; None while it is going on.
        cooldown_s: Seconds, of the policy that caused it.
    """

    base: int
    capacity: int
    ended_at: datetime | None
    cooldown_s: float

    @property
    def was_out(self) -> bool:
        """Tell whether it added capacity."""
        return self.capacity > self.base

    def is_in_effect(self, now: datetime) -> bool:
        """Tell whether its cooldown has not run out. One that is still going on has not even begun it."""
        return self.ended_at is None or now < self.ended_at + timedelta(seconds=self.cooldown_s)


def counted_from(current: int, last: LastActivity | None, now: datetime) -> int:
    """Return the capacity that a scale-out is counted from.

    In a scale-out's cooldown this is the capacity before it: what it added is part of what the next asks for.
    Documented: an alarm adds 2; within the cooldown it fires again for a step of 3; only 1 is added.
    """
    # Where somebody has changed the capacity by hand since, the old activity says nothing any more.
    if last is not None and last.was_out and last.capacity == current and last.is_in_effect(now):
        return last.base
    return current


def blocks_scale_in(last: LastActivity | None, now: datetime) -> bool:
    """Tell whether a scale-in has to wait: another was made a short time ago, or something is going on.

    A scale-out never waits, and ends a scale-in's cooldown: it is the last activity from then on.
    """
    if last is None:
        return False
    return last.ended_at is None or (not last.was_out and last.is_in_effect(now))
