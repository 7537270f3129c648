"""What one notebook instance needs next: plan(record, its server, failures, now) -> an action. No effects.

A server that ends by itself while the instance is InService is started anew, as AWS would replace the
machine: at once the first time, after a pause the second; the third end in a row, each within its first half
minute, makes the instance Failed. A start that somebody asked for is tried once.

Worked example: the kernel's OOM killer ends the machine after an hour: it starts anew, OnStart included, and
the volume is as it was. It is killed again 5 s after it came up, and again: Failed, with the last reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.services.sagemaker.notebooks.instance import NotebookInstance
from sagehen.upkeep import failures as ends
from sagehen.upkeep.pauses import Rest, Wait
from sagehen.upkeep.run import Phase

# Ends of its server, with FailureReason.
Failures = ends.Failures[str]
# Ours: AWS names none.
_PAUSE_S = 2.0
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Launch:
    """The server is started."""


@dataclass(frozen=True, slots=True)
class Open:
    """The server answers: the instance is InService."""


@dataclass(frozen=True, slots=True)
class End:
    """The server is told to stop."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The instance is Failed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resize:
    """The volume becomes as large as the record says."""


@dataclass(frozen=True, slots=True)
class Settle:
    """The instance is Stopped."""


@dataclass(frozen=True, slots=True)
class Remove:
    """Volume and record go."""


Action = Launch | Open | End | Fail | Resize | Settle | Remove | Wait | Rest


def plan(instance: NotebookInstance, server: Phase | None, failures: Failures | None, now: float) -> Action:
    """Return what brings an instance nearer to what its record says. Safe to ask twice.

    Args:
        server: The phase of its server; None where nothing of it runs.
        failures: Of its server, since it was last asked to start.
        now: On the monotonic clock.
    """
    if instance.status in ("Pending", "InService"):
        return _kept_up(instance, server, failures, now)
    if server is not None:
        return Wait() if server == "stopping" else End()
    match instance.status:
        case "Stopping":
            return Settle()
        case "Updating":
            return Resize()
        case "Deleting":
            return Remove()
        case _:
            return Rest()


def _kept_up(
    instance: NotebookInstance, server: Phase | None, failures: Failures | None, now: float
) -> Action:
    if server == "ready" and instance.status == "Pending":
        return Open()
    if server is not None:
        return Wait()
    if failures is None:
        return Launch()
    if instance.status == "Pending" or failures.count >= _MOST_FAILURES:
        return Fail(failures.reason)
    again_at = failures.again_at(_PAUSE_S)
    return Launch() if now >= again_at else Wait(again_at)
