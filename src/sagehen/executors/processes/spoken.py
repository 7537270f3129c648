"""Output: what a sandbox prints, on its way to whoever listens, however it comes here."""

from __future__ import annotations

from typing import Protocol


class Output(Protocol):
    """Delivers lines; `output.OutputPipes` does, and what reads an engine's stream."""

    def deliver(self) -> None:
        """Deliver at once what is here, an unfinished line included."""
        ...

    async def drained(self, patience_s: float | None = None) -> None:
        """Return when all was delivered, or `patience_s` later."""
        ...
