"""Counting: may one more invocation run, and how fast may environments be added? Pure decisions.

An account's concurrency in a region is one pool. What functions reserve is cut out of it, as a
floor and a ceiling; provisioned environments count inside their function's reservation, or else
are cut out of the unreserved rest. Worked example, limit 1000: A reserves 200 and provisions 50 of
them, B provisions 30 without a reservation: A's on-demand ceiling is 150, everybody else shares
1000 - 200 - 30 = 770.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sagehen.concurrency.limits import Limits

ThrottleReason = Literal[
    "ConcurrentInvocationLimitExceeded",
    "ReservedFunctionConcurrentInvocationLimitExceeded",
    "FunctionInvocationRateLimitExceeded",
    "ReservedFunctionInvocationRateLimitExceeded",
]

# Requests per second that each unit of concurrency is good for. Documented: "Understanding Lambda function
# scaling", comparing concurrency to requests per second.
RATE_PER_CONCURRENCY = 10
# Documented: "Lambda scaling behavior": 1,000 environments every 10 seconds for each function, refilled
# continuously, never more than 1,000 at once.
NEW_ENVIRONMENTS = 1000
NEW_ENVIRONMENTS_PER_S = NEW_ENVIRONMENTS / 10


@dataclass(frozen=True, slots=True)
class Shares:
    """What functions of one scope cut out of the account's concurrency, by name."""

    reserved: Mapping[str, int] = field(default_factory=dict)
    provisioned: Mapping[str, int] = field(default_factory=dict)

    def unreserved(self, limits: Limits, without: str = "") -> int:
        """Return what is left when every reservation is cut out; `without` one function's own."""
        return limits.concurrency - sum(count for name, count in self.reserved.items() if name != without)

    def provisioned_unreserved(self, without: str = "") -> int:
        """Return what functions without a reservation have provisioned; `without` one function's own."""
        return sum(
            count
            for owner, count in self.provisioned.items()
            if owner not in self.reserved and owner != without
        )

    def on_demand(self, name: str, limits: Limits) -> int:
        """Return how many on-demand environments of this function (if it reserves) or of all that do
        not reserve may be busy at once."""
        reserved = self.reserved.get(name)
        if reserved is not None:
            return reserved - self.provisioned.get(name, 0)
        return self.unreserved(limits) - self.provisioned_unreserved()

    def rate(self, name: str, limits: Limits) -> int:
        """Return the requests per second that this function may get."""
        reserved = self.reserved.get(name)
        return RATE_PER_CONCURRENCY * (limits.concurrency if reserved is None else reserved)


class TokenBucket:
    """Tokens that come back at a steady rate and never grow beyond the capacity."""

    __slots__ = ("_at_s", "_capacity", "_per_s", "_tokens")

    def __init__(self, capacity: float, per_s: float, now_s: float) -> None:
        self._capacity = capacity
        self._per_s = per_s
        self._tokens = capacity
        self._at_s = now_s

    def take(self, now_s: float) -> bool:
        """Take one token if there is one. `now_s` is a monotonic clock's seconds."""
        self._tokens = min(self._capacity, self._tokens + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def skip(self, seconds: float) -> None:
        """Let time pass in which nothing comes back: a rehearsal jumps over what is like what it has seen."""
        self._at_s += seconds

    def resize(self, capacity: float, per_s: float) -> None:
        """Change both from here on; tokens beyond the new capacity are lost, missing ones come steadily."""
        self._capacity, self._per_s = capacity, per_s
        self._tokens = min(self._tokens, capacity)


def refusal(
    shares: Shares, limits: Limits, name: str, busy: int, unreserved_busy: int
) -> ThrottleReason | None:
    """Say why one more on-demand invocation may not run, or None.

    Args:
        name: The function.
        busy: Its busy on-demand environments.
        unreserved_busy: Busy on-demand environments of all functions without a reservation.
    """
    reserves = name in shares.reserved
    taken = busy if reserves else unreserved_busy
    return concurrency_used_up(reserves) if taken >= shares.on_demand(name, limits) else None


def concurrency_used_up(reserves: bool) -> ThrottleReason:
    """Return the model's reason for a function that `reserves` concurrency of its own, or does not."""
    if reserves:
        return "ReservedFunctionConcurrentInvocationLimitExceeded"
    return "ConcurrentInvocationLimitExceeded"
