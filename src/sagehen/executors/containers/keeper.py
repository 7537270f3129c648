"""Keeper: the platform's side of the container that holds a sandbox's processes and network.

It does for the network what a warm parent does for other sandboxes' (`warm.parent`): makes listeners and
sockets in it, and sends them out. So doors are served, and ports inside are reached, with no relay between.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.processes.descriptors import Received, receive, received

PROGRAM = Path(__file__).parent / "inside" / "keeper.py"
# From the start of its container to its first word; and from any question to its answer.
_APPEARS_S = 60.0
_ANSWER_S = 30.0
_MOST_FDS = 64
_MOST_BYTES = 65536


class Keeper:
    """One keeper. Its door is opened before its container starts; `close` ends it and all that it keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listener: socket.socket | None = None
        self._control: socket.socket | None = None
        self._asking = asyncio.Lock()

    @property
    def door(self) -> Path:
        """The socket that it connects to."""
        return self._folder / "door"

    def open(self) -> None:
        """Open its door. Blocking.

        Raises:
            OSError: The disk is full.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.door.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        at = os.open(self._folder, os.O_PATH | os.O_DIRECTORY)
        try:  # a socket's name may have 107 bytes, and data folders lie anywhere
            self._listener.bind(f"/proc/self/fd/{at}/door")
        finally:
            os.close(at)
        self._listener.listen(1)
        self._listener.setblocking(False)

    async def appears(self, ends: Awaitable[str]) -> None:
        """Return once it has come through its door, which closes behind it.

        Args:
            ends: Returns what is known of its end, where it ends instead.

        Raises:
            SandboxUnavailable: It did not come.
        """
        assert self._listener is not None
        coming = asyncio.ensure_future(asyncio.get_running_loop().sock_accept(self._listener))
        ending = asyncio.ensure_future(ends)
        both = {coming, ending}
        try:
            await asyncio.wait(both, timeout=_APPEARS_S, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                self._control, _ = coming.result()
            elif ending.done():
                raise SandboxUnavailable(f"The container that holds its network {ending.result()}")
            else:
                raise SandboxUnavailable(
                    "A container that was started did not reach the platform's socket in "
                    f"{_APPEARS_S:.0f} s: the engine has to run on this machine and see the data folder."
                )
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        self._control.setblocking(True)
        self._control.settimeout(_ANSWER_S)
        self._listener.close()

    async def make_network(
        self,
        ports: Sequence[int],
        addresses: Sequence[str] = (),
        far_ports: Sequence[tuple[str, int]] = (),
    ) -> tuple[list[int], list[socket.socket]]:
        """Take its own network for one of the platform's; see `WarmParent.make_network`.

        Raises:
            SandboxUnavailable: It wants more of a network than a container has.
        """
        if addresses or far_ports:
            raise SandboxUnavailable("A container's network has the addresses 127.0.0.0/8 alone.")
        wanted = [("127.0.0.1", port) for port in ports]
        fds = await self._ask({"do": "network", "ports": wanted})
        return fds[:1], [socket.socket(fileno=fd) for fd in fds[1:]]

    async def enter(self, namespace: int) -> None:
        """Enter the network of another host of the same job, before the image's container is made.

        Raises:
            SandboxUnavailable: The engine does not let it.
        """
        await self._ask({"do": "enter"}, (namespace,))

    async def make_sockets(self, namespaces: Sequence[int], count: int = 1) -> list[socket.socket]:
        """Return unconnected, non-blocking TCP sockets inside its network; see `WarmParent.make_sockets`.

        Raises:
            SandboxUnavailable: It is gone.
        """
        made = [socket.socket(fileno=fd) for fd in await self._ask({"do": "sockets", "count": count})]
        for one in made:
            one.setblocking(False)
        return made

    async def make_device(
        self, namespaces: Sequence[int], name: str, addresses: Sequence[str], netmask: str, mtu: int
    ) -> int:
        """Refuse: a device of packets takes rights over the network that no container of ours has.

        Raises:
            SandboxUnavailable: Always.
        """
        raise SandboxUnavailable("A container's network does not reach over several machines.")

    def close(self) -> None:
        """End it, and with it every process of its sandbox. Any time, and again."""
        if self._listener is not None:
            self._listener.close()
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)  # who waits in a thread is told, too
            self._control.close()

    def forget(self) -> None:
        """Remove its door. Blocking."""
        with contextlib.suppress(OSError):
            self.door.unlink(missing_ok=True)
            self._folder.rmdir()

    async def _ask(self, request: dict[str, Any], fds: Sequence[int] = ()) -> list[int]:
        return (await received(self._ask_alone(request, fds)))[1]

    async def _ask_alone(self, request: dict[str, Any], fds: Sequence[int]) -> Received:
        async with self._asking:  # until it is answered, whoever still wants to know
            return await asyncio.to_thread(self._ask_now, request, fds)

    def _ask_now(self, request: dict[str, Any], fds: Sequence[int]) -> Received:
        control = self._control
        if control is None:
            raise SandboxUnavailable("The sandbox has not begun.")
        try:
            socket.send_fds(control, [json.dumps(request).encode()], fds)
            answer, given = receive(control, _MOST_BYTES, _MOST_FDS)
        except OSError as error:
            raise SandboxUnavailable(f"The sandbox is gone: {error}") from error
        try:
            why = json.loads(answer or b'{"error": "it has ended"}').get("error")
        except (ValueError, AttributeError):
            why = "it speaks of something else"
        if why:
            for fd in given:
                os.close(fd)
            raise SandboxUnavailable(f"The sandbox's network: {str(why)[:200]}")
        return answer, given
