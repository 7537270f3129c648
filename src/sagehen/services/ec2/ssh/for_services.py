"""MachinesForServices: what runs, as other services reach it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.domain.ports.compute.machines import Machine, MachineGone, MachineProgram
from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import HostGone, Wanted
from sagehen.services.ec2.ssh.door import Door
from sagehen.services.ec2.ssh.doors import MachineDoors


class MachinesForServices:
    """Implements `Machines`: a machine runs while its door is open.

    Args:
        doors: Of all machines.
    """

    def __init__(self, doors: MachineDoors) -> None:
        self._doors = doors

    def find(self, scope: Scope, instance_id: str) -> Machine | None:
        """Return one; None where it does not run, or there is none."""
        door = self._doors.find(scope, instance_id)
        return _machine(door.wanted) if door is not None else None

    def all(self, scope: Scope) -> Sequence[Machine]:
        """Return all of an account in a region, by id."""
        found = (_machine(door.wanted) for door in self._doors.all(scope))
        return sorted(found, key=lambda machine: machine.instance_id)

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
        host = self._door(scope, instance_id).host
        try:
            return await host.start(words, user="root", environment=environment, directory=directory or "/")
        except (HostGone, KeyError) as error:
            raise MachineGone(str(error)) from error

    def admit(self, scope: Scope, instance_id: str, user: str, public_key: str) -> None:
        """Let a key log in as a user for a minute.

        Raises:
            MachineGone
        """
        self._door(scope, instance_id).pushed.push(user, public_key)

    def _door(self, scope: Scope, instance_id: str) -> Door:
        door = self._doors.find(scope, instance_id)
        if door is None:
            raise MachineGone(f"{instance_id} does not run")
        return door


def _machine(wanted: Wanted) -> Machine:
    return Machine(
        wanted.instance_id,
        wanted.host_name,
        wanted.private_ip,
        wanted.availability_zone,
        wanted.image_name,
        wanted.launched_at,
        wanted.role_name or "",
        wanted.tags,
    )
