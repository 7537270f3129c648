"""Places: machines of a cluster, for who starts instances. Where there is one machine, nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

# Whether it computes all the time, as jobs do, or waits for requests most of it.
Use = Literal["training", "serving"]


class NoPlace(Exception):
    """There is no room, and waiting would be too long."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one instance reserves.

    Args:
        cpus: Processors that it may use.
        memory_mib: What is promised to it.
        gpus: Devices of its own.
    """

    use: Use
    cpus: float
    memory_mib: int
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Needs:
    """What a machine must have to be one for an instance.

    Args:
        own: It is the platform's own.
        files: These are there, at the same places: a Python that somebody made. The platform's own has them.
        image: It runs images of one's own.
        apart: Instances that are placed together need no network together.
    """

    own: bool = False
    files: tuple[Path, ...] = ()
    image: bool = False
    apart: bool = False

    @property
    def asks(self) -> bool:
        """Whether machines have to be asked if they have it."""
        return bool(self.files) or self.image


ANY = Needs()


class Places(Protocol):
    """Finds room for instances, and keeps it until it is given back."""

    async def together(
        self, name: str, demands: Sequence[Demand], on_wait: Callable[[str], object], needs: Needs = ANY
    ) -> tuple[str | None, ...]:
        """Wait until there is room for all, and return a node for each; None is the platform's own machine.

        Args:
            name: Of what is reserved; nobody else has it.
            on_wait: Called once if it must wait, with what is in the way.
        """
        ...

    async def spread(self, name: str, group: str, demand: Demand, needs: Needs = ANY) -> str | None:
        """Return a node for one more of a group, where there are the fewest of them; None as above.

        Raises:
            NoPlace: There has been none for a while.
        """
        ...

    def give_back(self, name: str) -> None:
        """Give back what was reserved. May be called twice."""
        ...

    def is_closing(self, node: str | None) -> bool:
        """Whether a node is being drained, and another one takes what runs there."""
        ...

    def on_change(self, listener: Callable[[], object]) -> None:
        """Have a listener told whenever `is_closing` may answer otherwise than before."""
        ...
