"""Where copies go: bin packing on the instances that there are, and how many more it takes. Pure.

Worked example: instances of 4 cores and 16 GB hold copies of 1 core and 6 GB: memory lets two on each, so
five copies are on three instances. BINPACK fills the first before the second has one; SPREAD gives each
instance one before any has two. A copy never moves to make room for another, as on AWS without CONSOLIDATION.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.services.sagemaker.inference_components.component import Placement
from sagehen.services.sagemaker.inference_components.needs import Needs


@dataclass(slots=True)
class Place:
    """An instance that takes copies.

    Args:
        host: Its id; '' for one that is yet to be started.
        room: What is left.
        copies: Component -> how many of its copies it has.
        ready: Whether it takes them now.
    """

    host: str
    room: Needs
    copies: dict[str, int] = field(default_factory=dict)
    ready: bool = True

    @property
    def count(self) -> int:
        return sum(self.copies.values())

    def take(self, component: str, needs: Needs) -> None:
        """Put a copy there."""
        self.room = self.room.without(needs)
        self.copies[component] = self.copies.get(component, 0) + 1


def choose(places: Iterable[Place], component: str, needs: Needs, placement: Placement) -> Place | None:
    """Return where the next copy goes; None where none has the room.

    What is ready comes before what is not. SPREAD: the instance with the fewest copies of this component, of
    these the one with the fewest of all. BINPACK: the one where the least is left. The oldest decides.
    """
    fitting = [place for place in places if needs.fits(place.room)]
    if not fitting:
        return None
    if placement == "BINPACK":
        return min(fitting, key=lambda p: (not p.ready, p.room.accelerators, p.room.memory_mb, p.room.cpus))
    return min(fitting, key=lambda p: (not p.ready, p.copies.get(component, 0), p.count))


def surplus(
    copies: Sequence[tuple[str, str, bool]], count: int, on_host: Mapping[str, int], placement: Placement
) -> list[str]:
    """Return which copies of one component go when `count` of them are too many.

    Those that do not serve yet go first; then SPREAD takes from the instance with the most copies of this
    component, BINPACK from the one that is emptied soonest; then the youngest.

    Args:
        copies: (id, host, whether it serves), the oldest first.
        on_host: How many copies of whatever components each instance has.
    """
    left = list(copies)
    gone: list[str] = []
    for _ in range(count):
        here: dict[str, int] = {}
        for _, host, _ in left:
            here[host] = here.get(host, 0) + 1

        def rank(at: int) -> tuple[bool, int, int]:
            _, host, serves = left[at]
            density = on_host.get(host, 0) if placement == "BINPACK" else -here[host]  # noqa: B023
            return (serves, density, -at)

        gone.append(left.pop(min(range(len(left)), key=rank))[0])
    return gone


def more_hosts(
    waiting: Sequence[tuple[str, Needs, Placement]], whole: Needs, most: int
) -> tuple[int, list[int]]:
    """Return how many empty instances take what waits, and what finds no place on them.

    Args:
        waiting: (component, needs, placement), in their order.
        whole: What an empty instance has.
        most: So many instances may be added.

    Returns:
        The count, and the indices of `waiting` that are left.
    """
    added: list[Place] = []
    left: list[int] = []
    for index, (component, needs, placement) in enumerate(waiting):
        place = choose(added, component, needs, placement)
        if place is None and len(added) < most and needs.fits(whole):
            place = Place("", whole)
            added.append(place)
        if place is None:
            left.append(index)
        else:
            place.take(component, needs)
    return len(added), left
