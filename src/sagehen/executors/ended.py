"""EndedSandbox: one that has ended by the time that its caller has it; nothing of it runs here."""

from __future__ import annotations

import signal

from sagehen.executors.base import ExitStatus, Usage

# As `base.Sandbox.pid`, for who looks into /proc or sends a signal: larger than any pid that Linux gives
# (4,194,304), so that nobody else's process is meant.
NO_PID = 2**31 - 1
# Nobody saw how it ended.
LOST = ExitStatus(128 + signal.SIGKILL, int(signal.SIGKILL), is_lost=True)


class EndedSandbox:
    """Implements `base.Sandbox`. Whatever it printed was told."""

    def __init__(self, name: str, status: ExitStatus) -> None:
        self.name = name
        self.pid = NO_PID
        self._status = status

    async def wait(self) -> ExitStatus:
        """See `base.Sandbox`."""
        return self._status

    async def stop(self, grace_s: float) -> ExitStatus:
        """See `base.Sandbox`."""
        return self._status

    async def kill(self) -> ExitStatus:
        """See `base.Sandbox`."""
        return self._status

    def usage(self) -> Usage:
        """See `base.Sandbox`."""
        return Usage(0.0, 0, 0)

    def deliver_output(self) -> None:
        """See `base.Sandbox`."""
