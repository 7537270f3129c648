"""What makes such resources, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope
from sagehen.services.cloudformation.types.known import Known


class MakerFailed(Exception):
    """A resource could not be made, changed or deleted; the message is the reason that is told."""


@dataclass(frozen=True, slots=True)
class Job:
    """A resource to work on.

    Args:
        stack_arn, stack_name: Of the stack that it is of.
        type_name: As its template has it: `Custom::Thing`.
        principal: Who acts: who asked, or the stack's role.
    """

    scope: Scope
    stack_arn: str
    stack_name: str
    logical_id: str
    type_name: str
    principal: Principal

    @property
    def stack_id(self) -> str:
        """The last part of the stack's ARN."""
        return self.stack_arn.rpartition("/")[2]


class Maker(Protocol):
    """Makes resources of one type."""

    def identity(self, job: Job) -> str:
        """Return the physical id that a new one has until it says another; drawn anew at each call."""
        ...

    async def create(self, job: Job, known: Known) -> Known:
        """Make one.

        Args:
            known: With what `identity` said.

        Raises:
            MakerFailed: What its physical id stands for is deleted then.
        """
        ...

    async def change(self, job: Job, old: Known, new: Known) -> Known:
        """Change one in place. One with another physical id stands in the old one's place.

        Raises:
            MakerFailed
        """
        ...

    async def take_back(self, job: Job, old: Known, new: Known) -> Known:
        """Make one again what it was before a change, which may have failed, or not have been begun.

        Args:
            old: As the change was to leave it.
            new: As it was before.

        Raises:
            MakerFailed
        """
        ...

    async def settle(self, job: Job, known: Known) -> None:
        """Let a change be final: nothing takes it back any more. MakerFailed."""
        ...

    async def delete(self, job: Job, known: Known) -> None:
        """Delete one; what is gone already is gone.

        Raises:
            MakerFailed
        """
        ...
