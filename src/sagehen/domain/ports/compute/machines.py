"""Machines that run, as services beside EC2 reach them: Systems Manager, EC2 Instance Connect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sagehen.domain.scope import Scope


class MachineGone(Exception):
    """The machine does not run, or ended meanwhile; the text says why where that is known."""


@dataclass(frozen=True, slots=True)
class Machine:
    """One that runs.

    Args:
        instance_id: `i-…`.
        host_name: Its private DNS name.
        private_ip: As shown.
        zone: Its availability zone.
        image_name: What it looks like.
        launched_at: ISO 8601.
        role_name: Of its instance profile; '' without.
        tags: Of the instance.
    """

    instance_id: str
    host_name: str
    private_ip: str
    zone: str
    image_name: str
    launched_at: str
    role_name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class MachineProgram(Protocol):
    """Something that runs inside, with its three streams."""

    async def read(self, most: int = 65536) -> bytes:
        """Return what it printed; b'' at its end."""
        ...

    async def read_error(self, most: int = 65536) -> bytes:
        """Return what it printed as errors; b'' at the end."""
        ...

    async def write(self, content: bytes) -> None:
        """Give it input.

        Raises:
            OSError: It reads no more.
        """
        ...

    async def end_input(self) -> None:
        """Close its input."""
        ...

    async def wait(self) -> int:
        """Return its exit code, 128 + n after signal n."""
        ...

    async def kill(self) -> None:
        """End it and its process group."""
        ...


class Machines(Protocol):
    """The machines that run on this platform."""

    def find(self, scope: Scope, instance_id: str) -> Machine | None:
        """Return one; None where it does not run, or there is none."""
        ...

    def all(self, scope: Scope) -> Sequence[Machine]:
        """Return all of an account in a region, by id."""
        ...

    async def start(
        self,
        scope: Scope,
        instance_id: str,
        words: tuple[str, ...],
        *,
        environment: Mapping[str, str],
        directory: str | None = None,
    ) -> MachineProgram:
        """Start a program inside, as root.

        Raises:
            MachineGone
            OSError: It cannot be started there.
        """
        ...

    def admit(self, scope: Scope, instance_id: str, user: str, public_key: str) -> None:
        """Let a key log in as a user for a minute.

        Raises:
            MachineGone
        """
        ...
