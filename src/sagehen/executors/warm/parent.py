"""The platform's side of the warm parents: processes with a preload set imported, that fork on request."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sagehen.domain import own_processes
from sagehen.domain.timeouts import timeout
from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.processes.descriptors import Received, receive, received
from sagehen.executors.warm.child import ForkedChild
from sagehen.executors.warm.kinds import MAKE_DEVICE, MAKE_NETWORK, MAKE_SOCKET, RUN
from sagehen.executors.warm.preload import PreloadSet

# Importing torch takes seconds on a cold, busy disk.
_START_TIMEOUT_S = 180.0
_ANSWER_TIMEOUT_S = 30.0
_MAX_FDS = 16
_OUTSIDE = Path(__file__).with_name("outside.py")


class WarmParent:
    """One warm process. It is started by the first request and stays until `stop`."""

    def __init__(
        self, name: str, preload: PreloadSet, python: str, uses_user_namespace: bool, is_other: bool = False
    ) -> None:
        self.name = name
        # Another interpreter than the platform's has no Sagehen to import: it is told where to find it.
        self._start = [str(_OUTSIDE)] if is_other else ["-m", "sagehen.executors.warm.process"]
        self._preload = preload
        self._python = python
        self._uses_user_namespace = uses_user_namespace
        self._control: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self.children = 0
        self.used_at = 0.0

    @property
    def stays(self) -> bool:
        return self._preload.stays

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self.is_running else None

    async def start(self) -> None:
        """Start the process and return once everything is imported.

        Raises:
            SandboxUnavailable: It did not come up.
        """
        async with self._starting:
            if self.is_running:
                return
            await self.stop()
            # Nothing of the platform's own environment: children inherit this memory.
            environment = {
                "PATH": os.defpath,
                "HOME": "/",
                "LANG": "C.UTF-8",
                "PYTHONUNBUFFERED": "1",
                **self._preload.environment,
            }
            ours, theirs = socket.socketpair()
            try:
                self._process = await asyncio.create_subprocess_exec(
                    self._python, *self._start,
                    str(theirs.fileno()), str(os.getpid()), *self._preload.words,
                    stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()], env=environment, cwd="/", start_new_session=True,
                )  # fmt: skip
            except BaseException:
                ours.close()
                raise
            finally:
                theirs.close()
            ours.setblocking(False)
            self._control = ours
            loop = asyncio.get_running_loop()
            try:
                async with timeout(_START_TIMEOUT_S):
                    answer = await loop.sock_recv(ours, 1)
            except (TimeoutError, ConnectionError):
                answer = b""
            if answer != b"!":
                await self.stop()
                raise SandboxUnavailable(f"The warm parent {self.name!r} could not import its preload set.")

    async def prepare(self, entry_files: Sequence[Path]) -> socket.socket:
        """Fork a child that enters its limit group and waits. Give the socket to `fork`, or close it."""
        return await self._send(RUN, {"entry_files": [str(file) for file in entry_files]}, ())

    async def fork(
        self, prepared: socket.socket, request: Mapping[str, Any], fds: Sequence[int]
    ) -> ForkedChild:
        """Let a prepared child serve `request` in a sandbox; `fds` are stdout, stderr and namespaces.

        Raises:
            SandboxUnavailable: A step was refused, or the child is gone.
        """
        memory = _as_file(request)
        try:
            socket.send_fds(prepared, [b"!"], [memory, *fds])
        except OSError as error:
            prepared.close()
            raise SandboxUnavailable(f"The warm parent {self.name!r} has lost its child: {error}") from error
        finally:
            os.close(memory)
        status = prepared
        reader, writer = await asyncio.open_connection(sock=status)
        child = ForkedChild(reader, writer)
        await child.ready()
        return child

    async def make_network(
        self,
        ports: Sequence[int],
        addresses: Sequence[str] = (),
        far_ports: Sequence[tuple[str, int]] = (),
    ) -> tuple[list[int], list[socket.socket]]:
        """Make a network namespace; return its descriptors ([net] or [net, user]) and a listener per port.

        Args:
            ports: Of 127.0.0.1.
            addresses: That its loopback has besides.
            far_ports: Of these: listeners behind those of `ports`.

        Raises:
            SandboxUnavailable: The kernel refused.
        """
        request = {
            "ports": [("127.0.0.1", port) for port in ports] + list(far_ports),
            "addresses": list(addresses),
            "own_user_namespace": self._uses_user_namespace,
        }
        status = await self._send(MAKE_NETWORK, request, ())
        answer, fds = await received(asyncio.to_thread(_receive_fds, status))
        namespaces = 1 + int(self._uses_user_namespace)
        if len(fds) != namespaces + len(ports) + len(far_ports):
            for fd in fds:
                os.close(fd)
            raise SandboxUnavailable(f"No private network: {answer.decode('utf-8', 'replace').strip()}")
        return fds[:namespaces], [socket.socket(fileno=fd) for fd in fds[namespaces:]]

    async def make_sockets(self, namespaces: Sequence[int], count: int = 1) -> list[socket.socket]:
        """Return unconnected, non-blocking TCP sockets inside a network that `make_network` made.

        Args:
            count: 1 to 16.

        Raises:
            SandboxUnavailable: The kernel refused.
        """
        status = await self._send(MAKE_SOCKET, {"count": count}, namespaces)
        answer, fds = await received(asyncio.to_thread(_receive_fds, status))
        made = [socket.socket(fileno=fd) for fd in fds]
        for one in made:
            one.setblocking(False)
        if not made:
            raise SandboxUnavailable(f"No socket: {answer.decode('utf-8', 'replace').strip()}")
        return made

    async def make_device(
        self, namespaces: Sequence[int], name: str, addresses: Sequence[str], netmask: str, mtu: int
    ) -> int:
        """Make a device of IP packets (TUN) inside a network that `make_network` made.

        Args:
            name: Of the device, 15 characters at most.
            addresses: IPv4 addresses that are its own there.
            netmask: Which others lie behind it.
            mtu: Bytes of a packet, 65,535 at most.

        Returns:
            The descriptor from which the network's packets are read, and to which those for it are
            written; the caller's. The device is gone when it is closed.

        Raises:
            SandboxUnavailable: The kernel refused, or /dev/net/tun is closed to this user.
        """
        request = {"name": name, "addresses": list(addresses), "netmask": netmask, "mtu": mtu}
        status = await self._send(MAKE_DEVICE, request, namespaces)
        answer, fds = await received(asyncio.to_thread(_receive_fds, status))
        if len(fds) != 1:
            raise SandboxUnavailable(f"No network device: {answer.decode('utf-8', 'replace').strip()}")
        os.set_blocking(fds[0], False)
        return fds[0]

    async def _send(self, kind: bytes, request: Mapping[str, Any], fds: Sequence[int]) -> socket.socket:
        await self.start()
        ours, theirs = socket.socketpair()
        memory = _as_file(request)
        try:
            assert self._control is not None
            socket.send_fds(self._control, [kind], [theirs.fileno(), memory, *fds])
        except OSError as error:
            ours.close()
            raise SandboxUnavailable(f"The warm parent {self.name!r} is gone: {error}") from error
        finally:
            os.close(memory)
            theirs.close()
        return ours

    async def stop(self) -> None:
        """End the process, and with it every child that it still has."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            await own_processes.killed(self._process)
            self._process = None


def _as_file(request: Mapping[str, Any]) -> int:
    """Return a request as a file: only the child that it is for reads it (see `process`)."""
    memory = os.memfd_create("request", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(memory), "wb") as file:
        file.write(json.dumps(request).encode())
    os.lseek(memory, 0, os.SEEK_SET)
    return memory


def _receive_fds(status: socket.socket) -> Received:
    """Return an answer; nothing more comes from there. Blocking."""
    with status:
        status.settimeout(_ANSWER_TIMEOUT_S)
        try:
            return receive(status, 4096, _MAX_FDS)
        except OSError as error:
            return str(error).encode(), []
