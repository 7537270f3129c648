"""A program that has lost its client, and the sizes that clients' terminals have."""

from __future__ import annotations

import contextlib

from sagehen.domain.timeouts import timeout
from sagehen.services.ec2.hosts.host import HostGone, Program, TerminalSize

_HANG_UP_S = 2.0
_MOST = 4096


async def hang_up(program: Program) -> None:
    """End what has lost its client: by SIGHUP, and after two seconds by force. Raises nothing."""
    try:
        with contextlib.suppress(Exception):
            async with timeout(_HANG_UP_S):
                await program.signal("HUP")
                await program.end_input()
                await program.wait()
    finally:
        with contextlib.suppress(HostGone, OSError):
            await program.kill()


def size_of(width: int, height: int) -> TerminalSize:
    """Return a size as terminals have it."""
    return TerminalSize(
        min(max(width, 1), _MOST) if width else 80, min(max(height, 1), _MOST) if height else 24
    )
