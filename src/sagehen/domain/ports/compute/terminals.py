"""Terminals of machines that run: between the console's page and EC2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.scope import Scope


class NoTerminal(Exception):
    """None opens, or it has ended; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class TerminalHost:
    """A machine that runs.

    Args:
        instance_id: `i-…`.
        default_user: Whom people log in as.
        tags: Of the instance.
    """

    instance_id: str
    default_user: str
    tags: Mapping[str, str]


class Terminal(Protocol):
    """A login shell inside, on a terminal of its own."""

    async def read(self, most: int) -> bytes:
        """Return what the terminal shows, up to `most` bytes; b'' at its end."""
        ...

    async def write(self, content: bytes) -> None:
        """Give it what was typed; returns when it holds little of it.

        Raises:
            OSError: It reads no more.
        """
        ...

    async def resize(self, columns: int, rows: int) -> None:
        """Tell it its size, in characters; sizes that no terminal has become the nearest."""
        ...

    async def wait(self) -> int:
        """Return the shell's exit code, 128 + n after signal n.

        Raises:
            NoTerminal: The machine has ended.
        """
        ...

    async def hang_up(self) -> None:
        """End what runs on it, as a line that breaks does; takes two seconds at most. Raises nothing."""
        ...


class Terminals(Protocol):
    """Opens them."""

    def find(self, scope: Scope, instance_id: str) -> TerminalHost | None:
        """Return a machine; None where it does not run, or there is none."""
        ...

    async def open(self, scope: Scope, instance_id: str, user: str, kind: str) -> Terminal:
        """Start a user's login shell.

        Args:
            kind: Of the terminal: what TERM is.

        Raises:
            NoTerminal
        """
        ...
