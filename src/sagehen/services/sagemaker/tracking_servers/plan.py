"""What one tracking server needs next: plan(record, its process, failures, now) -> an action. No effects.

A process that ends by itself while its server is there is kept up (`upkeep.keeping`); the third end in a row
makes it StartFailed.
"""

from __future__ import annotations

from sagehen.services.sagemaker.tracking_servers.tracking_server import COMING, Settings, TrackingServer
from sagehen.upkeep.keeping import End, Fail, Failures, Launch, Open, Remove, Settle, ended, kept_up
from sagehen.upkeep.pauses import Rest, Wait
from sagehen.upkeep.run import Phase

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
    if server.is_wanted:
        if phase is not None and running != server.settings:
            return ended(phase)
        return kept_up(phase, server.status in COMING, failures, now)
    if phase is not None:
        return ended(phase)
    if server.status == "Stopping":
        return Settle()
    return Remove() if server.status == "Deleting" else Rest()
