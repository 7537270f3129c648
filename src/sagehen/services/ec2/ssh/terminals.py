"""TerminalsForConsole: shells inside machines, for the console's page."""

from __future__ import annotations

from sagehen.domain.ports.compute.terminals import NoTerminal, Terminal, TerminalHost
from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import HostGone, Program, TerminalSize
from sagehen.services.ec2.ssh.doors import MachineDoors
from sagehen.services.ec2.ssh.hanging_up import hang_up, size_of


class TerminalsForConsole:
    """Implements `Terminals`: a machine runs while its door is open.

    Args:
        doors: Of all machines.
    """

    def __init__(self, doors: MachineDoors) -> None:
        self._doors = doors

    def find(self, scope: Scope, instance_id: str) -> TerminalHost | None:
        """See `Terminals.find`."""
        door = self._doors.find(scope, instance_id)
        if door is None:
            return None
        return TerminalHost(door.wanted.instance_id, door.wanted.default_user, door.wanted.tags)

    async def open(self, scope: Scope, instance_id: str, user: str, kind: str) -> Terminal:
        """See `Terminals.open`."""
        door = self._doors.find(scope, instance_id)
        if door is None:
            raise NoTerminal("The machine does not run.")
        try:
            program = await door.host.start((), user=user, terminal=TerminalSize(), terminal_type=kind)
        except KeyError:
            raise NoTerminal(f"The machine has no user {user}.") from None
        except (HostGone, OSError, ValueError) as error:
            raise NoTerminal(f"The machine does not answer: {error}") from error
        return _Terminal(program)


class _Terminal:
    """Implements `Terminal`."""

    def __init__(self, program: Program) -> None:
        self._program = program

    async def read(self, most: int) -> bytes:
        return await self._program.read(most)

    async def write(self, content: bytes) -> None:
        await self._program.write(content)

    async def resize(self, columns: int, rows: int) -> None:
        await self._program.resize(size_of(columns, rows))

    async def wait(self) -> int:
        try:
            return await self._program.wait()
        except HostGone as error:
            raise NoTerminal(str(error)) from error

    async def hang_up(self) -> None:
        await hang_up(self._program)
