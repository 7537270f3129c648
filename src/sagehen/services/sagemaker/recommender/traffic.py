"""Traffic: how many users ask at once, and for how long. Each asks again as soon as it is answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A Default job doubles its users until there is no more to be had. AWS's steps take minutes; a machine that
# is there at once tells within seconds.
_DOUBLINGS = (1, 2, 4, 8, 16, 32, 64)
_DEFAULT_STAGE_S = 5
# A stage that has not so much more than the best one before it is flat.
_MORE = 1.05
# Documented: TrafficPattern lasts from 120 s to the job's JobDurationInSeconds; the sum of users is bounded
# by the account's quotas (from memory), here by what one event loop keeps up with.
MOST_USERS = 256


@dataclass(frozen=True, slots=True)
class Stage:
    """So many users for so long, in seconds."""

    users: int
    seconds: float


def stages_of(given: Mapping[str, Any], is_default: bool) -> list[Stage]:
    """Return the stages of a job's traffic.

    Args:
        given: InputConfig.
    """
    pattern = given.get("TrafficPattern") or {}
    if stairs := pattern.get("Stairs"):
        steps, users = stairs.get("NumberOfSteps", 1), stairs.get("UsersPerStep", 1)
        seconds = stairs.get("DurationInSeconds", _DEFAULT_STAGE_S)
        return [Stage(min(users * step, MOST_USERS), seconds) for step in range(1, steps + 1)]
    if phases := pattern.get("Phases"):
        return [stage for phase in phases for stage in _stages_of_phase(phase)]
    duration = given.get("JobDurationInSeconds") if not is_default else None
    seconds = duration / len(_DOUBLINGS) if duration else _DEFAULT_STAGE_S
    return [Stage(users, seconds) for users in _DOUBLINGS]


def _stages_of_phase(phase: Mapping[str, Any]) -> list[Stage]:
    """Return a phase's: `SpawnRate` new users every minute (documented), in stages of a minute."""
    users, rate = phase.get("InitialNumberOfUsers", 1), phase.get("SpawnRate", 0)
    left, stages = phase.get("DurationInSeconds", 60), []
    while left > 0:
        stages.append(Stage(min(users, MOST_USERS), min(left, 60)))
        users, left = users + rate, left - 60
    return stages


def is_flat(per_minute: Sequence[float]) -> bool:
    """Tell whether the last stage had no more answers a minute than the best before it."""
    return len(per_minute) > 1 and per_minute[-1] < _MORE * max(per_minute[:-1])
