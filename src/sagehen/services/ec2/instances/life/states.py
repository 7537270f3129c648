"""States of an instance with their reasons, in AWS's words. Pure: a body goes in and is changed.

Codes of states and reasons: documented (API reference, InstanceState and StateReason). `User initiated (…)`:
recorded in many public outputs of the CLI. What is told of a recovery is ours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.instances.life import bill
from sagehen.services.ec2.resources.resource import Body, stamp

Name = Literal["pending", "running", "shutting-down", "terminated", "stopping", "stopped"]
CODES: dict[str, int] = {
    "pending": 0,
    "running": 16,
    "shutting-down": 32,
    "terminated": 48,
    "stopping": 64,
    "stopped": 80,
}
# Those in which something of it may run.
LIVE = ("pending", "running", "shutting-down", "stopping")
# Documented: a terminated instance is shown for about an hour.
SHOWN_TERMINATED_S = 3600.0
# What ends on SIGTERM has so long; AWS waits for some minutes.
GRACE_S = 10.0

USER = ("Client.UserInitiatedShutdown", "User initiated shutdown")
INSIDE = ("Client.InstanceInitiatedShutdown", "Instance initiated shutdown")
SPOT = ("Server.SpotInstanceTermination", "Spot instance termination")
HOST_FAILED = ("Server.InternalError", "The host failed, and automatic recovery is disabled")
NO_CAPACITY = (
    "Server.InsufficientInstanceCapacity",
    "Insufficient capacity available to satisfy instance request",
)


def name_of(body: Body) -> str:
    """Return the name of the state."""
    return str(body["State"]["Name"])


def state(name: str) -> dict[str, str | int]:
    """Return a state as answers have it."""
    return {"Code": CODES[name], "Name": name}


def enter(
    body: Body, name: Name, now: datetime, reason: tuple[str, str] | None, transition: str = ""
) -> None:
    """Enter a state.

    Args:
        reason: Code, and what follows it in the message; None: none.
        transition: StateTransitionReason: `User initiated`, to which the time is added, or ''.
    """
    if name == "running":
        bill.begin(body, now)
    else:
        bill.go_on(body, now)
        bill.end(body)
    body["State"] = state(name)
    body["changedAt"] = stamp(now)
    body["StateTransitionReason"] = (
        f"{transition} ({now.astimezone(UTC):%Y-%m-%d %H:%M:%S} GMT)" if transition else ""
    )
    body.pop("StateReason", None)
    if reason is not None:
        body["StateReason"] = {"Code": reason[0], "Message": f"{reason[0]}: {reason[1]}"}


def begin(body: Body, now: datetime) -> None:
    """Let it come up: again, or after a stop."""
    enter(body, "pending", now, None)
    body["StateReason"] = {"Code": "pending", "Message": "pending"}
    body["LaunchTime"] = stamp(now)
    body["checks"] = "initializing"


def running(body: Body, now: datetime) -> None:
    """It is up."""
    enter(body, "running", now, None)


def recovered(body: Body, now: datetime) -> None:
    """What ran when the platform ended without a word comes up again, its disks as they were."""
    enter(body, "pending", now, ("Server.InternalError", "The host failed; the instance is being recovered"))
    body["checks"] = "initializing"


def end(
    body: Body, name: Literal["stopping", "shutting-down"], now: datetime, reason: tuple[str, str]
) -> None:
    """Begin to end it; one that is stopping may still be terminated."""
    transition = {USER: "User initiated", SPOT: "Service initiated"}.get(reason, "")
    enter(body, name, now, reason, transition)


def ended(body: Body, now: datetime) -> None:
    """Nothing of it runs any more: stopped or terminated, with the reason that began it."""
    name: Name = "terminated" if name_of(body) == "shutting-down" else "stopped"
    body["State"] = state(name)
    body["changedAt"] = stamp(now)
    for member in ("publicIp", "sshPort", "spotAction", "rebootAsked"):
        body.pop(member, None)


def failed(body: Body, now: datetime, reason: tuple[str, str]) -> None:
    """It does not come up: at its first launch it is over, later it is stopped (documented)."""
    enter(body, "shutting-down" if body["firstBoot"] else "stopping", now, reason)


def require(body: Body, instance_id: str, act: str, allowed: tuple[str, ...]) -> None:
    """Check that something may be done now.

    Args:
        act: `started`, `stopped`, `rebooted`.

    Raises:
        Ec2Error: `IncorrectInstanceState`.
    """
    if name_of(body) not in allowed:
        article = "This" if act == "stopped" else "The"  # as AWS has it, from memory
        raise Ec2Error(
            "IncorrectInstanceState",
            f"{article} instance '{instance_id}' is not in a state from which it can be {act}.",
        )
