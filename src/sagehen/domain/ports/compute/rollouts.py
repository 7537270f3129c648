"""How an endpoint's update goes on. Between the console's documents and SageMaker's endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Fleet:
    """The instances of one deployment of an endpoint.

    Args:
        part: `live` (has the traffic until the switch), `pending` (is to have it), `leaving` (was given up).
        configuration: The endpoint configuration that was deployed.
        share: Of the traffic, 0 to 1.
        variants: Each with `name`, `instanceType`, `weight`, `desired`, `wanted` (instances at this step),
            and `states`: how many instances are `starting`, `ready`, `stopping`.
    """

    part: str
    configuration: str
    share: float
    variants: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The steps of traffic of an update that goes on.

    Args:
        shares: Of the new fleet after each step.
        step: How many it has taken.
        wait_s: Bake time after each; `termination_wait_s` comes after the last, besides.
        until, deadline: Epoch seconds before which nothing more happens, and at which it is given up; None
            for no such.
        rolling: Whether old instances go as new ones come.
    """

    shares: Sequence[float]
    step: int
    wait_s: float
    termination_wait_s: float
    until: float | None
    deadline: float | None
    rolling: bool


@dataclass(frozen=True, slots=True)
class Rollout:
    """All fleets of an endpoint, and where its update is; None where none goes on."""

    fleets: Sequence[Fleet]
    schedule: Schedule | None


class Rollouts(Protocol):
    """Looks at endpoints; without effects."""

    def rollout(self, scope: Scope, endpoint: str) -> Rollout | None:
        """Return what is known; None without such an endpoint."""
        ...
