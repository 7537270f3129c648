"""What one tracking server needs next: plan(record, its process, failures, now) -> an action. No effects.

A process that ends by itself while its server is there is started anew, as AWS would replace it; the third
end in a row makes it StartFailed. A start, a creation or an update that somebody asked for is tried once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.tracking_servers.tracking_server import COMING, Settings, TrackingServer
from sagehen.upkeep import failures as ends
from sagehen.upkeep.pauses import Rest, Wait
from sagehen.upkeep.run import Phase

Failures = ends.Failures[str]
# Ours: AWS names none.
_PAUSE_S = 2.0
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Launch:
    """The process is started."""


@dataclass(frozen=True, slots=True)
class Open:
    """The process answers."""


@dataclass(frozen=True, slots=True)
class End:
    """The process is told to stop."""


@dataclass(frozen=True, slots=True)
class Fail:
    """It does not come up, or cannot be kept up."""

    reason: str


@dataclass(frozen=True, slots=True)
class Settle:
    """It is stopped."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Folder and record go."""


Action = Launch | Open | End | Fail | Settle | Remove | Wait | Rest


def plan(
    server: TrackingServer,
    phase: Phase | None,
    running: Settings | None,
    failures: Failures | None,
    now: float,
) -> Action:
    """Return what brings a tracking server nearer to what its record says. Safe to ask twice.

    Args:
        phase: Of its process; None where nothing of it runs.
        running: With which settings that was started.
        failures: Of its process, since it was last asked to run.
        now: On the monotonic clock.
    """
    if not server.is_wanted:
        if phase is not None:
            return Wait() if phase == "stopping" else End()
        if server.status == "Stopping":
            return Settle()
        return Remove() if server.status == "Deleting" else Rest()
    if phase is not None:
        if phase != "stopping" and running != server.settings:
            return End()
        return Open() if phase == "ready" and server.status in COMING else Wait()
    if failures is None:
        return Launch()
    if server.status in COMING or failures.count >= _MOST_FAILURES:
        return Fail(failures.reason)
    again_at = failures.again_at(_PAUSE_S)
    return Launch() if now >= again_at else Wait(again_at)
