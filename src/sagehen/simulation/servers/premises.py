"""Premises: the account around a function, and what Lambda would refuse in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sagehen.concurrency.counting import Shares
from sagehen.concurrency.limits import Limits
from sagehen.concurrency.room import provision_refusal, reservation_refusal

NAME = "function"


@dataclass(frozen=True, slots=True)
class Premises:
    """What surrounds a function.

    Args:
        limits: The account's.
        others: Environments that other functions without a reservation keep busy.
        others_reserved: What other functions reserve.
        idle_s: How long an idle environment is kept. AWS does not say; 600 is the platform's.
        starts_at_once: How many environments start side by side; None for AWS, where all do.
        timeout_s: The function's.
    """

    limits: Limits = field(default_factory=Limits)
    others: int = 0
    others_reserved: int = 0
    idle_s: float = 600.0
    starts_at_once: int | None = None
    timeout_s: float = 900.0

    def shares(self, reserved: int | None, provisioned: int = 0) -> Shares:
        """Return what is cut out of the account's concurrency, where the function has so much of each."""
        of = {"others": self.others_reserved} if self.others_reserved else {}
        if reserved is not None:
            of[NAME] = reserved
        return Shares(of, {NAME: provisioned} if provisioned else {})

    def refusal(self, reserved: int | None, provisioned: int) -> str | None:
        """Return in which words Lambda refuses to have so much of each, or None."""
        if reserved is not None:
            found = reservation_refusal(self.shares(None), self.limits, NAME, reserved)
            if found is not None:
                return found.strip()
        if not provisioned:
            return None
        return provision_refusal(self.shares(reserved), self.limits, NAME, 0, provisioned)
