"""What an instance reserves, in Ray's resources, and which nodes are asked first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from sagehen.domain.ports.compute.places import Demand

# Ray's names: all on one node, on as few as there is room on, or on as many.
Strategy = Literal["STRICT_PACK", "PACK", "SPREAD"]
# As where the platform is alone (`services.sagemaker.instances.capacity`): two training instances of a
# machine's whole size share it, more only slow each other down. Replicas wait for requests most of the time.
_SHARES = {"training": 0.5, "serving": 0.01}
# Ray counts in 1/10,000 of a resource.
_DIGITS = 4
_MIB = 2**20


def bundle_of(demand: Demand) -> dict[str, float]:
    """Return a demand as a bundle of a placement group.

    A worked example: a training instance of a type with 2 processors, on a node with 2, reserves 1 of them;
    the third one waits.
    """
    cpus = round(demand.cpus * _SHARES[demand.use], _DIGITS)
    bundle = {"CPU": max(10**-_DIGITS, cpus), "memory": float(demand.memory_mib * _MIB)}
    return bundle | ({"GPU": float(demand.gpus)} if demand.gpus else {})


def least_used(nodes: Sequence[str], taken: Iterable[str]) -> list[str]:
    """Return the nodes that have the fewest of a group's instances.

    Args:
        nodes: Those that may take one.
        taken: A node for each instance of the group that there is.
    """
    counts = dict.fromkeys(nodes, 0)
    for node in taken:
        if node in counts:
            counts[node] += 1
    fewest = min(counts.values(), default=0)
    return [node for node, count in counts.items() if count == fewest]
