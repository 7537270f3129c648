"""What one instance needs next: plan(its row, its machine, failures, now) -> an action. No effects.

A machine that ends by itself without having been told to is brought up again: at once the first time, after a
pause the second; the third end in a row, each within half a minute, stops the instance. A shutdown from
inside does what `InstanceInitiatedShutdownBehavior` says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sagehen.services.ec2.instances.life.states import INSIDE, name_of
from sagehen.services.ec2.resources.resource import Body
from sagehen.upkeep import failures as ends
from sagehen.upkeep import keeping
from sagehen.upkeep.keeping import End, Launch, Open, Settle
from sagehen.upkeep.pauses import Rest, Wait
from sagehen.upkeep.run import Phase

# Ends of its machine, with code and sentence.
Failures = ends.Failures[tuple[str, str]]
# Ours: AWS names none.
_PAUSE_S = 2.0
_MOST_FAILURES = 3


def ended(before: Failures | None, up_s: float | None, now: float, why: str) -> Failures:
    """Return the failures after a machine ended by itself.

    Args:
        up_s: How long it was up; None where it never was.
        now: On the monotonic clock.
        why: '' after a shutdown from inside.
    """
    if not why:
        return Failures(1, now, INSIDE, final=True)
    once_more = Failures.after(before, up_s, now, ("Server.InternalError", why))
    return replace(once_more, final=up_s is None or once_more.count >= _MOST_FAILURES)


@dataclass(frozen=True, slots=True)
class Reboot:
    """Its processes begin anew."""


@dataclass(frozen=True, slots=True)
class Give:
    """It came to an end by itself: the instance is stopping, or shutting down."""

    reason: tuple[str, str]


Action = Launch | Open | Reboot | End | Give | Settle | Wait | Rest


def plan(body: Body, machine: Phase | None, failures: Failures | None, now: float) -> Action:
    """Return what brings an instance nearer to what its row says. Safe to ask twice.

    Args:
        machine: The phase of its machine; None where nothing of it runs.
        failures: Of its machine, since it was last asked to start.
        now: On the monotonic clock.
    """
    name = name_of(body)
    if name in ("pending", "running"):
        return _kept_up(body, machine, failures, now)
    if machine is not None:
        return keeping.ended(machine)
    return Settle() if name in ("stopping", "shutting-down") else Rest()


def _kept_up(body: Body, machine: Phase | None, failures: Failures | None, now: float) -> Action:
    if machine == "ready":
        if name_of(body) == "pending":
            return Open()
        return Reboot() if body.get("rebootAsked") else Wait()
    if machine is not None:
        return Wait()
    if failures is None:
        return Launch()
    if failures.final:
        return Give(failures.reason)
    again_at = failures.again_at(_PAUSE_S)
    return Launch() if now >= again_at else Wait(again_at)
