"""What a thing that has one run needs next: kept up, or brought to its end. No effects.

A run that ends by itself is started anew, as AWS would replace the machine: at once the first time, after a
pause the second; the third end in a row, each within its first half minute, is the last. A start that
somebody asked for is tried once.

Worked example: the kernel's OOM killer ends a notebook's machine after an hour: it starts anew. It is killed
again 5 s after it came up, and again: the instance is Failed, with the last reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.upkeep import failures as ends
from sagehen.upkeep.pauses import Wait
from sagehen.upkeep.run import Phase

# Ends of its run, with the reason that people are told.
Failures = ends.Failures[str]
# Ours: AWS names none.
_PAUSE_S = 2.0
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Launch:
    """A run begins."""


@dataclass(frozen=True, slots=True)
class Open:
    """The run is ready: the thing is there, for all to see."""


@dataclass(frozen=True, slots=True)
class End:
    """The run is told to stop."""


@dataclass(frozen=True, slots=True)
class Fail:
    """It does not come up, or cannot be kept up."""

    reason: str


@dataclass(frozen=True, slots=True)
class Settle:
    """Nothing runs any more: the thing is stopped."""


@dataclass(frozen=True, slots=True)
class Remove:
    """What it has on disk goes, and its record."""


def kept_up(
    phase: Phase | None, is_coming: bool, failures: Failures | None, now: float
) -> Launch | Open | Fail | Wait:
    """Return what a thing needs whose run is to be there.

    Args:
        phase: Of its run; None where nothing of it runs.
        is_coming: Whether somebody asked for a start that has not come to its end.
        failures: Of its runs, since it was last asked to start.
        now: On the monotonic clock.
    """
    if phase is not None:
        return Open() if phase == "ready" and is_coming else Wait()
    if failures is None:
        return Launch()
    if is_coming or failures.count >= _MOST_FAILURES:
        return Fail(failures.reason)
    again_at = failures.again_at(_PAUSE_S)
    return Launch() if now >= again_at else Wait(again_at)


def ended(phase: Phase) -> End | Wait:
    """Return what a thing needs whose run is not to be there."""
    return Wait() if phase == "stopping" else End()
