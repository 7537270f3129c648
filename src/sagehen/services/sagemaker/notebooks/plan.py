"""What one notebook instance needs next: plan(record, its server, failures, now) -> an action. No effects.

A server that ends by itself while the instance is InService is kept up (`upkeep.keeping`): it starts anew,
OnStart included, and the volume is as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.upkeep.keeping import End, Fail, Failures, Launch, Open, Remove, Settle, ended, kept_up
from sagehen.upkeep.pauses import Rest, Wait
from sagehen.upkeep.run import Phase


@dataclass(frozen=True, slots=True)
class Resize:
    """The volume becomes as large as the record says."""


Action = Launch | Open | End | Fail | Resize | Settle | Remove | Wait | Rest


def plan(instance: NotebookInstance, server: Phase | None, failures: Failures | None, now: float) -> Action:
    """Return what brings an instance nearer to what its record says. Safe to ask twice.

    Args:
        server: The phase of its server; None where nothing of it runs.
        failures: Of its server, since it was last asked to start.
        now: On the monotonic clock.
    """
    if instance.status in ("Pending", "InService"):
        return kept_up(server, instance.status == "Pending", failures, now)
    if server is not None:
        return ended(server)
    match instance.status:
        case "Stopping":
            return Settle()
        case "Updating":
            return Resize()
        case "Deleting":
            return Remove()
        case _:
            return Rest()
