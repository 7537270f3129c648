"""Log lines of everything that runs. Between it and CloudWatch Logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sagehen.domain.scope import Scope


class LogSink(Protocol):
    """Takes log lines from everything that runs."""

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        """Append (timestamp in ms since the epoch, message) pairs; groups and streams are made as needed.

        Returns at once: events become readable within 100 ms and survive `kill -9` after that.
        """
        ...

    async def flush(self) -> None:
        """Return when everything written before is stored."""
        ...
