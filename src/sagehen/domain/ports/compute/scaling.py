"""Resources that can be scaled. Between Application Auto Scaling and the services that keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class ScalableResource:
    """One resource, as Application Auto Scaling sees it.

    Args:
        desired: The capacity that it was last told to have.
        fulfilled: It has that capacity: as many serve, and none is left over.
        scalable: It may be told another capacity now. AWS's services refuse while they change something.
        unscalable_ever: Why it cannot be registered at all, or None.
        least: The least capacity that it can have.
    """

    desired: int
    fulfilled: bool
    scalable: bool
    unscalable_ever: str | None = None
    least: int = 0


class ScalableResources(Protocol):
    """One service's resources. Ids and dimensions are Application Auto Scaling's, whose form was checked."""

    def find(self, scope: Scope, resource_id: str, dimension: str) -> ScalableResource | None:
        """Return the resource, or None where there is none. Synchronous: memory or one read."""
        ...

    async def set_desired(self, scope: Scope, resource_id: str, dimension: str, capacity: int) -> None:
        """Tell it a new capacity, durably; the change itself goes on afterwards. Safe to repeat.

        Raises:
            ServiceError: It is not there, takes no changes now, or has no room.
        """
        ...


class ScalableTargets(Protocol):
    """Application Auto Scaling, as the services know it whose resources it scales."""

    def is_registered(self, scope: Scope, resource_id: str) -> bool:
        """Tell whether the resource is a scalable target in any dimension."""
        ...

    async def deregister(self, scope: Scope, resource_prefix: str) -> None:
        """Deregister every target whose id begins so: what it was made for is deleted."""
        ...


class LinkedRoles(Protocol):
    """Roles that AWS services make for themselves."""

    def find(self, account_id: str, service: str) -> str | None:
        """Return the ARN of the service's role (`sagemaker.application-autoscaling.amazonaws.com`), or
        None.
        """
        ...

    async def ensure(self, account_id: str, service: str) -> str:
        """Return the ARN of the service's role, made now where the account has none."""
        ...
