"""A host whose programs are processes of this machine, in a folder of their own."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import socket
import struct
import termios
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sagehen.domain.scope import Scope
from sagehen.executors.base import Limits, Usage
from sagehen.executors.traffic import Traffic
from sagehen.services.ec2.hosts.host import Attached, TerminalSize, Wanted


class LocalProgram:
    def __init__(self, process: asyncio.subprocess.Process, master: int | None) -> None:
        self._process = process
        self._master = master

    async def read(self, most: int = 65536) -> bytes:
        if self._master is None:
            assert self._process.stdout is not None
            return await self._process.stdout.read(most)
        try:
            return await asyncio.to_thread(os.read, self._master, most)
        except OSError:
            return b""

    async def read_error(self, most: int = 65536) -> bytes:
        return await self._process.stderr.read(most) if self._process.stderr is not None else b""

    async def write(self, content: bytes) -> None:
        if self._master is not None:
            os.write(self._master, content)
        else:
            assert self._process.stdin is not None
            self._process.stdin.write(content)
            await self._process.stdin.drain()

    async def end_input(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    async def resize(self, size: TerminalSize) -> None:
        assert self._master is not None
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

    async def signal(self, name: str) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.Signals[f"SIG{name}"])

    async def wait(self) -> int:
        code = await self._process.wait()
        return 128 - code if code < 0 else code

    async def kill(self) -> None:
        await self.signal("KILL")


class LocalHost:
    """Implements what doors use of `Host`."""

    def __init__(self, home: Path, keys: dict[str, tuple[str, ...]]) -> None:
        self.home = home
        self.keys = keys
        self.started: list[tuple[str, ...]] = []
        self.traffic = Traffic()
        self.environments: list[dict[str, str]] = []
        self.programs: list[LocalProgram] = []

    async def start(
        self,
        words: tuple[str, ...],
        *,
        user: str,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        terminal: TerminalSize | None = None,
        terminal_type: str = "",
    ) -> LocalProgram:
        assert user in self.keys
        self.started.append(words)
        self.environments.append(dict(environment or {}))
        path = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": terminal_type, "PS1": "$ "}
        master = child = None
        if terminal is not None:
            master, child = pty.openpty()
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(words or ("/bin/bash", "--norc", "-i")),
            stdin=child if child is not None else pipe,
            stdout=child if child is not None else pipe,
            stderr=child if child is not None else pipe,
            cwd=directory or self.home,
            env={**path, **(environment or {})},
            start_new_session=True,
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if terminal is not None else None,
        )
        if child is not None:
            os.close(child)
        program = LocalProgram(process, master)
        if terminal is not None:
            await program.resize(terminal)
        self.programs.append(program)
        return program

    async def authorized_keys(self, user: str) -> tuple[str, ...]:
        return self.keys[user]

    async def connect(self, port: int) -> socket.socket:
        made = socket.socket()
        made.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
        except BaseException:
            made.close()
            raise
        return made

    def counted(self, connection: socket.socket) -> socket.socket:
        return self.traffic.counted(connection, "others")

    def usage(self) -> Usage:
        raise NotImplementedError


class Rules:
    """Groups that let in what `open` says."""

    def __init__(self, *open_ports: tuple[int, int]) -> None:
        self.open = list(open_ports)
        self.asked: list[tuple[str, str, int]] = []

    def allows(self, instance_id: str, source: str, port: int) -> bool:
        self.asked.append((instance_id, source, port))
        return any(first <= port <= last for first, last in self.open)

    def ports(self, instance_id: str) -> list[tuple[int, int]]:
        return self.open


def wanted(address: str | None, instance_id: str = "i-0123456789abcdef0") -> Wanted:
    return Wanted(
        scope=Scope("111122223333", "us-east-1"),
        instance_id=instance_id,
        instance_type="t3.micro",
        limits=Limits(1, 1024),
        image_id="ami-1",
        image_name="al2023",
        root=Attached("vol-1", "/dev/xvda", 8),
        private_ip="172.31.5.4",
        address=address,
        host_name="ip-172-31-5-4.ec2.internal",
        availability_zone="us-east-1a",
        vpc_id="vpc-1",
        subnet_id="subnet-1",
        mac="02:00:00:00:00:01",
        reservation_id="r-1",
        launched_at="2026-01-01T00:00:00Z",
    )
