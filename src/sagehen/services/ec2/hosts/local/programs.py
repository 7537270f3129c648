"""MachineProgram: a program of a machine, as the contract has it."""

from __future__ import annotations

from sagehen.executors.machines.commands import MachineGone
from sagehen.executors.machines.programs import Program
from sagehen.services.ec2.hosts.host import HostGone, TerminalSize


class MachineProgram:
    """Implements `host.Program`."""

    def __init__(self, program: Program) -> None:
        self._program = program

    async def read(self, most: int = 65536) -> bytes:
        """See `Program.read`."""
        return await self._program.read(most)

    async def read_error(self, most: int = 65536) -> bytes:
        """See `Program.read_error`."""
        return await self._program.read_error(most)

    async def write(self, content: bytes) -> None:
        """See `Program.write`."""
        await self._program.write(content)

    async def end_input(self) -> None:
        """See `Program.end_input`."""
        await self._program.end_input()

    async def resize(self, size: TerminalSize) -> None:
        """See `Program.resize`."""
        await self._program.resize(size.columns, size.rows)

    async def signal(self, name: str) -> None:
        """See `Program.signal`."""
        await self._program.signal(name)

    async def wait(self) -> int:
        """See `Program.wait`.

        Raises:
            HostGone
        """
        try:
            return await self._program.wait()
        except MachineGone as error:
            raise HostGone(str(error)) from error

    async def kill(self) -> None:
        """See `Program.kill`."""
        await self._program.kill()
