"""Patience: how long a client may keep the door waiting, as a decision about what has been seen of it."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from sagehen.gateway.settings import FrontDoorSettings

# idle: between requests; head: from the first byte to the last header; body: until the last of its bytes;
# busy: all was read, and the answer is awaited.
Phase = Literal["idle", "head", "body", "busy"]


class Overdue(Enum):
    """What is done with a connection that has kept the door waiting for too long."""

    REFUSE = "408, and closed"
    CLOSE = "closed"
    ABORT = "broken off"


def overdue(phase: Phase, waited_s: float, body_bytes: int, settings: FrontDoorSettings) -> Overdue | None:
    """Decide what a connection has coming; None where it may go on.

    Worked example: with a grace of 20 s and 1,024 B/s, a body of which 20,480 bytes came in 20.1 s is too
    slow (20,582 were due), one of 20,600 is not.

    Args:
        phase: Of its request.
        waited_s: Since the phase began; of a body, since it was last judged.
        body_bytes: Of the body, in that time.
        settings: The limits.
    """
    if phase == "head" and waited_s > settings.header_timeout_s:
        return Overdue.REFUSE
    if phase == "idle" and waited_s > settings.idle_timeout_s:
        return Overdue.CLOSE
    if (
        phase == "body"
        and waited_s > settings.body_grace_s
        and body_bytes < settings.body_min_rate * waited_s
    ):
        return Overdue.ABORT
    return None
