"""Allocation: the provisioned environments of one version or alias. Bookkeeping and pure decisions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sagehen.services.lambda_.execution.contract import Environment

# ProvisionedConcurrencyStatusEnum of the model.
Status = Literal["IN_PROGRESS", "READY", "FAILED"]


@dataclass(slots=True)
class Allocation:
    """What is there, beside what is wanted.

    Attributes:
        wanted: As the configuration asks.
        status: READY once all of it is there; none of a request's environments is used before.
        reason: Why it is FAILED, as StatusReason tells it.
        free: Ready and idle, by version, most recently used last.
        busy: Running an invocation.
        task: What makes or replaces environments, if anything does.
    """

    wanted: int
    status: Status = "IN_PROGRESS"
    reason: str = ""
    free: dict[str, list[Environment]] = field(default_factory=dict)
    busy: set[Environment] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    @property
    def allocated(self) -> int:
        """How many environments are there, busy or free."""
        return len(self.busy) + sum(len(waiting) for waiting in self.free.values())

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is being made for it."""
        return self.task is None or self.task.done()

    def count(self, version: str) -> int:
        """Return how many environments of a version are there, busy or free."""
        busy = sum(1 for environment in self.busy if environment.function.version == version)
        return busy + len(self.free.get(version, ()))

    def environments(self) -> Iterator[Environment]:
        """Yield all of them, busy ones first."""
        yield from self.busy
        for waiting in self.free.values():
            yield from waiting

    def add(self, environment: Environment) -> None:
        """Take one in, as free."""
        self.free.setdefault(environment.function.version, []).append(environment)

    def missing(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Return how many environments of each version must be started."""
        short = {version: count - self.count(version) for version, count in wanted.items()}
        return {version: count for version, count in short.items() if count > 0}

    def surplus(self, wanted: Mapping[str, int]) -> list[Environment]:
        """Give up the free environments that are too many, those first that were not used for longest.

        Busy ones count as well; they are looked at when they come back.
        """
        gone: list[Environment] = []
        for version, waiting in self.free.items():
            while waiting and self.count(version) > wanted.get(version, 0):
                gone.append(waiting.pop(0))
        return gone


def shared_out(requested: int, shares: Sequence[float]) -> list[int]:
    """Return how many environments each version of an alias gets; they add up to `requested`.

    Worked example: 10 by weights of 0.25 and 0.75 are 2 and 8: all but the last are rounded (halves to the
    even number), the last gets the rest. AWS says no more than that the split follows the weights.

    Args:
        shares: Of the traffic, of each version; the alias's main version last.
    """
    counts = [round(requested * share) for share in shares]
    counts[-1] = requested - sum(counts[:-1])
    return counts
