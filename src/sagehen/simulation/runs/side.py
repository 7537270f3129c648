"""Side: what takes requests in a run and is scaled: an endpoint's variant, or a function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from sagehen.simulation.runs.slices import Slice, batch, parts
from sagehen.simulation.scaling.scaler import Activity
from sagehen.simulation.servers.tally import Tally


class Servers(Protocol):
    """What serves."""

    def serve(self, arrivals: Sequence[float], weight: float = 1.0) -> None:
        """Take requests, in order."""
        ...

    def pass_to(self, now: float) -> None:
        """Let time pass."""
        ...

    def skip(self, seconds: float) -> None:
        """Let time pass in which everything stays as it is."""
        ...

    def take_tally(self) -> Tally:
        """Return what was counted since the last time."""
        ...


class Side(Protocol):
    """One of the two; times are seconds of the run."""

    paid: float

    @property
    def desired(self) -> int: ...

    @property
    def servers(self) -> Servers: ...

    @property
    def serving(self) -> int: ...

    @property
    def busy(self) -> int: ...

    @property
    def next_event(self) -> float: ...

    @property
    def activities(self) -> list[Activity]: ...

    def begin(self) -> None:
        """Have what the candidate begins with."""
        ...

    def is_calm(self, one: Slice) -> bool:
        """Tell whether a sample of a slice may stand for all of it."""
        ...

    def served(self, one: Slice, what: Served) -> None:
        """A slice is over."""
        ...

    def observe(self, minute_s: int, tally: Tally) -> None:
        """A minute is over: its metrics are what the tally has."""
        ...

    def happen(self, now: float) -> None:
        """Let all events happen that are due."""
        ...

    def end(self, now: float) -> None:
        """The traffic ends: what is there gets its answer."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """What was served of a slice.

    Args:
        simulated: Requests, one by one.
        came: For how many they stand; 0 where each was served.
    """

    simulated: int
    came: int


def serve(
    front: Servers, behind: Sequence[Servers], one: Slice, random: Random, sample: int | None
) -> Served:
    """Let a slice's requests come to `front`; all servers are at its end afterwards.

    Args:
        sample: About so many stand for all; None serves each.
    """
    servers = (front, *behind)
    if sample is None:
        count = 0
        for part in parts(one):
            arrivals = batch(part, random, sample=None).arrivals
            front.serve(arrivals)
            count += len(arrivals)
        found = Served(count, 0)
    else:
        some = batch(one, random, sample=sample)
        front.serve(some.arrivals, some.weight)
        found = Served(len(some.arrivals), some.count if some.skip else 0)
        if some.skip:
            for each in servers:
                each.pass_to(one.end - some.skip)
                each.skip(some.skip)
    for each in servers:
        each.pass_to(one.end)
    return found
