"""Session: a shell, a command or sftp, as a program inside the machine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Mapping
from importlib.resources import files

import asyncssh

from sagehen.services.ec2.hosts.host import Host, HostGone, Program, TerminalSize
from sagehen.services.ec2.ssh.hanging_up import hang_up, size_of

logger = logging.getLogger("sagehen.ec2")

_MOST_HELD_BYTES = 256 * 1024
_PIECE_BYTES = 32768  # a packet of SSH holds as much
_LAST_OUTPUT_S = 0.5
_SIGNALS = frozenset({"ABRT", "ALRM", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT", "SEGV", "TERM"})
_SIGNALS_TOO = frozenset({"USR1", "USR2", "CONT", "STOP", "TSTP", "WINCH"})
# As sshd: by the user's shell. $0 carries the command, so that nothing of it is read twice.
_BY_SHELL = '[ -x /bin/bash ] && exec /bin/bash -c -- "$0"; exec /bin/sh -c -- "$0"'
# OpenSSH's own where the machine has one.
_SFTP = (
    "for server in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server; do"
    ' [ -x "$server" ] && exec "$server"; done; exec python3 -I -c "$0"'
)


def words_of(command: str | None, subsystem: str | None) -> tuple[str, ...]:
    """Return what runs inside; () is the login shell."""
    if subsystem is not None:
        script = files("sagehen.services.ec2.ssh.inside").joinpath("sftp_server.py").read_text()
        return "/bin/sh", "-c", _SFTP, script
    if command is not None:
        return "/bin/sh", "-c", _BY_SHELL, command
    return ()


def passed_on(sent: Mapping[str, str]) -> dict[str, str]:
    """Return what of a client's environment is taken: what sshd takes (`AcceptEnv LANG LC_*`)."""
    return {
        name: value[:256]
        for name, value in list(sent.items())[:64]
        if (name == "LANG" or name.startswith("LC_")) and len(name) < 32 and "\0" not in value
    }


class Session(asyncssh.SSHServerSession[bytes]):
    """One channel.

    Args:
        host: Of the machine.
        user: Who has logged in.
        environment: Told to the program: where the client comes from.
        ended: Called when the channel is gone.
    """

    def __init__(
        self, host: Host, user: str, environment: Mapping[str, str], ended: Callable[[], None]
    ) -> None:
        self._host = host
        self._user = user
        self._environment = dict(environment)
        self._ended = ended
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._terminal: TerminalSize | None = None
        self._terminal_type = ""
        self._held: deque[bytes | None] = deque()
        self._held_bytes = 0
        self._comes = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._notes: asyncio.Queue[TerminalSize | str] = asyncio.Queue(32)
        self._running: asyncio.Task[None] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()
        if self._running is not None:
            self._running.cancel()

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        self._terminal = size_of(term_size[0], term_size[1])
        self._terminal_type = term_type if term_type.isascii() and len(term_type) < 64 else "dumb"
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return "\0" not in command

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        self._running = asyncio.create_task(self._run())

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self._held.append(data)
        self._held_bytes += len(data)
        self._comes.set()
        if self._held_bytes > _MOST_HELD_BYTES and self._channel is not None:
            self._channel.pause_reading()

    def eof_received(self) -> bool:
        self._held.append(None)
        self._comes.set()
        return True

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        self._note(size_of(width, height))

    def signal_received(self, signal: str) -> None:
        if signal in _SIGNALS or signal in _SIGNALS_TOO:
            self._note(signal)

    def _note(self, note: TerminalSize | str) -> None:
        if not self._notes.full():
            self._notes.put_nowait(note)

    async def _run(self) -> None:
        channel = self._channel
        assert channel is not None
        try:
            program = await self._start(channel)
        except (HostGone, OSError, KeyError, ValueError) as error:
            channel.write_stderr(f"{type(error).__name__}: {error}\r\n".encode())
            channel.exit(255)
            return
        code: int | None = None
        others = [
            asyncio.create_task(self._feed(program)),
            asyncio.create_task(self._tell(program)),
        ]
        out = [
            asyncio.create_task(self._pour(program.read, channel, None)),
            asyncio.create_task(self._pour(program.read_error, channel, asyncssh.EXTENDED_DATA_STDERR)),
        ]
        try:
            if self._terminal is None:
                await asyncio.wait(out)  # what it left in the background may still print, as with sshd
            code = await program.wait()
            await asyncio.wait(out, timeout=_LAST_OUTPUT_S)
            channel.exit(code)
        except (HostGone, OSError) as error:
            logger.info("a session ended: %s", error)
            channel.exit(255)
        finally:
            for task in (*others, *out):
                task.cancel()
            await asyncio.gather(*others, *out, return_exceptions=True)
            if code is None:
                await hang_up(program)

    async def _start(self, channel: asyncssh.SSHServerChannel[bytes]) -> Program:
        words = await asyncio.to_thread(words_of, channel.get_command(), channel.get_subsystem())
        sent = {name: value for name, value in channel.get_environment().items() if isinstance(value, str)}
        return await self._host.start(
            words,
            user=self._user,
            environment={**passed_on(sent), **self._environment},
            terminal=self._terminal,
            terminal_type=self._terminal_type,
        )

    async def _pour(
        self,
        read: Callable[[int], object],
        channel: asyncssh.SSHServerChannel[bytes],
        kind: int | None,
    ) -> None:
        with contextlib.suppress(HostGone, OSError):
            while piece := await read(_PIECE_BYTES):  # type: ignore[misc]
                channel.write(piece, kind)
                await self._may_write.wait()

    async def _feed(self, program: Program) -> None:
        while True:
            while not self._held:
                self._comes.clear()
                await self._comes.wait()
            piece = self._held.popleft()
            try:
                if piece is None:
                    await program.end_input()
                    return
                await program.write(piece)
            except (HostGone, OSError):
                pass  # it reads no more: the rest is dropped, as a closed pipe does
            assert piece is not None or not self._held
            if piece is not None:
                self._held_bytes -= len(piece)
                if self._held_bytes <= _MOST_HELD_BYTES // 2 and self._channel is not None:
                    self._channel.resume_reading()

    async def _tell(self, program: Program) -> None:
        while True:
            note = await self._notes.get()
            with contextlib.suppress(HostGone, OSError):
                if isinstance(note, TerminalSize):
                    await program.resize(note)
                else:
                    await program.signal(note)
