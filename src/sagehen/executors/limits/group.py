"""The limits of one sandbox behind one interface, and what makes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from sagehen.executors.base import Limits, Usage


class LimitGroup(ABC):
    """The limits of one sandbox. Made before its process; `release` undoes everything."""

    # Files into which the first process writes `0` (itself) before it runs the user's code.
    entry_files: tuple[Path, ...] = ()
    # Whether the kernel itself ends what is too much; else somebody has to look.
    by_kernel = False

    @abstractmethod
    def apply(self, limits: Limits) -> None:
        """Set the limits, once, before anything of the user's runs."""

    @abstractmethod
    def is_over_memory(self, pid: int) -> bool:
        """Tell whether the memory limit was overrun. `pid`: the sandbox's first process."""

    @abstractmethod
    def usage(self, pid: int) -> Usage:
        """Return what is used. `pid`: the sandbox's first process. Blocks for up to some milliseconds."""
        ...

    def release(self) -> None:  # noqa: B027 - most back ends have something to undo, the watchdog has not
        """Leave nothing behind; the processes have ended."""

    def inner_rlimits(self) -> dict[str, int]:
        """Limits to set by `prlimit` inside, by its option's name."""
        return {}


class LimitBackend(ABC):
    """Makes limit groups."""

    name: str
    # The folders below which all of its groups lie.
    parents: tuple[Path, ...] = ()

    @abstractmethod
    def create(self, name: str) -> LimitGroup:
        """Make a group, without limits as yet."""
